// SPDX-License-Identifier: Apache-2.0
#include "serve/api/fields.h"

#include <fmt/format.h>

#include "pangu/error.h"
#include "serve/api_error.h"

namespace pangu::serve {
namespace {

/// A body of some megabytes of text has few values; one of brackets alone must not cost gigabytes.
/// Keys are kept in order, which takes time for all keys of an object at each.
constexpr JsonLimits kBodyLimits{
    .max_bytes = std::size_t{1} << 30, .max_depth = 64, .max_values = 1'000'000, .max_keys = 1000};
constexpr std::size_t kShownKeys = 20;
constexpr std::size_t kShownBytes = 64;     ///< of one of them
constexpr std::size_t kHeaderBytes = 2000;  ///< clients take about 8 KiB of headers

/// Whether a key may become part of a header.
bool is_name(std::string_view key) {
  constexpr std::string_view kLetters =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
  return !key.empty() && key.find_first_not_of(kLetters) == key.npos;
}

}  // namespace

Fields::Fields(const OrderedJson& object, std::string path)
    : json_(&object), path_(std::move(path)) {
  if (object.is_object()) return;
  const std::string where = path_.empty() ? "" : path_.substr(0, path_.size() - 1);
  throw bad_request(where, fmt::format("{} is {}. A JSON object was expected.",
                                       where.empty() ? "The body" : where, describe(object)));
}

const OrderedJson* Fields::find(std::string_view key) {
  used_.emplace(key);
  const auto at = json_->find(key);
  return at == json_->end() || at->is_null() ? nullptr : &*at;
}

const OrderedJson& Fields::needed(std::string_view key) {
  const OrderedJson* value = find(key);
  if (value == nullptr) throw bad_request(name(key), name(key) + " is missing.");
  return *value;
}

std::string Fields::needed_text(std::string_view key) {
  static_cast<void>(needed(key));
  return *text(key);
}

std::optional<std::int64_t> Fields::integer(std::string_view key, std::int64_t min,
                                            std::int64_t max) {
  const OrderedJson* value = find(key);
  if (value == nullptr) return std::nullopt;
  const std::string expected = fmt::format("a whole number from {} to {}", min, max);
  if (value->is_number_float()) {
    const auto whole = value->get<double>();  // 100.0, as some clients write it
    if (whole !=
        static_cast<double>(static_cast<std::int64_t>(std::min(std::max(whole, -9e15), 9e15)))) {
      reject(key, expected);
    }
    const auto n = static_cast<std::int64_t>(whole);
    if (n < min || n > max) reject(key, expected);
    return n;
  }
  if (!value->is_number_integer()) reject(key, expected);
  if (value->is_number_unsigned() && value->get<std::uint64_t>() > INT64_MAX) reject(key, expected);
  const auto n = value->get<std::int64_t>();
  if (n < min || n > max) reject(key, expected);
  return n;
}

std::optional<double> Fields::number(std::string_view key, double min, double max) {
  const OrderedJson* value = find(key);
  if (value == nullptr) return std::nullopt;
  const auto n = value->is_number() ? value->get<double>() : max + 1;
  if (!value->is_number() || !(n >= min && n <= max)) {
    reject(key, fmt::format("a number from {} to {}", min, max));
  }
  return n;
}

std::optional<bool> Fields::boolean(std::string_view key) {
  const OrderedJson* value = find(key);
  if (value == nullptr) return std::nullopt;
  if (!value->is_boolean()) reject(key, "true or false");
  return value->get<bool>();
}

std::optional<std::string> Fields::text(std::string_view key) {
  const OrderedJson* value = find(key);
  if (value == nullptr) return std::nullopt;
  if (!value->is_string()) reject(key, "a string");
  return value->get<std::string>();
}

std::vector<std::string> Fields::texts(std::string_view key, std::size_t most) {
  const OrderedJson* value = find(key);
  if (value == nullptr) return {};
  const std::string expected = fmt::format("a string, or an array of at most {} strings", most);
  if (value->is_string()) return {value->get<std::string>()};
  if (!value->is_array() || value->size() > most) reject(key, expected);
  std::vector<std::string> out;
  for (const OrderedJson& element : *value) {
    if (!element.is_string()) reject(key, expected);
    out.push_back(element.get<std::string>());
  }
  return out;
}

std::optional<Fields> Fields::object(std::string_view key) {
  const OrderedJson* value = find(key);
  if (value == nullptr) return std::nullopt;
  return Fields(*value, name(key) + ".");
}

void Fields::ignore(std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) used_.emplace(key);
}

std::string Fields::name(std::string_view key) const {
  return fmt::format("{}{}", path_, key);
}

void Fields::reject(std::string_view key, const std::string& expected) {
  const auto at = json_->find(key);
  throw bad_request(name(key),
                    fmt::format("{} is {}. Expected: {}.", name(key),
                                at == json_->end() ? "missing" : describe(*at), expected));
}

void Fields::note_unused(std::string_view key, std::string_view what) {
  const std::string_view shown = is_name(what) ? what.substr(0, kShownBytes) : "?";
  inner_unused_.push_back(fmt::format("{}.{}", name(key), shown));
}

std::string Fields::unused() const {
  std::string out;
  std::size_t shown = 0;
  for (const auto& [key, value] : json_->items()) {
    if (used_.contains(key) || !is_name(key) || shown == kShownKeys) continue;
    out += fmt::format("{}{}{}", out.empty() ? "" : ", ", path_, key.substr(0, kShownBytes));
    ++shown;
  }
  for (const std::string& inner : inner_unused_) {
    if (inner.empty() || out.size() + inner.size() > kHeaderBytes) continue;
    out += (out.empty() ? "" : ", ") + inner;
  }
  return out;
}

OrderedJson parse_body(std::string_view body) {
  OrderedJson out;
  try {
    out = parse_ordered_json(body, "request body", kBodyLimits);
  } catch (const Error& error) {
    throw bad_request("", error.what());
  }
  static_cast<void>(Fields(out));
  return out;
}

}  // namespace pangu::serve
