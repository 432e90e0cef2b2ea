// SPDX-License-Identifier: Apache-2.0
#include "kernels/attention/attention_fma.h"
#include "kernels/simd/avx512.h"
#include "quant/code_panels.h"

namespace pangu::kernels {
namespace {

struct Lanes {
  /// The bytes of each input in turn go to the top of their 32-bit lane, and come down with their
  /// sign.
  PANGU_INLINE static void bytes(const std::byte* p, __m512 (&x)[4]) {
    const __m512i codes = _mm512_loadu_si512(p);
    PANGU_UNROLL
    for (int i = 0; i < 4; ++i) {
      const int first = (i / 2 * 8 + i % 2) << 24 | 0x808080;
      const __m512i at =
          _mm512_set4_epi32(first | 6 << 24, first | 4 << 24, first | 2 << 24, first);
      x[i] = _mm512_cvtepi32_ps(_mm512_srai_epi32(_mm512_shuffle_epi8(codes, at), 24));
    }
  }

  /// Looked up: the table's index is the lowest nibble of each lane.
  PANGU_INLINE static void nibbles(const std::byte* p, __m512 (&x)[8]) {
    const __m512 table = _mm512_setr_ps(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    const __m512i codes = _mm512_loadu_si512(p);
    PANGU_UNROLL
    for (int i = 0; i < 8; ++i) {
      const auto shift = static_cast<unsigned>(nibble_shift(i));
      x[i] = _mm512_permutexvar_ps(_mm512_srli_epi32(codes, shift), table);
    }
  }
};

}  // namespace

constinit const AttentionKernels kAttentionAvx512 = fma_kernels<V512, Lanes, 8, 4, 16, 8>();

}  // namespace pangu::kernels
