// SPDX-License-Identifier: Apache-2.0
// Exact arithmetic on the numbers of answers: decimals of any length, fractions and powers up to a
// limit. What passes the limit has no result, rather than a rounded one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace pangu::eval {

/// Longest numbers that are counted with, and longest powers.
constexpr std::size_t kMostDigits = 9;
constexpr std::size_t kMostDigitsOfPower = 64;

/// A decimal number without its sign.
struct Digits {
  std::string whole, fraction;

  bool empty() const { return whole.empty() && fraction.empty(); }
  /// Moves the point to the right, or to the left if `by` is negative.
  void shift(int by);
  /// Without zeros at either end.
  std::string text() const;
};

/// top / bottom, each of kMostDigits digits at most; bottom is not 0.
struct Quotient {
  std::uint64_t top = 0, bottom = 1;

  /// As a decimal number if it ends, else as a fraction in lowest terms; nothing if that has too
  /// many digits.
  std::optional<std::string> text() const;
};

/// Nothing if it has too many digits.
std::optional<Quotient> quotient(const Digits& number);
/// a / b and a + b; nothing if b is 0, or if the result has too many digits.
std::optional<Quotient> divided(const Quotient& a, const Quotient& b);
std::optional<Quotient> sum(const Quotient& a, const Quotient& b);
/// base ^ exponent, in the form of Quotient::text(); nothing for 0 ^ -1 and for too many digits.
std::optional<std::string> power_text(Quotient base, int exponent);

}  // namespace pangu::eval
