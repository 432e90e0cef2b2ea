// SPDX-License-Identifier: Apache-2.0
#include "eval/numbers.h"

#include <algorithm>
#include <array>

#include "eval/answers.h"
#include "eval/number_reader.h"

namespace pangu::eval {
namespace {

bool is_letter(char32_t c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// Letters that stand right before an amount: "Rs1200", "USD18".
constexpr std::array<std::u32string_view, 9> kCurrencies{U"rs",  U"usd", U"us",  U"rmb", U"cny",
                                                         U"eur", U"gbp", U"inr", U"jpy"};

/// Whether the digits or the sign at `at` are raised or lowered: "m^2", "s^{-1}", "x_1".
bool is_raised(const std::u32string& s, std::size_t at) {
  if (at > 0 && (s[at - 1] == '-' || s[at - 1] == '+')) --at;
  if (at > 0 && s[at - 1] == '{') --at;
  if (at < 2) return false;
  const char32_t mark = s[at - 1], before = s[at - 2];
  if (mark == '^') return before != ' ' && before != '\n';
  return mark == '_' && (is_letter(before) || before == ')' || before == '}');
}

/// Whether the digits at `at` belong to a word or an exponent and are no number of their own.
bool is_in_word(const std::u32string& s, std::size_t at) {
  if (is_raised(s, at)) return true;
  constexpr std::size_t kLongest = 16;
  std::u32string word;
  std::size_t begin = at;
  for (; begin > 0 && is_letter(s[begin - 1]) && word.size() < kLongest; --begin) {
    word.insert(word.begin(), static_cast<char32_t>(s[begin - 1] | 0x20));
  }
  if (word.empty()) return false;
  if (begin > 0 && s[begin - 1] == '\\') return false;  // "\times3"
  return std::find(kCurrencies.begin(), kCurrencies.end(), word) == kCurrencies.end();
}

/// Whether the sign at `at` belongs to a number: "5-3" has none, " -3" has one.
bool is_sign(const std::u32string& s, std::size_t at) {
  if (s[at] != '-' && s[at] != '+') return false;
  if (at == 0) return true;
  const char32_t before = s[at - 1];
  return !is_digit(before) && !is_letter(before) && before != ')' && before != '}' &&
         !is_raised(s, at);
}

bool may_begin(const std::u32string& s, std::size_t at) {
  if (is_digit(s[at]) || is_sign(s, at) || s[at] == '\\') return true;
  if (s[at] == '(') return at == 0 || !is_letter(s[at - 1]);  // "f(2)" has an index
  return s[at] == '.' && (at == 0 || (!is_digit(s[at - 1]) && !is_letter(s[at - 1])));
}

/// "2nd", "3^{rd}", "第2".
bool is_ordinal(const std::u32string& s, std::size_t begin, std::size_t end) {
  if (begin > 0 && s[begin - 1] == U'第') return true;
  while (end < s.size() && (s[end] == '^' || s[end] == '{')) ++end;
  for (const std::u32string_view suffix : {U"st", U"nd", U"rd", U"th", U"\\text{th}"}) {
    const std::size_t after = end + suffix.size();
    if (s.compare(end, suffix.size(), suffix) == 0 && (after >= s.size() || !is_letter(s[after]))) {
      return true;
    }
  }
  return false;
}

struct Found {
  std::string number;  ///< empty if it cannot be computed
  std::size_t begin = 0, end = 0;
  bool is_ordinal = false;
};

/// The first number at or after `from`.
std::optional<Found> next_number(const std::u32string& s, std::size_t from) {
  for (std::size_t i = from; i < s.size();) {
    if (is_digit(s[i]) && is_in_word(s, i)) {
      while (i < s.size() && (is_digit(s[i]) || (s[i] == '.' && is_digit(s[i - 1])))) ++i;
      continue;
    }
    std::size_t end = i;
    if (may_begin(s, i)) {
      if (auto number = read_number(s, end)) {
        return Found{std::move(*number), i, end, is_ordinal(s, i, end)};
      }
    }
    ++i;
  }
  return std::nullopt;
}

/// As Found::number, as all that is unnamed here and returns one.
std::optional<std::string> last_number(const std::u32string& s) {
  std::optional<std::string> last, ordinal;
  for (auto found = next_number(s, 0); found; found = next_number(s, found->end)) {
    (found->is_ordinal ? ordinal : last) = found->number;
  }
  return last ? last : ordinal;
}

/// What stands in the last box; one that is not closed ends with the text.
std::optional<std::u32string> last_box(const std::u32string& s) {
  constexpr std::u32string_view kBox = U"\\boxed";
  std::size_t at = s.rfind(kBox);
  if (at == s.npos) return std::nullopt;
  at += kBox.size();
  while (at < s.size() && s[at] == ' ') ++at;
  if (at >= s.size() || s[at] != '{') return s.substr(at, s.find_first_of(U" \n", at) - at);
  const std::size_t begin = at + 1;
  for (int depth = 0; at < s.size(); ++at) {
    if (s[at] == '{') ++depth;
    if (s[at] == '}' && --depth == 0) break;
  }
  return s.substr(begin, at - begin);
}

std::optional<std::string> boxed_number(const std::u32string& s) {
  const auto box = last_box(s);
  if (!box) return std::nullopt;
  return last_number(box->substr(box->rfind('=') + 1));  // npos + 1 is 0: all of it
}

/// Whether what stands before a number on the line of a mark names it ("Answer: ", "答案是", "**")
/// and is no heading ("Step ").
bool announces(std::u32string_view before) {
  constexpr std::u32string_view kDecoration = U" *$¥€£\\({[\"'~";
  before = before.substr(0, before.find_last_not_of(kDecoration) + 1);
  const bool has_digits = std::any_of(before.begin(), before.end(), is_digit);
  if (has_digits) return false;
  if (before.empty() || before.back() == ':') return true;
  for (const std::u32string_view end : {U"is", U"nswer", U"是", U"为", U"答案"}) {
    if (before.ends_with(end)) return true;
  }
  return !std::any_of(before.begin(), before.end(),
                      [](char32_t c) { return is_letter(c) || c >= 0x3400; });
}

/// Whether the number that ends at `end` counts the headings: "#### 2. Add them".
bool counts_headings(const std::u32string& line, std::size_t end) {
  if (end + 2 >= line.size() || line[end + 1] != ' ') return false;
  return line[end] == '.' || line[end] == ')' || line[end] == ':';
}

std::optional<std::string> marked_number(std::string_view text) {
  constexpr std::string_view kMark = "####";
  const std::size_t at = text.rfind(kMark);
  if (at == text.npos) return std::nullopt;
  const std::u32string line = plain_text(first_line(text.substr(at + kMark.size())));
  if (auto boxed = boxed_number(line)) return boxed;
  const std::size_t begin = line.rfind('=') + 1;  // after an equation's last sign, or 0
  const auto found = next_number(line, begin);
  if (!found || found->is_ordinal || counts_headings(line, found->end)) return std::nullopt;
  const bool announced = announces(std::u32string_view(line).substr(begin, found->begin - begin));
  return announced ? std::optional(found->number) : std::nullopt;
}

std::optional<std::string> answer_number(std::string_view text) {
  if (auto marked = marked_number(text)) return marked;
  const std::u32string s = plain_text(text);
  if (auto boxed = boxed_number(s)) return boxed;
  return last_number(s);
}

std::optional<std::string> if_computed(std::optional<std::string> number) {
  return number && !number->empty() ? number : std::nullopt;
}

}  // namespace

std::optional<std::string> canonical_number(std::string_view text) {
  const std::u32string s = plain_text(trimmed(text));
  std::size_t at = 0;
  const auto number = read_number(s, at);
  return at == s.size() ? if_computed(number) : std::nullopt;
}

std::optional<std::string> find_marked_number(std::string_view text) {
  return if_computed(marked_number(text));
}

std::optional<std::string> find_answer_number(std::string_view text) {
  return if_computed(answer_number(text));
}

}  // namespace pangu::eval
