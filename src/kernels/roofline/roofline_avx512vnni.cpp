// SPDX-License-Identifier: Apache-2.0
#include "kernels/roofline/roofline_simd.h"
#include "kernels/simd/vnni.h"

namespace pangu::kernels {
namespace {

struct VnniMath {
  using Reg = __m512i;
  static constexpr int kProducts = 64;
  PANGU_INLINE static Reg zero() { return _mm512_setzero_si512(); }
  PANGU_INLINE static Reg ones() { return _mm512_set1_epi8(1); }
  PANGU_INLINE static Reg madd(Reg sum, Reg x) { return dot_bytes(sum, x, x); }
  PANGU_INLINE static Reg add(Reg a, Reg b) { return _mm512_add_epi32(a, b); }
  PANGU_INLINE static int first(Reg x) { return _mm_cvtsi128_si32(_mm512_castsi512_si128(x)); }
};

}  // namespace

double spin_int8_avx512vnni(std::int64_t steps) {
  return spin_int8<VnniMath>(steps);
}

}  // namespace pangu::kernels
