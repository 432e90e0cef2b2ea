// SPDX-License-Identifier: Apache-2.0
#include "kernels/paged_attention/paged_attention_fma.h"
#include "kernels/simd/neon.h"
#include "kernels/simd/neon_codes.h"

namespace pangu::kernels {
namespace {

struct Lanes {
  static constexpr float kByteScale = 1;
  PANGU_INLINE static void bytes(const std::byte* p, float32x4_t (&x)[4]) {
    const uint8x16_t codes = load_bytes(p);
    PANGU_UNROLL
    for (int i = 0; i < 4; ++i) x[i] = byte_code_f32(codes, i);
  }
  PANGU_INLINE static void nibbles(const std::byte* p, float32x4_t (&x)[8]) {
    const NibbleBytes codes = load_nibbles(p);
    PANGU_UNROLL
    for (int i = 0; i < 8; ++i) x[i] = nibble_code_f32(codes, i);
  }
};

}  // namespace

constinit const AttentionKernels kAttentionNeon = fma_kernels<V128, Lanes, 4, 4, 16, 8>();

}  // namespace pangu::kernels
