// SPDX-License-Identifier: Apache-2.0
// Reading numbers and escape sequences as Python writes them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pangu::jinja {

/// Python's int(text, base) for a base of 2 to 36, or 0 to go by the prefix 0x, 0o or 0b: blanks
/// around, a sign and single underscores between digits are allowed. Nothing if the text is no such
/// number or does not fit 64 bits.
std::optional<std::int64_t> parse_int(std::string_view text, int base);

/// Python's float(text), including inf and nan.
std::optional<double> parse_float(std::string_view text);

/// Resolves the backslash escapes of a Python string literal's inside. On failure `error` says why
/// and nothing is returned.
std::optional<std::string> unescape(std::string_view inside, std::string& error);

}  // namespace pangu::jinja
