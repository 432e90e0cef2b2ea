// SPDX-License-Identifier: Apache-2.0
// Typed access to the body of a request, whose objects keep the order of their keys: templates show
// tools in it, and replies follow that of a schema. Getters throw ApiError (400) naming the key,
// what was found and what was expected. A null counts as absent, as clients send it. Keys that
// nobody asked for are remembered: they have no effect, and the answer says so in a header.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "io/ordered_json.h"

namespace pangu::serve {

class Fields {
 public:
  /// `path` is what keys are behind: "" or "stream_options.". Throws unless it is an object.
  explicit Fields(const OrderedJson& object, std::string path = {});

  /// The value of a key; null if it is absent or null.
  const OrderedJson* find(std::string_view key);
  bool has(std::string_view key) { return find(key) != nullptr; }

  /// The value of a key that must be there.
  const OrderedJson& needed(std::string_view key);
  std::string needed_text(std::string_view key);

  std::optional<std::int64_t> integer(std::string_view key, std::int64_t min, std::int64_t max);
  std::optional<double> number(std::string_view key, double min, double max);
  std::optional<bool> boolean(std::string_view key);
  std::optional<std::string> text(std::string_view key);
  /// One string, or an array of at most `most`.
  std::vector<std::string> texts(std::string_view key, std::size_t most);
  std::optional<Fields> object(std::string_view key);

  /// Takes note of keys that are known and have no effect on purpose.
  void ignore(std::initializer_list<std::string_view> keys);

  /// "stream_options.include_usage"
  std::string name(std::string_view key) const;
  [[noreturn]] void reject(std::string_view key, const std::string& expected);

  /// Counts the unused keys of an object within among its own.
  void include_unused(const Fields& inner) { inner_unused_.push_back(inner.unused()); }

  /// Counts something within `key` that has no effect, such as a tool of a kind that is not
  /// offered.
  void note_unused(std::string_view key, std::string_view what);

  /// Keys that nobody asked for, separated by commas.
  std::string unused() const;

 private:
  const OrderedJson* json_;
  std::string path_;
  std::set<std::string, std::less<>> used_;
  std::vector<std::string> inner_unused_;
};

/// Whether a value is a text without characters.
inline bool is_empty_text(const OrderedJson& value) {
  return value.is_string() && value.get_ref<const std::string&>().empty();
}

/// The body of a request, which must be a JSON object. Throws ApiError (400).
OrderedJson parse_body(std::string_view body);

}  // namespace pangu::serve
