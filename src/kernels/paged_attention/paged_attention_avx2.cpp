// SPDX-License-Identifier: Apache-2.0
#include "kernels/paged_attention/paged_attention_fma.h"
#include "kernels/simd/avx2.h"
#include "kernels/simd/avx2_codes.h"

namespace pangu::kernels {
namespace {

struct Lanes {
  static constexpr float kByteScale = kByteCodeScale;
  PANGU_INLINE static void bytes(const std::byte* p, __m256 (&x)[4]) {
    const __m256i codes = load_words(p);
    PANGU_UNROLL
    for (int i = 0; i < 4; ++i) x[i] = byte_code_f32(codes, i);
  }
  PANGU_INLINE static void nibbles(const std::byte* p, __m256 (&x)[8]) {
    const __m256i codes = load_words(p);
    PANGU_UNROLL
    for (int i = 0; i < 8; ++i) x[i] = _mm256_cvtepi32_ps(nibble_codes(codes, i));
  }
};

}  // namespace

constinit const AttentionKernels kAttentionAvx2 = fma_kernels<V256, Lanes, 2, 4, 8, 4>();

}  // namespace pangu::kernels
