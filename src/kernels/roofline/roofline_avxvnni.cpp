// SPDX-License-Identifier: Apache-2.0
#include "kernels/roofline/roofline_simd.h"
#include "kernels/simd/avxvnni.h"

namespace pangu::kernels {
namespace {

struct AvxVnniMath {
  using Reg = __m256i;
  static constexpr int kProducts = 32;
  PANGU_INLINE static Reg zero() { return _mm256_setzero_si256(); }
  PANGU_INLINE static Reg ones() { return _mm256_set1_epi8(1); }
  PANGU_INLINE static Reg madd(Reg sum, Reg x) { return dot_bytes(sum, x, x); }
  PANGU_INLINE static Reg add(Reg a, Reg b) { return _mm256_add_epi32(a, b); }
  PANGU_INLINE static int first(Reg x) { return _mm_cvtsi128_si32(_mm256_castsi256_si128(x)); }
};

}  // namespace

double spin_int8_avxvnni(std::int64_t steps) {
  return spin_int8<AvxVnniMath>(steps);
}

}  // namespace pangu::kernels
