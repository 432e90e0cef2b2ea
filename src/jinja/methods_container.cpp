// SPDX-License-Identifier: Apache-2.0
// Methods of lists, tuples and dicts.
#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include "jinja/arguments.h"
#include "jinja/globals.h"
#include "jinja/method_tables.h"
#include "jinja/operators.h"

namespace pangu::jinja {
namespace {

using Items = std::vector<Value>;

Value list_append_method(Context& context, const Value& self, const Arguments& given) {
  const Bound bound(context, "method 'append'", {"object"}, given, 1);
  context.charge_items(1);
  self.as_list().items.push_back(*bound.get(0));
  return Value::none();
}

Value list_extend_method(Context& context, const Value& self, const Arguments& given) {
  const Bound bound(context, "method 'extend'", {"iterable"}, given, 1);
  const Items more = iterate(context, *bound.get(0));
  context.charge_items(more.size());
  Items& items = self.as_list().items;
  items.insert(items.end(), more.begin(), more.end());
  return Value::none();
}

/// The place of index `at`, clamped to [0, n], as insert() and index() take it.
std::size_t clamped_index(std::int64_t at, std::size_t n) {
  const auto size = static_cast<std::int64_t>(n);
  return static_cast<std::size_t>(at < 0 ? std::max<std::int64_t>(at < -size ? 0 : at + size, 0)
                                         : std::min(at, size));
}

Value list_insert_method(Context& context, const Value& self, const Arguments& given) {
  const Bound bound(context, "method 'insert'", {"index", "object"}, given, 2);
  Items& items = self.as_list().items;
  context.charge_items(items.size() + 1);
  const std::size_t at = clamped_index(bound.integer(0, 0), items.size());
  items.insert(items.begin() + static_cast<std::ptrdiff_t>(at), *bound.get(1));
  return Value::none();
}

Value list_pop_method(Context& context, const Value& self, const Arguments& given) {
  const Bound bound(context, "method 'pop'", {"index"}, given);
  Items& items = self.as_list().items;
  context.charge_items(items.size());
  const auto n = static_cast<std::int64_t>(items.size());
  const std::int64_t at = bound.integer(0, -1);
  if (at < -n || at >= n) {
    context.fail<ConfigError>("pop() wants item {} of a list of {}.", at, n);
  }
  const auto item = items.begin() + static_cast<std::ptrdiff_t>(at < 0 ? at + n : at);
  Value out = *item;
  items.erase(item);
  return out;
}

/// The place of an item among items [from, to); nothing if it is not there.
std::optional<std::size_t> place_of(Context& context, const Items& items, const Value& item,
                                    std::size_t from, std::size_t to) {
  for (std::size_t i = from; i < std::min(to, items.size()); ++i) {
    if (equal(context, items[i], item)) return i;
  }
  return std::nullopt;
}

Value list_remove_method(Context& context, const Value& self, const Arguments& given) {
  const Bound bound(context, "method 'remove'", {"value"}, given, 1);
  Items& items = self.as_list().items;
  context.charge_items(items.size());
  const auto at = place_of(context, items, *bound.get(0), 0, items.size());
  if (!at) context.fail<ConfigError>("remove() wants to take out what is not in the list.");
  items.erase(items.begin() + static_cast<std::ptrdiff_t>(*at));
  return Value::none();
}

Value list_index_method(Context& context, const Value& self, const Arguments& given) {
  const Bound bound(context, "method 'index'", {"value", "start", "stop"}, given, 1);
  const Items& items = self.as_list().items;
  const std::size_t from = clamped_index(bound.integer(1, 0), items.size());
  const std::size_t to =
      bound.get(2) ? clamped_index(bound.integer(2, 0), items.size()) : items.size();
  const auto at = place_of(context, items, *bound.get(0), from, to);
  if (!at)
    context.fail<ConfigError>("index() looked for a value that is not in the {}.", type_name(self));
  return Value(static_cast<std::int64_t>(*at));
}

Value list_count_method(Context& context, const Value& self, const Arguments& given) {
  const Bound bound(context, "method 'count'", {"value"}, given, 1);
  std::int64_t count = 0;
  for (const Value& item : self.as_list().items) count += equal(context, item, *bound.get(0));
  return Value(count);
}

Value list_reverse_method(Context& context, const Value& self, const Arguments& given) {
  const Bound bound(context, "method 'reverse'", {}, given);
  Items& items = self.as_list().items;
  context.charge_items(items.size());
  std::reverse(items.begin(), items.end());
  return Value::none();
}

Value list_sort_method(Context& context, const Value& self, const Arguments& given) {
  const Bound bound(context, "method 'sort'", {"reverse"}, given);
  const bool is_reverse = bound.boolean(0, false);
  Items sorted = self.as_list().items;
  context.charge_items(sorted.size());
  std::stable_sort(sorted.begin(), sorted.end(), [&](const Value& a, const Value& b) {
    return is_reverse ? less(context, b, a) : less(context, a, b);
  });
  self.as_list().items = std::move(sorted);
  return Value::none();
}

Value list_copy_method(Context& context, const Value& self, const Arguments& given) {
  const Bound bound(context, "method 'copy'", {}, given);
  return context.list(self.as_list().items);
}

Value list_clear_method(Context& context, const Value& self, const Arguments& given) {
  const Bound bound(context, "method 'clear'", {}, given);
  self.as_list().items.clear();
  return Value::none();
}

Value dict_get_method(Context& context, const Value& self, const Arguments& given) {
  const Bound bound(context, "method 'get'", {"key", "default"}, given, 1);
  if (const Value* found = self.as_dict().find(context, *bound.get(0))) return *found;
  return bound.get(1) ? *bound.get(1) : Value::none();
}

template <List::Type kType>
Value view_method(Context& context, const Value& self, const Arguments& given) {
  const Bound bound(context, "a method without arguments", {}, given);
  Items out;
  for (const auto& [key, value] : self.as_dict().entries()) {
    if constexpr (kType == List::Type::kKeys) out.push_back(key);
    if constexpr (kType == List::Type::kValues) out.push_back(value);
    if constexpr (kType == List::Type::kItems) {
      out.push_back(context.list({key, value}, List::Type::kTuple));
    }
  }
  return context.list(std::move(out), kType);
}

Value dict_pop_method(Context& context, const Value& self, const Arguments& given) {
  const Bound bound(context, "method 'pop'", {"key", "default"}, given, 1);
  if (auto taken = self.as_dict().take(context, *bound.get(0))) return *taken;
  if (bound.get(1)) return *bound.get(1);
  context.fail<ConfigError>("pop() wants a key that is not in the dict. Give it a default.");
}

Value dict_popitem_method(Context& context, const Value& self, const Arguments& given) {
  const Bound bound(context, "method 'popitem'", {}, given);
  Dict& dict = self.as_dict();
  if (dict.entries().empty())
    context.fail<ConfigError>("popitem() wants an item of an empty dict.");
  const auto [key, value] = dict.entries().back();
  dict.take(context, key);
  return context.list({key, value}, List::Type::kTuple);
}

Value dict_setdefault_method(Context& context, const Value& self, const Arguments& given) {
  const Bound bound(context, "method 'setdefault'", {"key", "default"}, given, 1);
  Dict& dict = self.as_dict();
  if (const Value* found = dict.find(context, *bound.get(0))) return *found;
  Value value = bound.get(1) ? *bound.get(1) : Value::none();
  set_key(context, dict, *bound.get(0), value);
  return value;
}

Value dict_update_method(Context& context, const Value& self, const Arguments& given) {
  fill_dict(context, given, "update", self.as_dict());
  return Value::none();
}

Value dict_copy_method(Context& context, const Value& self, const Arguments& given) {
  const Bound bound(context, "method 'copy'", {}, given);
  Dict& out = context.dict();
  for (const auto& [key, value] : self.as_dict().entries()) out.set(context, key, value);
  return Value(&out);
}

Value dict_clear_method(Context& context, const Value& self, const Arguments& given) {
  const Bound bound(context, "method 'clear'", {}, given);
  self.as_dict().clear();
  return Value::none();
}

Value bit_length_method(Context& context, const Value& self, const Arguments& given) {
  const Bound bound(context, "method 'bit_length'", {}, given);
  if (!self.is_integral()) context.fail<ConfigError>("a float has no 'bit_length'.");
  const std::int64_t value = self.as_int();
  auto rest = value < 0 ? std::uint64_t{0} - static_cast<std::uint64_t>(value)
                        : static_cast<std::uint64_t>(value);
  std::int64_t bits = 0;
  for (; rest != 0; rest >>= 1) ++bits;
  return Value(bits);
}

Value is_integer_method(Context& context, const Value& self, const Arguments& given) {
  const Bound bound(context, "method 'is_integer'", {}, given);
  const double value = self.as_double();
  return Value(self.is_integral() || (std::isfinite(value) && std::floor(value) == value));
}

constexpr Method kListMethods[] = {
    {"append", list_append_method}, {"extend", list_extend_method},
    {"insert", list_insert_method}, {"pop", list_pop_method},
    {"remove", list_remove_method}, {"index", list_index_method},
    {"count", list_count_method},   {"reverse", list_reverse_method},
    {"sort", list_sort_method},     {"copy", list_copy_method},
    {"clear", list_clear_method},
};
constexpr Method kTupleMethods[] = {{"index", list_index_method}, {"count", list_count_method}};
constexpr Method kDictMethods[] = {
    {"get", dict_get_method},
    {"keys", view_method<List::Type::kKeys>},
    {"values", view_method<List::Type::kValues>},
    {"items", view_method<List::Type::kItems>},
    {"pop", dict_pop_method},
    {"popitem", dict_popitem_method},
    {"setdefault", dict_setdefault_method},
    {"update", dict_update_method},
    {"copy", dict_copy_method},
    {"clear", dict_clear_method},
};
constexpr Method kNumberMethods[] = {{"bit_length", bit_length_method},
                                     {"is_integer", is_integer_method}};

}  // namespace

std::span<const Method> list_methods() {
  return kListMethods;
}

std::span<const Method> tuple_methods() {
  return kTupleMethods;
}

std::span<const Method> dict_methods() {
  return kDictMethods;
}

std::span<const Method> number_methods() {
  return kNumberMethods;
}

}  // namespace pangu::jinja
