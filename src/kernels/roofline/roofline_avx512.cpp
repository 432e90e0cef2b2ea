// SPDX-License-Identifier: Apache-2.0
#include "kernels/roofline/roofline_simd.h"
#include "kernels/simd/avx512.h"

namespace pangu::kernels {
namespace {

/// Bytes multiplied and added in pairs to int16, two such sums in pairs to int32: the most products
/// an instruction gives. Where nothing may saturate, one of the codes has 4 bits, as in the kernels
/// of w4a8; those of w8a8 widen both codes first and stay below this.
struct ByteMath {
  using Reg = __m512i;
  static constexpr int kProducts = 128;
  PANGU_INLINE static Reg zero() { return _mm512_setzero_si512(); }
  PANGU_INLINE static Reg ones() { return _mm512_set1_epi8(1); }
  PANGU_INLINE static Reg madd(Reg sum, Reg x) {
    const Reg one = _mm512_set1_epi16(1);
    const Reg pairs = _mm512_add_epi16(_mm512_maddubs_epi16(x, x), _mm512_maddubs_epi16(x, one));
    return _mm512_add_epi32(sum, _mm512_madd_epi16(pairs, one));
  }
  PANGU_INLINE static Reg add(Reg a, Reg b) { return _mm512_add_epi32(a, b); }
  PANGU_INLINE static int first(Reg x) { return _mm_cvtsi128_si32(_mm512_castsi512_si128(x)); }
};

}  // namespace

std::uint64_t read_all_avx512(const std::byte* data, std::size_t bytes) {
  __m512i sum[4] = {_mm512_setzero_si512(), _mm512_setzero_si512(), _mm512_setzero_si512(),
                    _mm512_setzero_si512()};
  for (std::size_t i = 0; i + 256 <= bytes; i += 256) {
    PANGU_UNROLL
    for (int j = 0; j < 4; ++j) {
      sum[j] = _mm512_xor_si512(sum[j], _mm512_loadu_si512(data + i + j * 64));
    }
  }
  const __m512i all =
      _mm512_xor_si512(_mm512_xor_si512(sum[0], sum[1]), _mm512_xor_si512(sum[2], sum[3]));
  std::uint64_t words[8];
  _mm512_storeu_si512(words, all);
  std::uint64_t out = 0;
  PANGU_UNROLL
  for (int j = 0; j < 8; ++j) out ^= words[j];
  return out;
}

double spin_f32_avx512(std::int64_t steps) {
  return spin_f32<V512>(steps);
}

double spin_int8_avx512(std::int64_t steps) {
  return spin_int8<ByteMath>(steps);
}

}  // namespace pangu::kernels
