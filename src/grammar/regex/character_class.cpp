// SPDX-License-Identifier: Apache-2.0
#include "grammar/regex/character_class.h"

namespace pangu::grammar {

std::optional<CodePointSet> shorthand_class(char32_t letter) {
  switch (letter) {
    case U'd':
      return CodePointSet({{U'0', U'9'}});
    case U'w':
      return CodePointSet({{U'0', U'9'}, {U'A', U'Z'}, {U'_', U'_'}, {U'a', U'z'}});
    case U's':
      return CodePointSet::of(" \t\n\r\f\v");
    case U'D':
      return shorthand_class(U'd')->complement();
    case U'W':
      return shorthand_class(U'w')->complement();
    case U'S':
      return shorthand_class(U's')->complement();
    default:
      return std::nullopt;
  }
}

std::optional<char32_t> control_escape(char32_t letter) {
  switch (letter) {
    case U'n':
      return U'\n';
    case U't':
      return U'\t';
    case U'r':
      return U'\r';
    case U'f':
      return U'\f';
    case U'v':
      return U'\v';
    case U'0':
      return U'\0';
    default:
      return std::nullopt;
  }
}

char32_t read_hex_escape(SourceText& source, int digits) {
  const std::size_t at = source.offset();
  char32_t value = 0;
  for (int i = 0; i < digits; ++i) {
    const char32_t c = source.peek();
    const bool is_digit = c >= U'0' && c <= U'9';
    const char32_t lower = c | 0x20;
    if (!is_digit && (lower < U'a' || lower > U'f')) {
      source.refuse(at, "an escape lacks hexadecimal digits");
    }
    value = value * 16 + (is_digit ? c - U'0' : lower - U'a' + 10);
    source.next();
  }
  if (value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) {
    source.refuse(at, "an escape names no character");
  }
  return value;
}

}  // namespace pangu::grammar
