// SPDX-License-Identifier: Apache-2.0
#include "kernels/roofline/roofline_simd.h"
#include "kernels/simd/avx512.h"

namespace pangu::kernels {
double spin_bf16_avx512bf16(std::int64_t steps) {
  constexpr int kChains = 12;
  __m512 sum[kChains];
  PANGU_UNROLL
  for (int c = 0; c < kChains; ++c) sum[c] = V512::set1(static_cast<float>(c));
  __m512i ones = _mm512_set1_epi32(0x3F803F80);
  for (std::int64_t i = 0; i < steps; ++i) {
    asm volatile("" : "+v"(ones));
    const auto x = reinterpret_cast<__m512bh>(ones);
    PANGU_UNROLL
    for (int c = 0; c < kChains; ++c) sum[c] = _mm512_dpbf16_ps(sum[c], x, x);
  }
  __m512 total = _mm512_setzero_ps();
  PANGU_UNROLL
  for (int c = 0; c < kChains; ++c) total = _mm512_add_ps(total, sum[c]);
  volatile float keep = _mm512_reduce_add_ps(total);
  static_cast<void>(keep);
  return 2.0 * 2 * 16 * kChains * static_cast<double>(steps);
}

}  // namespace pangu::kernels
