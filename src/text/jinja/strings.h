// SPDX-License-Identifier: Apache-2.0
// Characters and substrings of valid UTF-8, as Python's str counts and treats them.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace pangu::jinja {

/// Python's str.isspace() of one character.
bool is_space(char32_t c);

/// The other case of a letter, or the character itself. Covers Latin, Greek, Cyrillic and Armenian
/// letters that map to one character each; others stay as they are.
char32_t to_upper(char32_t c);
char32_t to_lower(char32_t c);

/// Whether Python would print the character as it is within repr().
bool is_printable(char32_t c);

std::size_t count_chars(std::string_view text);

/// Byte offset of character `index`, or the size of the text if it has no more characters.
std::size_t char_offset(std::string_view text, std::size_t index);

/// Byte range that stays when characters of `chars` (whitespace if absent) go from the sides.
struct Bounds {
  std::size_t begin;
  std::size_t end;
};
Bounds strip_bounds(std::string_view text, std::optional<std::string_view> chars, bool left,
                    bool right);

/// `text` without whitespace on either side.
std::string_view stripped(std::string_view text);

/// Byte offset of `needle` at or after `from`, or npos; in time linear in the text, whatever the
/// needle.
std::size_t find_text(std::string_view text, std::string_view needle, std::size_t from = 0);

}  // namespace pangu::jinja
