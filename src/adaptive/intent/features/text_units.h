// SPDX-License-Identifier: Apache-2.0
// A text as units that mean something: words, numbers, Han characters, signs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pangu::adaptive {

enum class CharKind : std::uint8_t { kSpace, kLetter, kDigit, kHan, kSign };

CharKind char_kind(char32_t c);

struct TextUnit {
  CharKind kind = CharKind::kSign;
  std::string text;  ///< letters in lower case, where they are ASCII
};

/// Runs of letters, runs of digits, and every other character but white space.
std::vector<TextUnit> text_units(std::string_view text);

}  // namespace pangu::adaptive
