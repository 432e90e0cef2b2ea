// SPDX-License-Identifier: Apache-2.0
// JSON files, and the typed getters.
#include "io/json.h"

#include <limits>
#include <utility>

#include "base/clipped.h"
#include "base/error.h"
#include "io/atomic_file.h"
#include "io/mapped_file.h"
#include "io/option_error.h"
#include "io/ordered_json.h"

namespace pangu {
namespace {

std::string int_range(std::int64_t min, std::int64_t max) {
  if (max == std::numeric_limits<std::int64_t>::max()) {
    return fmt::format("an integer of at least {}", min);
  }
  return fmt::format("an integer from {} to {}", min, max);
}

/// `J` is Json or OrderedJson.
template <class J>
std::string described(const J& value) {
  switch (value.type()) {
    case J::value_t::null:
      return "null";
    case J::value_t::string:
      return fmt::format("\"{}\" (a string)",
                         clipped(value.template get_ref<const std::string&>()));
    case J::value_t::boolean:
      return fmt::format("{} (a boolean)", value.template get<bool>());
    case J::value_t::array:
      return fmt::format("an array of {}", value.size());
    case J::value_t::object:
      return fmt::format("an object with {} keys", value.size());
    default:
      return value.dump();
  }
}

}  // namespace

Json read_json(const std::filesystem::path& path, const JsonLimits& limits) {
  const MappedFile file(path);
  return parse_json({reinterpret_cast<const char*>(file.data()), file.size()}, path.string(),
                    limits);
}

std::string json_text(const Json& json, int indent) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

void write_json(const std::filesystem::path& path, const Json& json) {
  write_file_atomically(path, json_text(json, 2) + "\n");
}

std::string reason_of(const Json::exception& error) {
  std::string_view reason = error.what();
  if (const std::size_t tag = reason.find("] "); tag != std::string_view::npos) {
    reason.remove_prefix(tag + 2);
  }
  return clipped(reason, 300);
}

std::string describe(const Json& value) {
  return described(value);
}

std::string describe(const OrderedJson& value) {
  return described(value);
}

JsonObject::JsonObject(std::string file, const Json& value, JsonOrigin origin)
    : JsonObject(std::move(file), "", value,
                 std::make_shared<const JsonOrigin>(std::move(origin))) {
  if (!value.is_object()) {
    fail<ConfigError>("[config] {} is {}; a JSON object was expected. Is this the right file?",
                      file_, describe(value));
  }
}

JsonObject::JsonObject(std::string file, std::string prefix, const Json& value,
                       std::shared_ptr<const JsonOrigin> origin)
    : file_(std::move(file)),
      prefix_(std::move(prefix)),
      json_(&value),
      origin_(std::move(origin)) {}

const Json* JsonObject::find(std::string_view key) const {
  const auto it = json_->find(key);
  return it == json_->end() || it->is_null() ? nullptr : &*it;
}

std::string JsonObject::full_key(std::string_view key) const {
  return prefix_ + std::string(key);
}

void JsonObject::reject(std::string_view key, std::string_view expected) const {
  const auto it = json_->find(key);
  if (it == json_->end()) {
    fail<ConfigError>("[config] {}: the key {} is missing; {} was expected. {}", file_,
                      clipped(full_key(key), 200), expected, origin_->advice_for_missing);
  }
  reject_value(key, *it, expected);
}

void JsonObject::reject_value(std::string_view key, const Json& found,
                              std::string_view expected) const {
  const std::string path = full_key(key);
  const auto option = origin_->options.find(path);
  if (option != origin_->options.end()) {
    fail<OptionError>("[config] {}: the key {} is {}; {} was expected. Give another value.",
                      option->second, clipped(path, 200), describe(found), expected);
  }
  fail<ConfigError>("[config] {}: the key {} is {}; {} was expected. {}", file_, clipped(path, 200),
                    describe(found), expected, origin_->advice);
}

std::string JsonObject::options_of(std::string_view key) const {
  const std::string path = full_key(key) + ".";
  std::vector<std::string_view> given;
  for (const auto& [option_path, text] : origin_->options) {
    const std::string other = option_path + ".";
    if (path.starts_with(other) || other.starts_with(path)) given.push_back(text);
  }
  return fmt::format("{}", fmt::join(given, ", "));
}

void JsonObject::reject_together(std::initializer_list<std::string_view> keys,
                                 std::string_view what) const {
  std::string given;
  for (const std::string_view key : keys) {
    const std::string more = options_of(key);
    if (given.find(more) == std::string::npos) given += (given.empty() ? "" : ", ") + more;
  }
  if (given.empty()) fail<ConfigError>("[config] {}: {}", file_, what);
  fail<OptionError>("[config] {}: {}", given, what);
}

void JsonObject::reject_element(std::string_view key, std::size_t index,
                                std::string_view expected) const {
  reject_value(fmt::format("{}[{}]", key, index), json_->at(std::string(key)).at(index), expected);
}

const Json& JsonObject::require(std::string_view key, std::string_view expected) const {
  const Json* found = find(key);
  if (!found) reject(key, expected);
  return *found;
}

std::int64_t JsonObject::checked_int(std::string_view key, const Json& found, std::int64_t min,
                                     std::int64_t max, std::string_view expected) const {
  const bool too_big = found.is_number_unsigned() &&
                       found.get<std::uint64_t>() >
                           static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (too_big) reject_value(key, found, fmt::format("an integer from {} to {}", min, max));
  if (!found.is_number_integer()) reject_value(key, found, expected);
  const auto value = found.get<std::int64_t>();
  if (value < min || value > max) reject_value(key, found, expected);
  return value;
}

std::int64_t JsonObject::get_int(std::string_view key, std::int64_t min, std::int64_t max) const {
  const std::string expected = int_range(min, max);
  return checked_int(key, require(key, expected), min, max, expected);
}

double JsonObject::get_number(std::string_view key, double min, double max) const {
  const std::string expected = fmt::format("a number from {} to {}", min, max);
  const Json& found = require(key, expected);
  if (!found.is_number()) reject_value(key, found, expected);
  const auto value = found.get<double>();
  if (!(value >= min && value <= max)) reject_value(key, found, expected);
  return value;
}

const std::string& JsonObject::get_string(std::string_view key) const {
  const Json& found = require(key, "a string");
  if (!found.is_string()) reject_value(key, found, "a string");
  return found.get_ref<const std::string&>();
}

bool JsonObject::get_bool(std::string_view key) const {
  const Json& found = require(key, "true or false");
  if (!found.is_boolean()) reject_value(key, found, "true or false");
  return found.get<bool>();
}

std::vector<std::int64_t> JsonObject::get_ints(std::string_view key, std::int64_t min,
                                               std::int64_t max) const {
  const std::string one = int_range(min, max);
  const std::string expected = one + ", or an array of such,";
  const Json& found = require(key, expected);
  std::vector<std::int64_t> values;
  if (!found.is_array()) {
    values.push_back(checked_int(key, found, min, max, expected));
    return values;
  }
  for (const Json& element : found) {
    const std::string name = fmt::format("{}[{}]", key, values.size());
    values.push_back(checked_int(name, element, min, max, one));
  }
  return values;
}

JsonObject JsonObject::get_object(std::string_view key) const {
  const Json& found = require(key, "an object");
  if (!found.is_object()) reject_value(key, found, "an object");
  return {file_, full_key(key) + ".", found, origin_};
}

JsonObject JsonObject::get_element(std::string_view key, std::size_t index) const {
  const Json& found = require(key, "an array").at(index);
  if (!found.is_object()) reject_element(key, index, "an object");
  return {file_, fmt::format("{}[{}].", full_key(key), index), found, origin_};
}

std::int64_t JsonObject::get_int_or(std::string_view key, std::int64_t fallback, std::int64_t min,
                                    std::int64_t max) const {
  return contains(key) ? get_int(key, min, max) : fallback;
}

double JsonObject::get_number_or(std::string_view key, double fallback, double min,
                                 double max) const {
  return contains(key) ? get_number(key, min, max) : fallback;
}

std::string JsonObject::get_string_or(std::string_view key, std::string_view fallback) const {
  return contains(key) ? get_string(key) : std::string(fallback);
}

bool JsonObject::get_bool_or(std::string_view key, bool fallback) const {
  return contains(key) ? get_bool(key) : fallback;
}

}  // namespace pangu
