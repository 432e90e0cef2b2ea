// SPDX-License-Identifier: Apache-2.0
// JSON files read under limits, and typed access whose errors name the file and the key.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <limits>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace pangu {

using Json = nlohmann::json;

/// What a file may cost. The defaults hold the largest tokenizer.json in use several times over.
struct JsonLimits {
  std::size_t max_bytes = std::size_t{64} << 20;
  /// Nested arrays and objects; copying and writing recurse this deep.
  std::size_t max_depth = 64;
  /// Values in total: one takes up to 30 times its bytes of text in memory.
  std::size_t max_values = 8'000'000;
  /// Keys of one object. Objects that keep the order of their keys take time for all of them at
  /// each.
  std::size_t max_keys = std::numeric_limits<std::size_t>::max();
  /// Takes // and /* */ for comments, in files that people write.
  bool allow_comments = false;
};

/// Parses `text` (RFC 8259, UTF-8); `file` names it in messages. Keys that appear twice in one
/// object are refused, because readers disagree about which one counts.
/// Throws FileError with line and column, or with the limit that was passed.
Json parse_json(std::string_view text, std::string_view file, const JsonLimits& limits = {});

/// Reads and parses a file. Throws as parse_json and MappedFile do.
Json read_json(const std::filesystem::path& path, const JsonLimits& limits = {});

/// A value as text: on one line, or indented. Bytes that are no UTF-8 become U+FFFD, for names of
/// files may hold them, and what was computed must not be lost over a name.
std::string json_text(const Json& json, int indent = -1);

/// Writes a file that people may read, indented, atomically (write_file_atomically).
void write_json(const std::filesystem::path& path, const Json& json);
/// One with an order of keys would lose it on the way to Json.
template <std::same_as<nlohmann::ordered_json> Ordered>
void write_json(const std::filesystem::path& path, const Ordered& json) = delete;

/// Where values come from and what helps against wrong ones, for messages.
struct JsonOrigin {
  /// What to do about an unfit value, and about a missing key.
  std::string advice = "Correct the file, or use the one that came with the model.";
  std::string advice_for_missing = "Add it, or use the file that came with the model.";
  /// Keys with their full path that did not come from the file, and the option that gave them.
  std::map<std::string, std::string, std::less<>> options;
};

/// A view of one JSON object. Getters throw ConfigError naming the file, the key with its full
/// path ("rope_scaling.factor"), what was found and what was expected. Ranges include both ends.
/// The *_or getters take a missing key and a null alike as the fallback, as Hugging Face does.
/// The value must outlive the view.
class JsonObject {
 public:
  /// Throws ConfigError unless `value` is an object.
  JsonObject(std::string file, const Json& value, JsonOrigin origin = {});

  /// Whether the key is there and not null.
  bool contains(std::string_view key) const { return find(key) != nullptr; }

  std::int64_t get_int(std::string_view key, std::int64_t min, std::int64_t max) const;
  double get_number(std::string_view key, double min, double max) const;
  const std::string& get_string(std::string_view key) const;
  bool get_bool(std::string_view key) const;
  /// An array of integers; a bare integer counts as an array of one.
  std::vector<std::int64_t> get_ints(std::string_view key, std::int64_t min,
                                     std::int64_t max) const;
  JsonObject get_object(std::string_view key) const;
  /// An element of the array `key`, which must be an object.
  JsonObject get_element(std::string_view key, std::size_t index) const;

  std::int64_t get_int_or(std::string_view key, std::int64_t fallback, std::int64_t min,
                          std::int64_t max) const;
  double get_number_or(std::string_view key, double fallback, double min, double max) const;
  std::string get_string_or(std::string_view key, std::string_view fallback) const;
  bool get_bool_or(std::string_view key, bool fallback) const;

  /// The value of a key, or nullptr if it is missing or null.
  const Json* find(std::string_view key) const;
  /// "rope_scaling.factor" for the key "factor" of the object "rope_scaling".
  std::string full_key(std::string_view key) const;
  const std::string& file() const { return file_; }
  const Json& json() const { return *json_; }

  /// Throws ConfigError that `key` has an unfit value; `expected` completes "... was expected".
  [[noreturn]] void reject(std::string_view key, std::string_view expected) const;
  /// The same of an element of the array `key`.
  [[noreturn]] void reject_element(std::string_view key, std::size_t index,
                                   std::string_view expected) const;
  /// Throws that these keys do not go together, with `what` as the message: OptionError naming the
  /// options that gave some of them, ConfigError naming the file where none did.
  [[noreturn]] void reject_together(std::initializer_list<std::string_view> keys,
                                    std::string_view what) const;

 private:
  /// The options that gave this key, a part of it or what it is a part of; empty if none did.
  std::string options_of(std::string_view key) const;
  JsonObject(std::string file, std::string prefix, const Json& value,
             std::shared_ptr<const JsonOrigin> origin);
  [[noreturn]] void reject_value(std::string_view key, const Json& found,
                                 std::string_view expected) const;
  /// The value of a key that must be there; throws what `expected` says.
  const Json& require(std::string_view key, std::string_view expected) const;
  std::int64_t checked_int(std::string_view key, const Json& found, std::int64_t min,
                           std::int64_t max, std::string_view expected) const;

  std::string file_;
  std::string prefix_;
  const Json* json_;
  std::shared_ptr<const JsonOrigin> origin_;
};

/// A value as messages show it: clipped, with its type ("\"4096\" (a string)").
std::string describe(const Json& value);

/// What the JSON library has to say, clipped and without its own tag.
std::string reason_of(const Json::exception& error);

}  // namespace pangu
