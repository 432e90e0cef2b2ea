// SPDX-License-Identifier: Apache-2.0
#include "kernels/attention/attention_fma.h"
#include "kernels/simd/avx2.h"
#include "quant/code_panels.h"

namespace pangu::kernels {
namespace {

struct Lanes {
  /// The bytes of each input in turn go to the top of their 32-bit lane, and come down with their
  /// sign.
  PANGU_INLINE static void bytes(const std::byte* p, __m256 (&x)[4]) {
    const __m256i codes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
    PANGU_UNROLL
    for (int i = 0; i < 4; ++i) {
      const int first = (i / 2 * 8 + i % 2) << 24 | 0x808080;
      const __m128i at = _mm_setr_epi32(first, first | 2 << 24, first | 4 << 24, first | 6 << 24);
      const __m256i top = _mm256_shuffle_epi8(codes, _mm256_broadcastsi128_si256(at));
      x[i] = _mm256_cvtepi32_ps(_mm256_srai_epi32(top, 24));
    }
  }

  PANGU_INLINE static void nibbles(const std::byte* p, __m256 (&x)[8]) {
    const __m256i codes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
    PANGU_UNROLL
    for (int i = 0; i < 8; ++i) {
      x[i] = _mm256_cvtepi32_ps(
          _mm256_and_si256(_mm256_srli_epi32(codes, nibble_shift(i)), _mm256_set1_epi32(0xF)));
    }
  }
};

}  // namespace

constinit const AttentionKernels kAttentionAvx2 = fma_kernels<V256, Lanes, 2, 4, 8, 4>();

}  // namespace pangu::kernels
