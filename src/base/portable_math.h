// SPDX-License-Identifier: Apache-2.0
// exp and log in plain double arithmetic. The C library picks code by CPU, so its results may
// differ in the last bit between machines; these do not, and the compiler can vectorize them.
// All is static and built in, so that a file compiled for a newer instruction set cannot lend its
// copy to others.
#pragma once

#include <cstdint>

namespace pangu {

// ln 2 in two parts; the high one has trailing zeros, so k * kLn2High is exact for |k| < 2^11.
inline constexpr double kLn2High = 0x1.62e42feep-1;
inline constexpr double kLn2Low = 0x1.a39ef35793c76p-33;

/// e^x for x <= 0, -infinity included, within 2 ulp; exactly 1 at 0. Below -700 the result is 0:
/// next to the likeliest token, whose weight is 1, such a weight changes no sum.
/// x = k ln 2 + r with |r| <= ln 2 / 2, then the Taylor series of e^r to r^13 (rest < 2^-57).
[[gnu::always_inline]] static inline double exp_nonpositive(double x) {
  constexpr double kLowest = -700.0;
  constexpr double kRound = 0x1.8p52;  // adding it rounds to an integer, held in the low bits
  const double clamped = x < kLowest ? kLowest : x;
  const double shifted = clamped * 0x1.71547652b82fep0 + kRound;
  const double k = shifted - kRound;
  const double r = (clamped - k * kLn2High) - k * kLn2Low;
  double sum = 1.0 / 6227020800.0;
  sum = sum * r + 1.0 / 479001600.0;
  sum = sum * r + 1.0 / 39916800.0;
  sum = sum * r + 1.0 / 3628800.0;
  sum = sum * r + 1.0 / 362880.0;
  sum = sum * r + 1.0 / 40320.0;
  sum = sum * r + 1.0 / 5040.0;
  sum = sum * r + 1.0 / 720.0;
  sum = sum * r + 1.0 / 120.0;
  sum = sum * r + 1.0 / 24.0;
  sum = sum * r + 1.0 / 6.0;
  sum = sum * r + 0.5;
  sum = sum * r + 1.0;
  sum = sum * r + 1.0;
  const auto exponent =
      (__builtin_bit_cast(std::uint64_t, shifted) << 52) + (std::uint64_t{1023} << 52);
  const double result = sum * __builtin_bit_cast(double, exponent);
  return x < kLowest ? 0.0 : result;
}

/// Natural logarithm of a positive normal number, within 4e-16 * max(1, |log x|).
/// x = 2^k m with m in [sqrt 1/2, sqrt 2], log m = 2 artanh((m - 1) / (m + 1)).
static inline double log_positive(double x) {
  const auto bits = __builtin_bit_cast(std::uint64_t, x);
  double k = static_cast<double>(static_cast<std::int64_t>(bits >> 52) - 1023);
  double m = __builtin_bit_cast(double, (bits & 0x000FFFFFFFFFFFFFu) | 0x3FF0000000000000u);
  if (m > 0x1.6a09e667f3bcdp0) {
    m *= 0.5;
    k += 1.0;
  }
  const double s = (m - 1.0) / (m + 1.0);
  const double s2 = s * s;
  double sum = 1.0 / 21.0;
  for (int odd = 19; odd >= 1; odd -= 2) sum = sum * s2 + 1.0 / odd;
  return k * kLn2High + (2.0 * s * sum + k * kLn2Low);
}

}  // namespace pangu
