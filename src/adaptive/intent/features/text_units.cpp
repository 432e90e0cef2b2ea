// SPDX-License-Identifier: Apache-2.0
#include "adaptive/intent/features/text_units.h"

#include "base/utf8.h"

namespace pangu::adaptive {

CharKind char_kind(char32_t c) {
  if (c == ' ' || (c >= '\t' && c <= '\r') || c == 0x3000 || c == 0xA0) return CharKind::kSpace;
  if ((c >= '0' && c <= '9') || (c >= 0xFF10 && c <= 0xFF19)) return CharKind::kDigit;
  if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_') return CharKind::kLetter;
  if ((c >= 0x3400 && c <= 0x9FFF) || (c >= 0xF900 && c <= 0xFAFF) ||
      (c >= 0x20000 && c <= 0x3FFFF)) {
    return CharKind::kHan;
  }
  // Letters of other scripts, roughly: what lies between Latin-1's signs and the general ones.
  if (c >= 0xC0 && c < 0x2000 && c != 0xD7 && c != 0xF7) return CharKind::kLetter;
  if (c >= 0x3040 && c <= 0x30FF) return CharKind::kLetter;
  if (c >= 0xAC00 && c <= 0xD7A3) return CharKind::kLetter;
  return CharKind::kSign;
}

std::vector<TextUnit> text_units(std::string_view text) {
  std::vector<TextUnit> units;
  bool goes_on = false;
  for (std::size_t at = 0; at < text.size();) {
    char32_t c = utf8::next(text, at);
    const CharKind kind = char_kind(c);
    if (c >= 'A' && c <= 'Z') c += 'a' - 'A';
    const bool runs = kind == CharKind::kLetter || kind == CharKind::kDigit;
    if (kind != CharKind::kSpace) {
      if (!(goes_on && runs && units.back().kind == kind)) units.push_back({kind, {}});
      utf8::append(units.back().text, c);
    }
    goes_on = runs;
  }
  return units;
}

}  // namespace pangu::adaptive
