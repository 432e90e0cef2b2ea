// SPDX-License-Identifier: Apache-2.0
// int8 codes to bf16, exactly, sixty-four at a time, with AVX-512 VBMI: both bytes of the bf16 are
// looked up by magnitude, the sign bit is that of the code. Seven instructions for what conversion
// through f32 does in ten. Included only by *_avx512bf16.cpp files.
#pragma once

#include <immintrin.h>

#include <cstdint>

#include "kernels/simd/unroll.h"

namespace pangu::kernels {
namespace {

/// The 128 magnitudes as bf16, their upper and lower bytes apart.
struct MagnitudeBytes {
  alignas(64) std::uint8_t high[128];
  alignas(64) std::uint8_t low[128];
};

constexpr MagnitudeBytes make_magnitude_bytes() {
  MagnitudeBytes t{};
  for (unsigned m = 1; m < 128; ++m) {
    unsigned exponent = 0;
    while ((m >> exponent) > 1) ++exponent;
    const unsigned mantissa = (m << (7 - exponent)) & 0x7F;
    const unsigned bits = (127 + exponent) << 7 | mantissa;
    t.high[m] = static_cast<std::uint8_t>(bits >> 8);
    t.low[m] = static_cast<std::uint8_t>(bits & 0xFF);
  }
  return t;
}

inline constexpr MagnitudeBytes kMagnitudeBytes = make_magnitude_bytes();

/// Codes in [-127, 127]; -128 has no place in the table and comes out as -0.
class Int8ToBf16 {
 public:
  PANGU_INLINE Int8ToBf16()
      : high0_(_mm512_load_si512(kMagnitudeBytes.high)),
        high1_(_mm512_load_si512(kMagnitudeBytes.high + 64)),
        low0_(_mm512_load_si512(kMagnitudeBytes.low)),
        low1_(_mm512_load_si512(kMagnitudeBytes.low + 64)),
        sign_(_mm512_set1_epi8(static_cast<char>(0x80))) {}

  /// `codes` in the layout of quant/code_panels.h: 16 lanes by 4 inputs. `first` gets inputs 0 and
  /// 1 of every lane, `second` inputs 2 and 3.
  PANGU_INLINE void expand(__m512i codes, __m512i& first, __m512i& second) const {
    const __m512i magnitude = _mm512_abs_epi8(codes);
    __m512i high = _mm512_permutex2var_epi8(high0_, magnitude, high1_);
    const __m512i low = _mm512_permutex2var_epi8(low0_, magnitude, low1_);
    constexpr int kOrWithMasked = 0xF8;  // a | (b & c)
    high = _mm512_ternarylogic_epi32(high, codes, sign_, kOrWithMasked);
    first = _mm512_unpacklo_epi8(low, high);
    second = _mm512_unpackhi_epi8(low, high);
  }

 private:
  __m512i high0_, high1_, low0_, low1_, sign_;
};

}  // namespace
}  // namespace pangu::kernels
