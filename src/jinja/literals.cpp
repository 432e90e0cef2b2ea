// SPDX-License-Identifier: Apache-2.0
// Numbers through from_chars, which knows no locale; escapes one character at a time.
#include "jinja/literals.h"

#include <charconv>
#include <cstddef>
#include <limits>
#include <system_error>

#include "base/utf8.h"
#include "jinja/characters.h"
#include "jinja/strings.h"

namespace pangu::jinja {
namespace {

/// The text with decimals of other scripts as 0 to 9.
std::string with_ascii_digits(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    const char32_t c = utf8::next(text, at);
    if (c >= 0x80 && is_decimal(c)) {
      out += static_cast<char>('0' + decimal_value(c));
    } else {
      out += text.substr(begin, at - begin);
    }
  }
  return out;
}

/// The text without underscores, or nothing if one does not stand between two digits.
std::optional<std::string> without_underscores(std::string_view text) {
  const auto is_digit = [&](std::size_t i) {
    const char c = i < text.size() ? text[i] : ' ';
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  };
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '_') {
      out += text[i];
    } else if (i == 0 || !is_digit(i - 1) || !is_digit(i + 1)) {
      return std::nullopt;
    }
  }
  return out;
}

bool take_sign(std::string& text) {
  const bool is_negative = text.starts_with('-');
  if (is_negative || text.starts_with('+')) text.erase(0, 1);
  return is_negative;
}

/// Base named by a prefix (removed) that fits `base`, else `base` or 10.
int take_prefix(std::string& text, int base) {
  if (text.size() > 2 && text[0] == '0') {
    const char letter = static_cast<char>(text[1] | 0x20);
    const int named = letter == 'x' ? 16 : letter == 'o' ? 8 : letter == 'b' ? 2 : 0;
    if (named != 0 && (base == 0 || base == named)) {
      text.erase(0, 2);
      return named;
    }
  }
  return base == 0 ? 10 : base;
}

/// Appends the code point written with exactly `digits` hexadecimal digits after `at`.
bool append_hex(std::string_view inside, std::size_t& at, std::size_t digits, std::string& out) {
  if (inside.size() - at < digits) return false;
  std::uint32_t code_point = 0;
  const char* begin = inside.data() + at;
  const auto [end, code] = std::from_chars(begin, begin + digits, code_point, 16);
  if (code != std::errc() || end != begin + digits) return false;
  if (code_point > 0x10FFFF || (code_point >= 0xD800 && code_point < 0xE000)) return false;
  utf8::append(out, code_point);
  at += digits;
  return true;
}

void append_octal(std::string_view inside, std::size_t& at, std::string& out) {
  char32_t code_point = 0;
  for (int i = 0; i < 3 && at < inside.size() && inside[at] >= '0' && inside[at] <= '7'; ++i) {
    code_point = code_point * 8 + static_cast<char32_t>(inside[at++] - '0');
  }
  utf8::append(out, code_point);
}

}  // namespace

std::optional<std::int64_t> parse_int(std::string_view text, int base) {
  const std::string plain = with_ascii_digits(stripped(text));
  auto digits = without_underscores(plain);
  if (!digits) return std::nullopt;
  const bool is_negative = take_sign(*digits);
  base = take_prefix(*digits, base);
  std::uint64_t magnitude = 0;
  const char* end = digits->data() + digits->size();
  const auto [stop, code] = std::from_chars(digits->data(), end, magnitude, base);
  if (code != std::errc() || stop != end) return std::nullopt;
  constexpr auto kMax = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (magnitude > kMax + (is_negative ? 1 : 0)) return std::nullopt;
  return static_cast<std::int64_t>(is_negative ? -magnitude : magnitude);
}

std::optional<double> parse_float(std::string_view text) {
  const std::string plain = with_ascii_digits(stripped(text));
  auto digits = without_underscores(plain);
  if (!digits) return std::nullopt;
  const bool is_negative = take_sign(*digits);
  // from_chars would take a second sign and a payload as in nan(1).
  if (digits->starts_with('-') || digits->find('(') != std::string::npos) return std::nullopt;
  double value = 0;
  const char* end = digits->data() + digits->size();
  const auto [stop, code] = std::from_chars(digits->data(), end, value);
  if (stop != end || digits->empty() || code == std::errc::invalid_argument) return std::nullopt;
  if (code == std::errc::result_out_of_range) {
    const bool is_tiny = digits->find("e-") != std::string::npos ||
                         digits->find("E-") != std::string::npos || digits->starts_with("0.");
    value = is_tiny ? 0.0 : std::numeric_limits<double>::infinity();
  }
  return is_negative ? -value : value;
}

std::optional<std::string> unescape(std::string_view inside, std::string& error) {
  static constexpr std::string_view kLetters = "abfnrtv\\'\"";
  static constexpr std::string_view kMeanings = "\a\b\f\n\r\t\v\\'\"";
  std::string out;
  for (std::size_t at = 0; at < inside.size();) {
    if (inside[at] != '\\' || at + 1 == inside.size()) {
      out += inside[at++];
      continue;
    }
    const char letter = inside[at + 1];
    at += 2;
    if (const auto known = kLetters.find(letter); known != std::string_view::npos) {
      out += kMeanings[known];
    } else if (letter == '\n') {
      continue;  // A backslash at the end of a line joins it with the next.
    } else if (letter >= '0' && letter <= '7') {
      append_octal(inside, --at, out);
    } else if (letter == 'x' || letter == 'u' || letter == 'U') {
      if (append_hex(inside, at, letter == 'x' ? 2 : letter == 'u' ? 4 : 8, out)) continue;
      error = "the escape \\";
      error += letter;
      error += " needs the hexadecimal number of a character";
      return std::nullopt;
    } else if (letter == 'N') {
      error = "character names (\\N{...}) are not covered";
      return std::nullopt;
    } else {
      out += '\\';
      out += letter;
    }
  }
  return out;
}

}  // namespace pangu::jinja
