// SPDX-License-Identifier: Apache-2.0
// Characters and substrings of valid UTF-8, as Python's str counts and treats them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace pangu::jinja {

std::size_t count_chars(std::string_view text);

/// Byte offset of character `index`, or the size of the text if it has no more characters.
std::size_t char_offset(std::string_view text, std::size_t index);

/// Byte offset of the character before the one that begins at `end`, which is not 0.
std::size_t previous_char(std::string_view text, std::size_t end);

/// Byte range that stays when characters of `chars` (whitespace if absent) go from the sides.
struct Bounds {
  std::size_t begin;
  std::size_t end;
};
Bounds strip_bounds(std::string_view text, std::optional<std::string_view> chars, bool left,
                    bool right);

/// Whether no character `is_other` and at least one `is_this`: str.islower() and str.isupper().
/// Letters of mixed case are neither.
bool all_in_case(std::string_view text, bool (*is_other)(char32_t), bool (*is_this)(char32_t));

/// `text` without whitespace on either side.
std::string_view stripped(std::string_view text);

/// Byte offset of `needle` at or after `from`, or npos; in time linear in the text, whatever the
/// needle.
std::size_t find_text(std::string_view text, std::string_view needle, std::size_t from = 0);

/// Byte offset of the last `needle`, or npos.
std::size_t find_last_text(std::string_view text, std::string_view needle);

/// The bytes of characters [start, stop) as Python's str.find() takes them: counted from the end
/// when negative, absent for the whole text. An empty range that matches nothing, not even an empty
/// needle, begins behind the end.
Bounds char_range(std::string_view text, std::optional<std::int64_t> start,
                  std::optional<std::int64_t> stop);

}  // namespace pangu::jinja
