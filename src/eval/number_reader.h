// SPDX-License-Identifier: Apache-2.0
// One number as people and LaTeX write it, read exactly: no rounding; decimals of any length.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace pangu::eval {

constexpr bool is_digit(char32_t c) {
  return c >= '0' && c <= '9';
}

/// A text as characters, where full-width forms, typographic signs, narrow blanks and what LaTeX
/// puts into numbers ("{,}", "\,", "\!", "\$") are the plain characters they stand for, and raised
/// digits are exponents ("10²" is "10^{2}"). A narrow blank is U+2009.
std::u32string plain_text(std::string_view text);

/// Reads a number that begins at `at` (a sign, a currency sign, a digit, a point, "\frac", or a
/// parenthesis with an exponent) and moves `at` past it; nothing, and `at` stays, if none begins
/// there. In the form that canonical_number() describes; empty if the number cannot be computed
/// exactly within the limits of eval/exact_number.h ("2^0.5", "1/0", "7^80").
std::optional<std::string> read_number(const std::u32string& s, std::size_t& at);

}  // namespace pangu::eval
