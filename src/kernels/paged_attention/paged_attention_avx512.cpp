// SPDX-License-Identifier: Apache-2.0
#include "kernels/paged_attention/paged_attention_fma.h"
#include "kernels/simd/avx512.h"
#include "kernels/simd/avx512_codes.h"

namespace pangu::kernels {
namespace {

struct Lanes {
  static constexpr float kByteScale = kByteCodeScale;
  PANGU_INLINE static void bytes(const std::byte* p, __m512 (&x)[4]) {
    const __m512i codes = _mm512_loadu_si512(p);
    PANGU_UNROLL
    for (int i = 0; i < 4; ++i) x[i] = byte_code_f32(codes, i);
  }
  PANGU_INLINE static void nibbles(const std::byte* p, __m512 (&x)[8]) {
    const __m512i codes = _mm512_loadu_si512(p);
    const __m512 table = nibble_table(0.0f);
    PANGU_UNROLL
    for (int i = 0; i < 8; ++i) x[i] = nibble_code_f32(codes, i, table);
  }
};

}  // namespace

constinit const AttentionKernels kAttentionAvx512 = fma_kernels<V512, Lanes, 8, 4, 16, 8>();

}  // namespace pangu::kernels
