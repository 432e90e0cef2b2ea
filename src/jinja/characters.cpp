// SPDX-License-Identifier: Apache-2.0
#include "jinja/characters.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <span>
#include <string_view>

#include "base/utf8.h"
#include "jinja/special_casing.h"

namespace pangu::jinja {
namespace {

struct CharRange {
  char32_t first;
  char32_t last;
};

/// Digits that no number is written with: superscripts, circled ones, ...
constexpr CharRange kOtherDigits[] = {
    {0xB2, 0xB3},       {0xB9, 0xB9},       {0x1369, 0x1371},   {0x19DA, 0x19DA},
    {0x2070, 0x2070},   {0x2074, 0x2079},   {0x2080, 0x2089},   {0x2460, 0x2468},
    {0x2474, 0x247C},   {0x2488, 0x2490},   {0x24EA, 0x24EA},   {0x24F5, 0x24FD},
    {0x24FF, 0x24FF},   {0x2776, 0x277E},   {0x2780, 0x2788},   {0x278A, 0x2792},
    {0x10A40, 0x10A43}, {0x10E60, 0x10E68}, {0x11052, 0x1105A}, {0x1F100, 0x1F10A}};

/// Characters that count as lower or upper case without being letters of that case.
constexpr CharRange kOtherLower[] = {
    {0xAA, 0xAA},       {0xBA, 0xBA},       {0x2B0, 0x2B8},     {0x2C0, 0x2C1},    {0x2E0, 0x2E4},
    {0x345, 0x345},     {0x37A, 0x37A},     {0x1D2C, 0x1D6A},   {0x1D78, 0x1D78},  {0x1D9B, 0x1DBF},
    {0x2071, 0x2071},   {0x207F, 0x207F},   {0x2090, 0x209C},   {0x2170, 0x217F},  {0x24D0, 0x24E9},
    {0x2C7C, 0x2C7D},   {0xA69C, 0xA69D},   {0xA770, 0xA770},   {0xA7F8, 0xA7F9},  {0xAB5C, 0xAB5F},
    {0x10780, 0x10780}, {0x10783, 0x10785}, {0x10787, 0x107B0}, {0x107B2, 0x107BA}};
constexpr CharRange kOtherUpper[] = {
    {0x2160, 0x216F}, {0x24B6, 0x24CF}, {0x1F130, 0x1F149}, {0x1F150, 0x1F169}, {0x1F170, 0x1F189}};

/// Letters that are numbers: U+5341 is ten.
constexpr std::u32string_view kNumberLetters =
    U"㐅㒃㠪㭍一七万三九二五亖亿什仟仨伍佰億兆兩八六十千卄卅卌叁参參叄四壱壹幺廾廿弌弍弎弐拾捌柒"
    U"漆玖百肆萬貮貳贰阡陆陌陸零\uf96b\uf973\uf978\uf9b2\uf9d1\uf9d3\uf9fd"
    U"\U00020001\U00020064\U000200e2\U00020121\U0002092a\U00020983\U0002098c\U0002099c"
    U"\U00020aea\U00020afd\U00020b19\U00022390\U00022998\U00023b1b\U0002626d\U0002f890";

bool is_within(std::span<const CharRange> ranges, char32_t c) {
  return std::ranges::any_of(
      ranges, [&](const CharRange& range) { return c >= range.first && c <= range.last; });
}

utf8proc_category_t category(char32_t c) {
  return utf8proc_category(static_cast<utf8proc_int32_t>(c));
}

const SpecialCasing* special_casing(char32_t c) {
  const auto* found = std::ranges::lower_bound(kSpecialCasing, c, {}, &SpecialCasing::letter);
  return found != std::end(kSpecialCasing) && found->letter == c ? found : nullptr;
}

void append_all(std::string& out, const std::array<char32_t, 3>& characters) {
  for (const char32_t c : characters) {
    if (c != 0) utf8::append(out, c);
  }
}

}  // namespace

bool is_space(char32_t c) {
  if (c < 0x80) return c == ' ' || (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x1F);
  return c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 ||
         c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

bool is_alpha(char32_t c) {
  if (c < 0x80) return (c >= U'a' && c <= U'z') || (c >= U'A' && c <= U'Z');
  const auto kind = category(c);
  return kind >= UTF8PROC_CATEGORY_LU && kind <= UTF8PROC_CATEGORY_LO;
}

bool is_decimal(char32_t c) {
  if (c < 0x80) return c >= U'0' && c <= U'9';
  return category(c) == UTF8PROC_CATEGORY_ND;
}

int decimal_value(char32_t c) {
  // Unicode has the decimals of a script in a row; those for formulas are five rows on end.
  constexpr char32_t kFormulas = 0x1D7CE;
  if (c >= kFormulas && c < kFormulas + 50) return static_cast<int>((c - kFormulas) % 10);
  int value = 0;
  while (value < 9 && is_decimal(c - static_cast<char32_t>(value + 1))) ++value;
  return value;
}

bool is_digit_char(char32_t c) {
  return is_decimal(c) || is_within(kOtherDigits, c);
}

bool is_numeric(char32_t c) {
  const auto kind = category(c);
  return kind == UTF8PROC_CATEGORY_ND || kind == UTF8PROC_CATEGORY_NL ||
         kind == UTF8PROC_CATEGORY_NO || kNumberLetters.find(c) != std::u32string_view::npos;
}

bool is_upper(char32_t c) {
  if (c < 0x80) return c >= U'A' && c <= U'Z';
  return category(c) == UTF8PROC_CATEGORY_LU || is_within(kOtherUpper, c);
}

bool is_lower(char32_t c) {
  if (c < 0x80) return c >= U'a' && c <= U'z';
  return category(c) == UTF8PROC_CATEGORY_LL || is_within(kOtherLower, c);
}

bool is_title(char32_t c) {
  return c >= 0x80 && category(c) == UTF8PROC_CATEGORY_LT;
}

bool is_identifier_start(char32_t c) {
  return c == U'_' || is_alpha(c) || category(c) == UTF8PROC_CATEGORY_NL;
}

bool is_identifier_part(char32_t c) {
  const auto kind = category(c);
  return is_identifier_start(c) || kind == UTF8PROC_CATEGORY_ND || kind == UTF8PROC_CATEGORY_MN ||
         kind == UTF8PROC_CATEGORY_MC || kind == UTF8PROC_CATEGORY_PC;
}

bool is_word_char(char32_t c) {
  return c == U'_' || is_alpha(c) || is_numeric(c);
}

bool is_printable(char32_t c) {
  if (c < 0x80) return c >= 0x20 && c < 0x7F;
  const auto kind = category(c);
  return kind != UTF8PROC_CATEGORY_CN && kind < UTF8PROC_CATEGORY_ZS;
}

bool is_cased(char32_t c) {
  return is_upper(c) || is_lower(c) || is_title(c);
}

bool is_case_ignorable(char32_t c) {
  constexpr std::u32string_view kPunctuation =
      U"'.:\u00B7\u0387\u055F\u05F4\u2018\u2019\u2024\u2027\uFE13\uFE52\uFE55\uFF07\uFF0E\uFF1A";
  const auto kind = category(c);
  return kind == UTF8PROC_CATEGORY_MN || kind == UTF8PROC_CATEGORY_ME ||
         kind == UTF8PROC_CATEGORY_CF || kind == UTF8PROC_CATEGORY_LM ||
         kind == UTF8PROC_CATEGORY_SK || kPunctuation.find(c) != std::u32string_view::npos;
}

void append_upper(std::string& out, char32_t c) {
  if (const SpecialCasing* special = special_casing(c)) return append_all(out, special->upper);
  utf8::append(out, static_cast<char32_t>(utf8proc_toupper(static_cast<utf8proc_int32_t>(c))));
}

void append_lower(std::string& out, char32_t c) {
  if (c == 0x130) return append_all(out, {U'i', 0x307, 0});  // I with a dot above
  utf8::append(out, static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(c))));
}

void append_title(std::string& out, char32_t c) {
  if (const SpecialCasing* special = special_casing(c)) return append_all(out, special->title);
  utf8::append(out, static_cast<char32_t>(utf8proc_totitle(static_cast<utf8proc_int32_t>(c))));
}

void append_folded(std::string& out, char32_t c) {
  std::array<utf8proc_int32_t, 8> folded{};
  int unused = 0;
  const auto n = utf8proc_decompose_char(static_cast<utf8proc_int32_t>(c), folded.data(),
                                         static_cast<utf8proc_ssize_t>(folded.size()),
                                         UTF8PROC_CASEFOLD, &unused);
  for (utf8proc_ssize_t i = 0; i < n && i < static_cast<utf8proc_ssize_t>(folded.size()); ++i) {
    utf8::append(out, static_cast<char32_t>(folded[static_cast<std::size_t>(i)]));
  }
}

}  // namespace pangu::jinja
