// SPDX-License-Identifier: Apache-2.0
// Arithmetic that the encoders of the block formats share. All of it is defined for every finite
// input, so that the same row gives the same bytes everywhere.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

namespace pangu::blocks {

/// Rounds half to even if |x| < 2^22: adding 1.5 * 2^23 leaves the integer in the low bits of the
/// mantissa. The k formats define rounding as these bits, also for numbers out of range; those
/// come up when a scale underflows in f16.
inline std::int32_t nearest_int(float x) {
  const auto bits = std::bit_cast<std::uint32_t>(x + 0x1.8p23f);
  return static_cast<std::int32_t>(bits & 0x7FFFFFu) - 0x400000;
}

/// The largest magnitude. Bits of finite numbers without the sign order like the numbers.
template <int N>
float largest_magnitude(const float* x) {
  std::int32_t largest = 0;
  for (int i = 0; i < N; ++i) {
    largest = std::max(largest, std::bit_cast<std::int32_t>(x[i]) & 0x7FFFFFFF);
  }
  return std::bit_cast<float>(largest);
}

/// What to multiply with in place of dividing by a scale. A scale this small is 0 as f16, where any
/// code means 0.
inline float reciprocal_or_zero(float scale) {
  const float reciprocal = 1.0f / scale;
  return std::isfinite(reciprocal) ? reciprocal : 0.0f;
}

}  // namespace pangu::blocks
