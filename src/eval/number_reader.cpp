// SPDX-License-Identifier: Apache-2.0
#include "eval/number_reader.h"

#include <algorithm>
#include <cstdint>
#include <numeric>

#include "base/utf8.h"

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

/// Longest numbers that are counted with, and longest powers.
constexpr std::size_t kMostDigits = 9;
constexpr std::size_t kMostDigitsOfPower = 64;

/// A number without its sign.
struct Digits {
  std::string whole, fraction;

  /// Moves the point to the right, or to the left if `by` is negative.
  void shift(int by) {
    for (; by > 0; --by) {
      whole += fraction.empty() ? '0' : fraction.front();
      if (!fraction.empty()) fraction.erase(0, 1);
    }
    for (; by < 0; ++by) {
      fraction.insert(fraction.begin(), whole.empty() ? '0' : whole.back());
      if (!whole.empty()) whole.pop_back();
    }
  }

  std::string text() const {
    const std::string front = whole.substr(std::min(whole.find_first_not_of('0'), whole.size()));
    const std::string back = fraction.substr(0, fraction.find_last_not_of('0') + 1);
    return (front.empty() ? "0" : front) + (back.empty() ? "" : "." + back);
  }
};

/// digits * factor
std::string product(const std::string& digits, std::uint64_t factor) {
  std::string out;
  std::uint64_t carry = 0;
  for (auto d = digits.rbegin(); d != digits.rend() || carry > 0;) {
    if (d != digits.rend()) carry += static_cast<std::uint64_t>(*d++ - '0') * factor;
    out.insert(out.begin(), static_cast<char>('0' + carry % 10));
    carry /= 10;
  }
  return out;
}

/// whole + top / bottom, as a decimal number if it ends, else as a fraction in lowest terms;
/// nothing if its numbers are too long to count with.
std::optional<std::string> ratio_text(std::uint64_t whole, std::uint64_t top,
                                      std::uint64_t bottom) {
  const std::uint64_t common = std::gcd(top, bottom);
  top /= common;
  bottom /= common;
  std::uint64_t rest = bottom;
  while (rest % 2 == 0) rest /= 2;
  while (rest % 5 == 0) rest /= 5;
  if (rest != 1) {
    const std::string sum = std::to_string(whole * bottom + top);
    if (sum.size() > kMostDigits) return std::nullopt;
    return sum + "/" + std::to_string(bottom);
  }
  Digits out{.whole = std::to_string(whole + top / bottom), .fraction = {}};
  for (top %= bottom; top > 0; top = top * 10 % bottom) {
    out.fraction += static_cast<char>('0' + top * 10 / bottom);
  }
  return out.text();
}

class NumberReader {
 public:
  NumberReader(const std::u32string& s, std::size_t at) : s_(s), at_(at) {}

  std::size_t at() const { return at_; }

  std::optional<std::string> number() {
    const bool negative = peek() == '-';
    if (negative || peek() == '+') ++at_;
    if (std::u32string_view(U"$¥€£").find(peek()) != std::u32string_view::npos) ++at_;
    auto text = latex_fraction(0);
    if (!text) text = decimal();
    if (!text) return std::nullopt;
    return negative && *text != "0" ? "-" + *text : *text;
  }

 private:
  char32_t peek(std::size_t ahead = 0) const {
    return at_ + ahead < s_.size() ? s_[at_ + ahead] : U'\0';
  }
  bool takes(std::u32string_view text) {
    if (s_.compare(at_, text.size(), text) != 0) return false;
    at_ += text.size();
    return true;
  }
  void skip_blanks() {
    while (peek() == ' ' || peek() == kNarrowBlank) ++at_;
  }
  std::string run_of_digits() {
    std::string out;
    for (; is_digit(peek()); ++at_) out += static_cast<char>(peek());
    return out;
  }
  /// A few digits as a number; nothing if there are none or too many to count with.
  std::optional<std::uint64_t> small() {
    const std::string digits = run_of_digits();
    if (digits.empty() || digits.size() > kMostDigits) return std::nullopt;
    return std::stoull(digits);
  }

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

  std::optional<std::string> decimal() {
    Digits out{.whole = grouped_digits(), .fraction = {}};
    if (peek() == '.' && is_digit(peek(1))) {
      ++at_;
      out.fraction = run_of_digits();
    }
    if (out.whole.empty() && out.fraction.empty()) return std::nullopt;
    if (out.fraction.empty() && out.whole.size() <= kMostDigits) {
      const std::uint64_t whole = std::stoull(out.whole);
      if (auto mixed = fraction_after(whole)) return mixed;
      if (auto power = power_of(whole)) return power;
    }
    out.shift(power_of_ten().value_or(0));
    return out.text();
  }

  /// "3/4", "1 3/4", "1 \frac{3}{4}", where the first number is read; not "3/4/2026".
  std::optional<std::string> fraction_after(std::uint64_t whole) {
    const std::size_t begin = at_;
    takes(U" ");
    if (auto mixed = latex_fraction(whole)) return mixed;
    at_ = begin;
    std::optional<std::uint64_t> top = whole;
    if (peek() == ' ' && is_digit(peek(1))) {
      ++at_;
      top = small();
    }
    const bool is_mixed = at_ != begin;
    const auto bottom = top && takes(U"/") ? small() : std::nullopt;
    const bool ends = peek() != '/' && !(peek() == '.' && is_digit(peek(1)));
    std::optional<std::string> text;
    if (bottom && *bottom > 0 && ends && (!is_mixed || *top < *bottom)) {
      text = ratio_text(is_mixed ? whole : 0, *top, *bottom);
    }
    if (!text) at_ = begin;
    return text;
  }

  std::optional<std::string> latex_fraction(std::uint64_t whole) {
    const std::size_t begin = at_;
    if (takes(U"\\frac{") || takes(U"\\dfrac{") || takes(U"\\tfrac{")) {
      const auto top = small();
      const auto bottom = top && takes(U"}{") ? small() : std::nullopt;
      if (bottom && *bottom > 0 && takes(U"}")) {
        if (auto text = ratio_text(whole, *top, *bottom)) return text;
      }
    }
    at_ = begin;
    return std::nullopt;
  }

  /// "^3", "^{-2}"; nothing if another number of digits than one or two follows.
  std::optional<int> exponent() {
    const std::size_t begin = at_;
    const bool braced = takes(U"{");
    const bool negative = peek() == '-';
    if (negative || peek() == '+') ++at_;
    const std::string digits = run_of_digits();
    if (digits.empty() || digits.size() > 2 || (braced && !takes(U"}"))) {
      at_ = begin;
      return std::nullopt;
    }
    return negative ? -std::stoi(digits) : std::stoi(digits);
  }

  std::optional<std::string> power_of(std::uint64_t base) {
    const std::size_t begin = at_;
    const auto power = takes(U"^") ? exponent() : std::nullopt;
    if (power && base == 10) {
      Digits out{.whole = "1", .fraction = {}};
      out.shift(*power);
      return out.text();
    }
    const std::size_t digits_of_base = std::to_string(base).size();
    if (!power || *power < 0 ||
        static_cast<std::size_t>(*power) * digits_of_base > kMostDigitsOfPower) {
      at_ = begin;
      return std::nullopt;
    }
    std::string digits = "1";
    for (int i = 0; i < *power; ++i) digits = product(digits, base);
    return Digits{.whole = digits, .fraction = {}}.text();
  }

  /// "e3", " × 10^3", "\times 10^{-3}": how far it moves the point.
  std::optional<int> power_of_ten() {
    const std::size_t begin = at_;
    if (takes(U"e") || takes(U"E")) {
      const auto power = peek() == '{' ? std::nullopt : exponent();
      if (power) return power;
    } else {
      skip_blanks();
      const bool times = takes(U"\\times") || takes(U"\\cdot") || takes(U"×") || takes(U"·") ||
                         takes(U"*") || takes(U"x");
      skip_blanks();
      const auto power = times && takes(U"10^") ? exponent() : std::nullopt;
      if (power) return power;
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
