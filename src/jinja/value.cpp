// SPDX-License-Identifier: Apache-2.0
// Accessors of values, Python's truth, and dictionaries that keep their order.
#include "jinja/value.h"

#include <fmt/format.h>

#include <cmath>
#include <iterator>

#include "jinja/context.h"

namespace pangu::jinja {
namespace {

/// What looking a key up costs, and the memory of an entry beside its key's bytes.
constexpr std::size_t kLookupBytes = 16;
constexpr std::size_t kEntryBytes = 160;

std::optional<std::string> canonical_key(Context& context, const Value& key);

/// The keys of the items, each with its length before, so that no two tuples look alike.
std::optional<std::string> tuple_key(Context& context, const List& tuple) {
  const DepthGuard guard(context);
  std::string out = "t";
  for (const Value& item : tuple.items) {
    const auto key = canonical_key(context, item);
    if (!key) return std::nullopt;
    context.charge_bytes(key->size() + kLookupBytes);
    out += fmt::format("{}:{}", key->size(), *key);
  }
  return out;
}

/// One string per key that Python would hash and compare as equal, or nothing if unhashable.
std::optional<std::string> canonical_key(Context& context, const Value& key) {
  context.charge_bytes(kLookupBytes);
  switch (key.kind()) {
    case Kind::kString:
      context.charge_bytes(key.as_string().size());
      return "s" + key.as_string();
    case Kind::kNone:
      return "none";
    case Kind::kBool:
    case Kind::kInt:
      return fmt::format("i{}", key.as_int());
    case Kind::kFloat: {
      const double value = key.as_double();
      // 2^53: beyond it not every integer is a double, but every double is an integer.
      const bool is_whole = std::floor(value) == value && std::abs(value) < 9007199254740992.0;
      if (is_whole) return fmt::format("i{}", static_cast<std::int64_t>(value));
      return fmt::format("f{}", value);
    }
    case Kind::kList:
      if (key.as_list().type == List::Type::kTuple) return tuple_key(context, key.as_list());
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

}  // namespace

Value Value::none() {
  Value value;
  value.data_ = None{};
  return value;
}

Value Value::undefined(const std::string& name) {
  Value value;
  value.data_ = Undefined{&name};
  return value;
}

std::int64_t Value::as_int() const {
  return is(Kind::kBool) ? std::int64_t{as_bool()} : std::get<std::int64_t>(data_);
}

double Value::as_double() const {
  return is(Kind::kFloat) ? std::get<double>(data_) : static_cast<double>(as_int());
}

std::string Value::undefined_name() const {
  const auto* undefined = std::get_if<Undefined>(&data_);
  if (!undefined || !undefined->name) return "a value";
  return "'" + *undefined->name + "'";
}

const Value* Dict::find(Context& context, const Value& key) const {
  const auto canonical = canonical_key(context, key);
  if (!canonical) return nullptr;
  const auto found = index_.find(*canonical);
  return found == index_.end() ? nullptr : &entries_[found->second].second;
}

const Value* Dict::find(Context& context, std::string_view key) const {
  context.charge_bytes(kLookupBytes + key.size());
  const auto found = index_.find("s" + std::string(key));
  return found == index_.end() ? nullptr : &entries_[found->second].second;
}

bool Dict::set(Context& context, const Value& key, Value value) {
  auto canonical = canonical_key(context, key);
  if (!canonical) return false;
  const auto [found, is_new] = index_.try_emplace(std::move(*canonical), entries_.size());
  if (is_new) {
    context.charge_bytes(kEntryBytes + found->first.size());
    entries_.emplace_back(key, std::move(value));
  } else {
    entries_[found->second].second = std::move(value);
  }
  return true;
}

std::optional<Value> Dict::take(Context& context, const Value& key) {
  const auto canonical = canonical_key(context, key);
  const auto found = canonical ? index_.find(*canonical) : index_.end();
  if (found == index_.end()) return std::nullopt;
  context.charge(entries_.size());
  const std::size_t at = found->second;
  Value out = std::move(entries_[at].second);
  entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(at));
  index_.erase(found);
  for (auto& [name, position] : index_) position -= position > at ? 1 : 0;
  return out;
}

void Dict::clear() {
  entries_.clear();
  index_.clear();
}

std::string_view type_name(const Value& value) {
  static constexpr std::string_view kListNames[] = {
      "list", "tuple", "range", "dict view", "dict view", "dict view", "generator"};
  static constexpr std::string_view kNames[] = {"undefined", "none",     "bool", "int",
                                                "float",     "str",      "",     "dict",
                                                "namespace", "function", "loop", ""};
  if (value.is(Kind::kHelper)) return value.as_helper().is_cycler ? "cycler" : "joiner";
  if (value.is(Kind::kList)) return kListNames[static_cast<std::size_t>(value.as_list().type)];
  return kNames[static_cast<std::size_t>(value.kind())];
}

bool truthy(const Value& value) {
  switch (value.kind()) {
    case Kind::kUndefined:
    case Kind::kNone:
      return false;
    case Kind::kBool:
    case Kind::kInt:
      return value.as_int() != 0;
    case Kind::kFloat:
      return value.as_double() != 0.0;
    case Kind::kString:
      return !value.as_string().empty();
    case Kind::kList:
      return !value.as_list().has_length() || !value.as_list().items.empty();
    case Kind::kDict:
      return !value.as_dict().entries().empty();
    case Kind::kNamespace:
    case Kind::kFunction:
    case Kind::kLoop:
    case Kind::kHelper:
      return true;
  }
  return true;
}

}  // namespace pangu::jinja
