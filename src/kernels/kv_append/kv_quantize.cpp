// SPDX-License-Identifier: Apache-2.0
// Plain loops that the compiler turns into vectors: it would not where they compare floats or call
// functions that round.
#include "kernels/kv_append/kv_quantize.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace pangu::kernels {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kMaxF16 = 65504.0f;

/// `x` rounded to nearest even, between two small whole numbers. The sum has no bits left for
/// fractions, and counts in its lowest ones; beyond that it is at least in order.
std::int32_t rounded(float x, std::int32_t low, std::int32_t high) {
  constexpr float kNoFractions = 0x1.8p23f;
  constexpr auto kZero = std::bit_cast<std::int32_t>(kNoFractions);
  const auto bits = std::bit_cast<std::int32_t>(x + kNoFractions);
  const std::int32_t at_least = bits < kZero + low ? kZero + low : bits;
  return (at_least > kZero + high ? kZero + high : at_least) - kZero;
}

/// Whole numbers in the order of the floats they are made from, and back.
std::int32_t ordered(std::int32_t bits) {
  return bits ^ (bits >> 31 & 0x7FFFFFFF);
}

struct Range {
  float min, max;
  bool finite;
};

Range range_of(const float* x, int64_t n) {
  std::int32_t min = ordered(std::bit_cast<std::int32_t>(x[0])), max = min;
  for (int64_t i = 1; i < n; ++i) {
    const std::int32_t at = ordered(std::bit_cast<std::int32_t>(x[i]));
    min = at < min ? at : min;
    max = at > max ? at : max;
  }
  constexpr std::int32_t kInfinity = 0x7F800000;
  return {std::bit_cast<float>(ordered(min)), std::bit_cast<float>(ordered(max)),
          max < kInfinity && min > ~kInfinity};
}

}  // namespace

float quantize_int8(const float* x, int64_t n, std::int8_t* codes) {
  const Range range = range_of(x, n);
  const float scale = std::max(std::fabs(range.min), std::fabs(range.max)) / 127.0f;
  if (!range.finite || scale == 0.0f) {
    std::fill_n(codes, n, std::int8_t{0});
    return range.finite ? 0.0f : kNan;
  }
  for (int64_t i = 0; i < n; ++i) {
    // A subnormal scale may be too small by a third.
    codes[i] = static_cast<std::int8_t>(rounded(x[i] / scale, -127, 127));
  }
  return scale;
}

Int4Scale quantize_int4(const float* x, int64_t n, std::uint8_t* codes) {
  const Range range = range_of(x, n);
  const float low = std::clamp(range.min, -kMaxF16, kMaxF16);
  const float high = std::clamp(range.max, -kMaxF16, kMaxF16);
  const Int4Scale s{to_f16(range.finite ? (high - low) / 15.0f : kNan), to_f16(low)};
  const float scale = to_f32(s.scale), minimum = to_f32(s.minimum);
  if (!range.finite || scale == 0.0f) {
    std::fill_n(codes, n, std::uint8_t{0});
    return s;
  }
  for (int64_t i = 0; i < n; ++i) {
    codes[i] = static_cast<std::uint8_t>(rounded((x[i] - minimum) / scale, 0, 15));
  }
  return s;
}

}  // namespace pangu::kernels
