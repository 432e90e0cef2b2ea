// SPDX-License-Identifier: Apache-2.0
#include "kernels/roofline/roofline_simd.h"
#include "kernels/simd/avx2.h"
#include "kernels/simd/avx2_sums.h"

namespace pangu::kernels {
namespace {

/// Bytes multiplied and added in pairs to int16, eight times before such sums become int32: the
/// most products instructions give. Where nothing may saturate, one of the codes has 4 bits, as in
/// the kernels of w4a8; those of w8a8 widen both codes first and stay below this.
struct ByteMath {
  using Reg = __m256i;
  static constexpr int kTimes = 8, kProducts = 32 * kTimes;
  PANGU_INLINE static Reg zero() { return _mm256_setzero_si256(); }
  PANGU_INLINE static Reg ones() { return _mm256_set1_epi8(1); }
  PANGU_INLINE static Reg madd(Reg sum, Reg x) {
    Reg part = zero();
    PANGU_UNROLL
    for (int i = 0; i < kTimes; ++i) {
      asm volatile("" : "+x"(x));  // or all of them would be one
      part = add_words(part, _mm256_maddubs_epi16(x, x));
    }
    return add_ints(sum, _mm256_madd_epi16(part, _mm256_set1_epi16(1)));
  }
  PANGU_INLINE static Reg add(Reg a, Reg b) { return _mm256_add_epi32(a, b); }
  PANGU_INLINE static int first(Reg x) { return _mm_cvtsi128_si32(_mm256_castsi256_si128(x)); }
};

}  // namespace

std::uint64_t read_all_avx2(const std::byte* data, std::size_t bytes) {
  __m256i sum[4] = {_mm256_setzero_si256(), _mm256_setzero_si256(), _mm256_setzero_si256(),
                    _mm256_setzero_si256()};
  for (std::size_t i = 0; i + 128 <= bytes; i += 128) {
    const auto* p = reinterpret_cast<const __m256i*>(data + i);
    PANGU_UNROLL
    for (int j = 0; j < 4; ++j) sum[j] = _mm256_xor_si256(sum[j], _mm256_loadu_si256(p + j));
  }
  const __m256i all =
      _mm256_xor_si256(_mm256_xor_si256(sum[0], sum[1]), _mm256_xor_si256(sum[2], sum[3]));
  std::uint64_t words[4];
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(words), all);
  return words[0] ^ words[1] ^ words[2] ^ words[3];
}

double spin_f32_avx2(std::int64_t steps) {
  return spin_f32<V256>(steps);
}

double spin_int8_avx2(std::int64_t steps) {
  return spin_int8<ByteMath>(steps);
}

}  // namespace pangu::kernels
