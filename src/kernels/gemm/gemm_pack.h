// SPDX-License-Identifier: Apache-2.0
// Bringing an operand of gemm into strips; included only by ISA files.
#pragma once

#include <algorithm>

#include "kernels/gemm/gemm.h"
#include "kernels/simd/unroll.h"

namespace pangu::kernels {
namespace {

PANGU_INLINE float gemm_element(const float* p) {
  return *p;
}
PANGU_INLINE float gemm_element(const std::uint16_t* p) {
  const std::uint32_t bits = std::uint32_t{*p} << 16;
  float value;
  __builtin_memcpy(&value, &bits, sizeof(value));
  return value;
}

/// One strip of at most Width lines as f32, [depth][Width].
template <int Width, class T>
void pack_strip(const T* from, const GemmOperand& o, int64_t lines, int64_t depth, float* to) {
  if (o.line_stride == 1 && lines == Width) {
    for (int64_t k = 0; k < depth; ++k, to += Width) {
      const T* line = from + k * o.k_stride;
      for (int i = 0; i < Width; ++i) to[i] = gemm_element(line + i);
    }
    return;
  }
  // In pieces along the inner axis that stay in the first-level cache while the lines go by.
  constexpr int64_t kPiece = 64;
  for (int64_t k0 = 0; k0 < depth; k0 += kPiece) {
    const int64_t k1 = std::min(depth, k0 + kPiece);
    for (int64_t i = 0; i < Width; ++i) {
      const T* line = from + i * o.line_stride;
      for (int64_t k = k0; k < k1; ++k) {
        to[k * Width + i] = i < lines ? gemm_element(line + k * o.k_stride) : 0.0f;
      }
    }
  }
}

/// Strips of f32 words.
template <int Width>
void pack_f32(const GemmOperand& o, const GemmBlock& block, std::byte* to) {
  auto* out = reinterpret_cast<float*>(to);
  const int64_t offset = block.line * o.line_stride + block.k * o.k_stride;
  for (int64_t i = 0; i < block.lines; i += Width, out += Width * block.depth) {
    const int64_t lines = std::min<int64_t>(Width, block.lines - i);
    const int64_t at = offset + i * o.line_stride;
    if (o.dtype == DType::kF32) {
      pack_strip<Width>(static_cast<const float*>(o.data) + at, o, lines, block.depth, out);
    } else {
      pack_strip<Width>(static_cast<const std::uint16_t*>(o.data) + at, o, lines, block.depth, out);
    }
  }
}

}  // namespace
}  // namespace pangu::kernels
