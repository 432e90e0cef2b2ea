// SPDX-License-Identifier: Apache-2.0
#include "eval/number_reader.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "base/utf8.h"
#include "eval/exact_number.h"

namespace pangu::eval {
namespace {

constexpr char32_t kNarrowBlank = 0x2009;

char32_t plain(char32_t c) {
  if (c >= 0xFF01 && c <= 0xFF5E) return c - 0xFF01 + '!';
  switch (c) {
    case 0x2212:  // minus
    case 0x2010:  // hyphens and an en dash
    case 0x2011:
    case 0x2013:
      return '-';
    case 0xFFE5:  // full-width yen
      return U'¥';
    case 0x2019:
      return '\'';
    case 0x00A0:  // blanks that do not break a line
    case 0x202F:
    case 0x2007:
      return kNarrowBlank;
    default:
      return c;
  }
}

/// The digit or the minus that a raised character stands for; 0 for others.
char32_t lowered(char32_t c) {
  switch (c) {
    case 0x00B9:
      return '1';
    case 0x00B2:
      return '2';
    case 0x00B3:
      return '3';
    case 0x207B:
      return '-';
    default:
      return c == 0x2070 || (c >= 0x2074 && c <= 0x2079) ? c - 0x2070 + '0' : U'\0';
  }
}

/// Reads raised digits at `at`, "10⁻²", as the exponent that they are: "^{-2}".
std::u32string raised_text(std::string_view text, std::size_t& at) {
  std::u32string digits;
  while (at < text.size()) {
    std::size_t after = at;
    const char32_t digit = lowered(utf8::next(text, after));
    if (digit == 0) break;
    digits += digit;
    at = after;
  }
  return U"^{" + digits + U"}";
}

struct Amount {
  bool negative = false;
  Quotient value;
};

class NumberReader {
 public:
  NumberReader(const std::u32string& s, std::size_t at) : s_(s), at_(at) {}

  std::size_t at() const { return at_; }

  /// See read_number(). The other functions that return a text do as it does: empty is a number
  /// that cannot be computed.
  std::optional<std::string> number() {
    const bool negative = takes_sign();
    if (std::u32string_view(U"$¥€£").find(peek()) != std::u32string_view::npos) ++at_;
    auto text = latex_fraction({});
    if (!text) text = power_of_parenthesis();
    if (!text) text = decimal();
    if (!text) return std::nullopt;
    if (takes_exponent()) text->clear();  // of a power, a fraction: people mean more than one thing
    return negative ? negated(std::move(*text)) : text;
  }

 private:
  static std::string negated(std::string text) {
    if (text.empty() || text == "0") return text;
    return text.front() == '-' ? text.substr(1) : "-" + text;
  }

  char32_t peek(std::size_t ahead = 0) const {
    return at_ + ahead < s_.size() ? s_[at_ + ahead] : U'\0';
  }
  bool takes(std::u32string_view text) {
    if (s_.compare(at_, text.size(), text) != 0) return false;
    at_ += text.size();
    return true;
  }
  /// Whether there was a minus.
  bool takes_sign() {
    const bool negative = peek() == '-';
    if (negative || peek() == '+') ++at_;
    return negative;
  }
  void skip_blanks() {
    while (peek() == ' ' || peek() == kNarrowBlank) ++at_;
  }
  /// Moves behind the `close` that belongs to an `open` already taken, at most to the line's end.
  void skip_group(char32_t open, char32_t close) {
    for (int depth = 1; depth > 0 && at_ < s_.size() && peek() != '\n'; ++at_) {
      if (peek() == open) ++depth;
      if (peek() == close) --depth;
    }
  }
  std::string run_of_digits() {
    std::string out;
    for (; is_digit(peek()); ++at_) out += static_cast<char>(peek());
    return out;
  }
  bool at_fraction_of_decimal() const { return peek() == '.' && is_digit(peek(1)); }

  /// Whether a separator of thousands stands here: three digits follow, and no fourth.
  bool at_separator(char32_t separator) const {
    return peek() == separator && is_digit(peek(1)) && is_digit(peek(2)) && is_digit(peek(3)) &&
           !is_digit(peek(4));
  }
  std::string grouped_digits() {
    std::string out = run_of_digits();
    const char32_t separator = peek();
    // Others than commas also stand between numbers: the first group must look like one.
    const bool is_other = std::u32string_view(U"_'\u2009").find(separator) != s_.npos;
    const bool is_known = separator == ',' || (is_other && out.size() <= 3);
    while (is_known && !out.empty() && at_separator(separator)) {
      ++at_;
      out += run_of_digits();
    }
    return out;
  }
  Digits digits() {
    Digits out{.whole = grouped_digits(), .fraction = {}};
    if (at_fraction_of_decimal()) {
      ++at_;
      out.fraction = run_of_digits();
    }
    return out;
  }

  std::optional<std::string> decimal() {
    Digits out = digits();
    if (out.empty()) return std::nullopt;
    const std::optional<Quotient> value = quotient(out);
    if (auto mixed = mixed_number(out, value)) return mixed;
    if (auto fraction = fraction_after(value)) return fraction;
    if (auto power = power_of(value, false)) return power;
    const auto tens = power_of_ten();
    if (tens && !*tens) return "";
    if (tens) out.shift(**tens);
    return out.text();
  }

  /// "1 3/4", "1 \frac{3}{4}", where the whole number is read.
  std::optional<std::string> mixed_number(const Digits& digits_of_whole,
                                          const std::optional<Quotient>& whole) {
    if (!whole || !digits_of_whole.fraction.empty()) return std::nullopt;
    const std::size_t begin = at_;
    takes(U" ");
    if (auto mixed = latex_fraction(*whole)) return mixed;
    if (at_ != begin && is_digit(peek())) {
      const auto part = fraction_of_digits();
      if (part && part->top < part->bottom && peek() != '/') {
        const auto mixed = sum(*whole, *part);
        return mixed ? mixed->text().value_or("") : "";
      }
    }
    at_ = begin;
    return std::nullopt;
  }

  /// "3/4" of whole numbers.
  std::optional<Quotient> fraction_of_digits() {
    const auto top = quotient({.whole = run_of_digits(), .fraction = {}});
    if (!top || !takes(U"/") || !is_digit(peek())) return std::nullopt;
    const auto bottom = quotient(digits());
    return bottom ? divided(*top, *bottom) : std::nullopt;
  }

  /// "/4", where the number before it is read. A date, "3/4/2026", is none that can be computed.
  std::optional<std::string> fraction_after(const std::optional<Quotient>& top) {
    if (peek() != '/' || !(is_digit(peek(1)) || (peek(1) == '.' && is_digit(peek(2))))) {
      return std::nullopt;
    }
    bool is_date = false;
    std::optional<Quotient> bottom;
    for (bool more = true; more;) {
      ++at_;
      bottom = quotient(digits());
      more = peek() == '/' && is_digit(peek(1));
      is_date = is_date || more;
    }
    if (!top || !bottom || is_date) return "";
    const auto value = divided(*top, *bottom);
    return value ? value->text().value_or("") : "";
  }

  /// "-3", "1.5", "3/4", as they stand in parentheses and in parts of a fraction.
  std::optional<Amount> amount() {
    skip_blanks();
    Amount out{.negative = takes_sign()};
    const Digits first = digits();
    if (first.empty()) return std::nullopt;
    std::optional<Quotient> value = quotient(first);
    if (value && takes(U"/")) {
      const Digits second = digits();
      const auto bottom = second.empty() ? std::nullopt : quotient(second);
      value = bottom ? divided(*value, *bottom) : std::nullopt;
    }
    skip_blanks();
    if (!value) return std::nullopt;
    out.value = *value;
    return out;
  }

  /// "{12}", or the one digit of "\frac12".
  std::optional<Amount> argument() {
    skip_blanks();
    if (is_digit(peek())) {
      return Amount{.value = {static_cast<std::uint64_t>(s_[at_++] - '0'), 1}};
    }
    if (!takes(U"{")) return std::nullopt;
    const std::size_t begin = at_;
    const auto out = amount();
    if (out && takes(U"}")) return out;
    at_ = begin;
    skip_group('{', '}');
    return std::nullopt;
  }

  /// A fraction, added to what stands before it. One without digits is no number.
  std::optional<std::string> latex_fraction(const Quotient& whole) {
    const std::size_t begin = at_;
    if (!takes(U"\\frac") && !takes(U"\\dfrac") && !takes(U"\\tfrac")) return std::nullopt;
    const auto top = argument(), bottom = argument();
    const bool is_cut = is_digit(s_[at_ - 1]) && !run_of_digits().empty();  // "\frac123"
    const std::u32string_view all = std::u32string_view(s_).substr(begin, at_ - begin);
    if (std::none_of(all.begin(), all.end(), is_digit)) {
      at_ = begin;
      return std::nullopt;
    }
    if (!top || !bottom || is_cut) return "";
    const auto part = divided(top->value, bottom->value);
    const bool negative = top->negative != bottom->negative;
    if (!part || (negative && whole.top > 0)) return "";
    const auto value = sum(whole, *part);
    const std::string text = value ? value->text().value_or("") : "";
    return negative ? negated(text) : text;
  }

  /// "(-2)^3": parentheses are read only where an exponent follows.
  std::optional<std::string> power_of_parenthesis() {
    const std::size_t begin = at_;
    takes(U"\\left");
    std::optional<std::string> out;
    if (takes(U"(")) {
      const auto base = amount();
      takes(U"\\right");
      if (base && takes(U")")) out = power_of(base->value, base->negative);
    }
    if (!out) at_ = begin;
    return out;
  }

  std::optional<std::string> power_of(const std::optional<Quotient>& base, bool negative) {
    const auto power = takes_exponent();
    if (!power) return std::nullopt;
    if (!base || !*power) return "";
    const std::string text = power_text(*base, **power).value_or("");
    return negative && **power % 2 != 0 ? negated(text) : text;
  }

  /// "3", "{-2}", "(4)". Within: nothing if it is no whole number of one or two digits.
  std::optional<std::optional<int>> exponent() {
    const std::size_t begin = at_;
    const char32_t open = peek(), close = open == '{' ? '}' : open == '(' ? ')' : U'\0';
    if (close != 0) ++at_;
    const bool negative = takes_sign();
    if (!is_digit(peek()) && !at_fraction_of_decimal()) {
      at_ = begin;
      return std::nullopt;
    }
    const Digits value = digits();
    const bool is_whole = value.fraction.empty() && value.whole.size() <= 2;
    const bool is_closed = close == 0 || takes(std::u32string_view(&close, 1));
    if (!is_closed) skip_group(open, close);
    if (!is_whole || !is_closed) return std::optional<int>();
    return negative ? -std::stoi(value.whole) : std::stoi(value.whole);
  }

  /// "^3", and nothing for "^{rd}" and "^\circ".
  std::optional<std::optional<int>> takes_exponent() {
    if (!takes(U"^")) return std::nullopt;
    auto power = exponent();
    if (!power) --at_;
    return power;
  }

  /// "e3", " × 10^3", "\times 10^{-3}": how far it moves the point.
  std::optional<std::optional<int>> power_of_ten() {
    const std::size_t begin = at_;
    if (takes(U"e") || takes(U"E")) {
      const bool is_bare = peek() != '{' && peek() != '(';
      if (const auto power = is_bare ? exponent() : std::nullopt) return power;
    } else {
      skip_blanks();
      const bool times = takes(U"\\times") || takes(U"\\cdot") || takes(U"×") || takes(U"·") ||
                         takes(U"*") || takes(U"x");
      skip_blanks();
      if (const auto power = times && takes(U"10^") ? exponent() : std::nullopt) return power;
    }
    at_ = begin;
    return std::nullopt;
  }

  const std::u32string& s_;
  std::size_t at_;
};

}  // namespace

std::u32string plain_text(std::string_view text) {
  std::u32string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view rest = text.substr(at);
    std::size_t after = 0;
    if (rest.starts_with("{,}")) {
      out += ',';
      at += 3;
    } else if (rest.starts_with("\\!")) {
      at += 2;  // moves characters together
    } else if (rest.size() > 1 && rest[0] == '\\' &&
               std::string_view(",;: $%#&_").find(rest[1]) != std::string_view::npos) {
      const bool is_blank = std::string_view(",;: ").find(rest[1]) != std::string_view::npos;
      out += is_blank ? kNarrowBlank : static_cast<char32_t>(rest[1]);
      at += 2;
    } else if (lowered(utf8::next(rest, after)) != 0 && !out.empty() && out.back() > ' ') {
      out += raised_text(text, at);
    } else {
      out += plain(utf8::next(text, at));
    }
  }
  return out;
}

std::optional<std::string> read_number(const std::u32string& s, std::size_t& at) {
  NumberReader reader(s, at);
  auto number = reader.number();
  if (number) at = reader.at();
  return number;
}

}  // namespace pangu::eval
