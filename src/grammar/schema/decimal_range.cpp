// SPDX-License-Identifier: Apache-2.0
// Digits are compared from the left: once one differs from that of a bound, those behind it are
// free.
#include "grammar/schema/decimal_range.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace pangu::grammar {
namespace {

constexpr std::int64_t kTooLarge = 10'000'000'000'000'000;  // 10^kMaxDigits

/// What may stand behind digits that were read: nothing, or one of some texts.
struct Tail {
  bool may_end = false;
  std::vector<ExprId> more = {};

  bool is_possible() const { return may_end || !more.empty(); }
};

/// A bound on the digits behind the point.
struct FractionBound {
  std::string digits;
  bool is_exclusive;
};

class DecimalRange {
 public:
  explicit DecimalRange(RuleSet& rules) : rules_(rules) {}

  /// Whole numbers from..to without leading zeros; `to` below 10^kMaxDigits.
  ExprId whole(std::int64_t from, std::int64_t to) {
    std::vector<ExprId> either;
    std::string lo = std::to_string(from);
    const std::string hi = std::to_string(to);
    for (; lo.size() < hi.size(); lo = "1" + std::string(lo.size(), '0')) {
      either.push_back(same_length(lo, std::string(lo.size(), '9')));
    }
    either.push_back(same_length(lo, hi));
    return rules_.either(std::move(either));
  }

  /// Numbers that are not negative, between bounds that are not.
  std::optional<ExprId> not_negative(const Decimal& min, bool above,
                                     const std::optional<Decimal>& max, bool below) {
    std::vector<ExprId> either;
    const auto add = [&](ExprId digits, const Tail& tail) {
      if (tail.is_possible()) either.push_back(rules_.sequence({digits, fraction(tail)}));
    };
    const FractionBound lo{min.fraction, above};
    const std::int64_t last = max ? max->whole : kTooLarge;
    if (last < min.whole) return std::nullopt;
    if (last == min.whole) {
      add(rules_.text(std::to_string(last)), between(0, lo, {max->fraction, below}));
    } else {
      add(rules_.text(std::to_string(min.whole)), at_least(0, lo));
      if (last > min.whole + 1) add(whole(min.whole + 1, last - 1), any(kMaxDigits));
      if (max) add(rules_.text(std::to_string(last)), at_most(0, {max->fraction, below}));
    }
    if (either.empty()) return std::nullopt;
    return rules_.either(std::move(either));
  }

 private:
  ExprId digit(char first, char last) {
    return rules_.characters(
        CodePointSet({{static_cast<char32_t>(first), static_cast<char32_t>(last)}}));
  }

  ExprId same_length(const std::string& lo, const std::string& hi) {
    const std::size_t n = lo.size();
    if (n == 0) return rules_.nothing();
    const auto zeros = std::string(n - 1, '0'), nines = std::string(n - 1, '9');
    if (lo.substr(1) == zeros && hi.substr(1) == nines) {
      const auto free = static_cast<std::int64_t>(n) - 1;
      return rules_.sequence({digit(lo[0], hi[0]), rules_.repeat(digit('0', '9'), free, free)});
    }
    if (lo[0] == hi[0]) {
      return rules_.sequence({digit(lo[0], lo[0]), same_length(lo.substr(1), hi.substr(1))});
    }
    std::vector<ExprId> either = {
        rules_.sequence({digit(lo[0], lo[0]), same_length(lo.substr(1), nines)}),
        rules_.sequence({digit(hi[0], hi[0]), same_length(zeros, hi.substr(1))})};
    if (hi[0] - lo[0] > 1) {
      either.push_back(
          same_length(static_cast<char>(lo[0] + 1) + zeros, static_cast<char>(hi[0] - 1) + nines));
    }
    return rules_.either(std::move(either));
  }

  /// "." and digits, or nothing where the tail may end.
  ExprId fraction(const Tail& tail) {
    if (tail.more.empty()) return rules_.nothing();
    const ExprId digits = rules_.sequence({rules_.text("."), rules_.either(tail.more)});
    return tail.may_end ? rules_.optional(digits) : digits;
  }

  ExprId expr(const Tail& tail) {
    if (tail.more.empty()) return rules_.nothing();
    const ExprId more = rules_.either(tail.more);
    return tail.may_end ? rules_.optional(more) : more;
  }

  /// Up to `most` digits from `first` on.
  Tail any(int most, char last = '9') {
    if (most == 0) return {.may_end = true};
    return {.may_end = true, .more = {rules_.repeat(digit('0', last), 1, most)}};
  }

  /// Up to `most` digits that are not all zero.
  Tail not_zero(int most) {
    Tail tail;
    for (int zeros = 0; zeros < most; ++zeros) {
      tail.more.push_back(
          rules_.sequence({rules_.text(std::string(static_cast<std::size_t>(zeros), '0')),
                           digit('1', '9'), expr(any(most - zeros - 1))}));
    }
    return tail;
  }

  void add(Tail& tail, char first, char last, const Tail& behind) {
    if (first > last || !behind.is_possible()) return;
    tail.more.push_back(rules_.sequence({digit(first, last), expr(behind)}));
  }

  static int left(std::size_t read) { return kMaxDigits - static_cast<int>(read); }

  /// Digits that follow the first `i` of a lower bound.
  Tail at_least(std::size_t i, const FractionBound& lo) {
    if (i == lo.digits.size()) return lo.is_exclusive ? not_zero(left(i)) : any(left(i));
    Tail tail;
    add(tail, static_cast<char>(lo.digits[i] + 1), '9', any(left(i + 1)));
    add(tail, lo.digits[i], lo.digits[i], at_least(i + 1, lo));
    return tail;
  }

  /// Digits that follow the first `i` of an upper bound.
  Tail at_most(std::size_t i, const FractionBound& hi) {
    if (i == hi.digits.size()) return hi.is_exclusive ? Tail{} : any(left(i), '0');
    Tail tail{.may_end = true};  // the rest of the bound is more than nothing
    add(tail, '0', static_cast<char>(hi.digits[i] - 1), any(left(i + 1)));
    add(tail, hi.digits[i], hi.digits[i], at_most(i + 1, hi));
    return tail;
  }

  /// Digits that follow `i` digits which both bounds begin with.
  Tail between(std::size_t i, const FractionBound& lo, const FractionBound& hi) {
    const bool lo_is_read = i >= lo.digits.size(), hi_is_read = i >= hi.digits.size();
    if (hi_is_read) {
      const bool is_equal = lo_is_read && !lo.is_exclusive && !hi.is_exclusive;
      return is_equal ? any(left(i), '0') : Tail{};
    }
    const char from = lo_is_read ? '0' : lo.digits[i], to = hi.digits[i];
    Tail tail{.may_end = lo_is_read && !lo.is_exclusive};
    if (from == to) {
      add(tail, from, from, between(i + 1, lo, hi));
      return tail;
    }
    FractionBound padded = lo;
    if (lo_is_read) padded.digits.resize(i + 1, '0');
    add(tail, static_cast<char>(from + 1), static_cast<char>(to - 1), any(left(i + 1)));
    if (from < to) {
      add(tail, from, from, at_least(i + 1, padded));
      add(tail, to, to, at_most(i + 1, hi));
    }
    return tail;
  }

  RuleSet& rules_;
};

/// Bounds of whole numbers, both of which are in the range.
struct WholeBounds {
  std::int64_t min = 1 - kTooLarge, max = kTooLarge - 1;
};

WholeBounds whole_bounds(const NumberBounds& b) {
  WholeBounds out;
  if (b.min) {
    const Decimal& d = b.min->value;
    const bool is_whole = d.fraction.empty();
    out.min = d.is_negative ? -d.whole : d.whole;
    // Truncation goes up below zero, and down above it.
    if (is_whole ? b.min->is_exclusive : !d.is_negative) ++out.min;
  }
  if (b.max) {
    const Decimal& d = b.max->value;
    const bool is_whole = d.fraction.empty();
    out.max = d.is_negative ? -d.whole : d.whole;
    if (is_whole ? b.max->is_exclusive : d.is_negative) --out.max;
  }
  return out;
}

}  // namespace

bool is_less(const Decimal& a, const Decimal& b) {
  if (a.is_negative != b.is_negative) return a.is_negative && !(a.is_zero() && b.is_zero());
  const auto below = [](const Decimal& x, const Decimal& y) {
    return x.whole != y.whole ? x.whole < y.whole : x.fraction < y.fraction;
  };
  return a.is_negative ? below(b, a) : below(a, b);
}

std::optional<Decimal> decimal_of(const OrderedJson& number, bool& is_exact) {
  // The shortest decimal that is read as this number: what the schema's author wrote.
  std::string text =
      number.is_number_float() ? fmt::format("{}", number.get<double>()) : number.dump();
  Decimal d;
  d.is_negative = text.starts_with('-');
  if (d.is_negative) text.erase(0, 1);
  int exponent = 0;
  if (const std::size_t e = text.find('e'); e != text.npos) {
    const char* from = text.data() + e + 1 + (text[e + 1] == '+' ? 1 : 0);
    std::from_chars(from, text.data() + text.size(), exponent);
    text.resize(e);
  }
  if (const std::size_t point = text.find('.'); point != text.npos) {
    exponent -= static_cast<int>(text.size() - point) - 1;
    text.erase(point, 1);
  }
  text.erase(0, std::min(text.find_first_not_of('0'), text.size() - 1));
  if (text == "0") return Decimal{};
  while (text.ends_with('0')) text.pop_back(), ++exponent;
  const int whole_digits = static_cast<int>(text.size()) + exponent;
  if (whole_digits > kMaxDigits) return std::nullopt;
  if (-exponent > kMaxDigits) {
    is_exact = false;
    return std::nullopt;
  }
  if (exponent >= 0) text.append(static_cast<std::size_t>(exponent), '0');
  if (whole_digits < 1) text.insert(0, static_cast<std::size_t>(1 - whole_digits), '0');
  const auto split = static_cast<std::size_t>(std::max(whole_digits, 1));
  std::from_chars(text.data(), text.data() + split, d.whole);
  d.fraction = text.substr(split);
  return d;
}

std::optional<ExprId> add_whole_numbers(const NumberBounds& bounds, RuleSet& rules) {
  const WholeBounds b = whole_bounds(bounds);
  DecimalRange range(rules);
  std::vector<ExprId> either;
  if (b.max >= 0 && b.min <= b.max)
    either.push_back(range.whole(std::max<std::int64_t>(b.min, 0), b.max));
  if (b.min < 0 && b.min <= b.max) {
    either.push_back(
        rules.sequence({rules.text("-"), range.whole(std::max<std::int64_t>(-b.max, 1), -b.min)}));
  }
  if (either.empty()) return std::nullopt;
  return rules.either(std::move(either));
}

std::optional<ExprId> add_numbers(const NumberBounds& bounds, RuleSet& rules) {
  const auto& [min, max] = bounds;
  if (min && max && is_less(max->value, min->value)) return std::nullopt;
  DecimalRange range(rules);
  std::vector<ExprId> either;
  const auto size = [](const NumberBounds::Bound& b) {
    Decimal d = b.value;
    d.is_negative = false;
    return d;
  };
  const bool min_is_negative = !min || (min->value.is_negative && !min->value.is_zero());
  const bool max_is_negative = max && max->value.is_negative && !max->value.is_zero();
  if (!max_is_negative) {
    const auto part = range.not_negative(
        min_is_negative ? Decimal{} : min->value, !min_is_negative && min->is_exclusive,
        max ? std::optional(max->value) : std::nullopt, max && max->is_exclusive);
    if (part) either.push_back(*part);
  }
  if (min_is_negative) {
    const auto part = range.not_negative(
        max_is_negative ? size(*max) : Decimal{}, !max_is_negative || max->is_exclusive,
        min ? std::optional(size(*min)) : std::nullopt, min && min->is_exclusive);
    if (part) either.push_back(rules.sequence({rules.text("-"), *part}));
  }
  if (either.empty()) return std::nullopt;
  return rules.either(std::move(either));
}

}  // namespace pangu::grammar
