// SPDX-License-Identifier: Apache-2.0
// Bringing an operand of gemm into strips; included only by ISA files.
#pragma once

#include <algorithm>

#include "kernels/gemm/gemm.h"
#include "kernels/simd/unroll.h"

namespace pangu::kernels {
namespace {

using GemmFour = float __attribute__((vector_size(16)));

PANGU_INLINE GemmFour gemm_four(const float* p) {
  GemmFour x;
  __builtin_memcpy(&x, p, sizeof(x));
  return x;
}
PANGU_INLINE GemmFour gemm_four(const std::uint16_t* p) {
  using Halves = std::uint16_t __attribute__((vector_size(8)));
  using Words = std::uint32_t __attribute__((vector_size(16)));
  Halves x;
  __builtin_memcpy(&x, p, sizeof(x));
  return reinterpret_cast<GemmFour>(__builtin_convertvector(x, Words) << 16);
}

PANGU_INLINE float gemm_element(const float* p) {
  return *p;
}
PANGU_INLINE float gemm_element(const std::uint16_t* p) {
  const std::uint32_t bits = std::uint32_t{*p} << 16;
  float value;
  __builtin_memcpy(&value, &bits, sizeof(value));
  return value;
}

/// Four inner indices of four lines, [line][k] -> [k][Width].
template <int Width, class T>
PANGU_INLINE void turn_four(const T* from, int64_t line_stride, float* to) {
  const GemmFour a = gemm_four(from), b = gemm_four(from + line_stride),
                 c = gemm_four(from + 2 * line_stride), d = gemm_four(from + 3 * line_stride);
  const GemmFour ab_low = __builtin_shufflevector(a, b, 0, 4, 1, 5),
                 ab_high = __builtin_shufflevector(a, b, 2, 6, 3, 7),
                 cd_low = __builtin_shufflevector(c, d, 0, 4, 1, 5),
                 cd_high = __builtin_shufflevector(c, d, 2, 6, 3, 7);
  const GemmFour turned[4] = {__builtin_shufflevector(ab_low, cd_low, 0, 1, 4, 5),
                              __builtin_shufflevector(ab_low, cd_low, 2, 3, 6, 7),
                              __builtin_shufflevector(ab_high, cd_high, 0, 1, 4, 5),
                              __builtin_shufflevector(ab_high, cd_high, 2, 3, 6, 7)};
  PANGU_UNROLL
  for (int k = 0; k < 4; ++k) __builtin_memcpy(to + k * Width, &turned[k], sizeof(turned[k]));
}

/// `lines` lines as one strip, element by element: whatever the faster ways below leave.
template <int Width, class T>
void pack_elements(const T* from, const GemmOperand& o, int64_t first, int64_t lines, int64_t depth,
                   float* to) {
  for (int64_t i = first; i < Width; ++i) {
    const T* line = from + i * o.line_stride;
    for (int64_t k = 0; k < depth; ++k) {
      to[k * Width + i] = i < lines ? gemm_element(line + k * o.k_stride) : 0.0f;
    }
  }
}

/// Whole strips of lines side by side. A few inner indices of all strips come before the next:
/// each index is a row of memory far from the others, of which one strip takes but a part of a
/// cache line.
template <int Width, class T>
void pack_side_by_side(const T* from, const GemmOperand& o, int64_t strips, int64_t depth,
                       float* to) {
  constexpr int64_t kPiece = 8;
  for (int64_t k0 = 0; k0 < depth; k0 += kPiece) {
    const int64_t k1 = std::min(depth, k0 + kPiece);
    for (int64_t s = 0; s < strips; ++s) {
      for (int64_t k = k0; k < k1; ++k) {
        const T* line = from + k * o.k_stride + s * Width;
        float* out = to + (s * depth + k) * Width;
        PANGU_UNROLL
        for (int i = 0; i < Width; ++i) out[i] = gemm_element(line + i);
      }
    }
  }
}

/// A whole strip of lines along the inner axis, in pieces that stay in the first-level cache while
/// the lines go by.
template <int Width, class T>
void pack_turned(const T* from, const GemmOperand& o, int64_t depth, float* to) {
  constexpr int64_t kPiece = 64;
  constexpr int kTurned = Width / 4 * 4;
  for (int64_t k0 = 0; k0 < depth; k0 += kPiece, from += kPiece, to += kPiece * Width) {
    const int64_t n = std::min(kPiece, depth - k0), fours = n / 4 * 4;
    for (int i = 0; i < kTurned; i += 4) {
      const T* lines = from + i * o.line_stride;
      for (int64_t k = 0; k < fours; k += 4) {
        turn_four<Width>(lines + k, o.line_stride, to + k * Width + i);
      }
    }
    pack_elements<Width>(from, o, kTurned, Width, fours, to);
    pack_elements<Width>(from + fours, o, 0, Width, n - fours, to + fours * Width);
  }
}

template <int Width, class T>
void pack_lines(const T* from, const GemmOperand& o, int64_t lines, int64_t depth, float* to) {
  const int64_t whole = o.line_stride == 1 || o.k_stride == 1 ? lines / Width : 0;
  if (o.line_stride == 1) {
    pack_side_by_side<Width>(from, o, whole, depth, to);
  } else {
    for (int64_t s = 0; s < whole; ++s) {
      pack_turned<Width>(from + s * Width * o.line_stride, o, depth, to + s * Width * depth);
    }
  }
  for (int64_t line = whole * Width; line < lines; line += Width) {
    pack_elements<Width>(from + line * o.line_stride, o, 0, lines - line, depth, to + line * depth);
  }
}

/// Strips of f32 words.
template <int Width>
void pack_f32(const GemmOperand& o, const GemmBlock& block, std::byte* to) {
  auto* out = reinterpret_cast<float*>(to);
  const int64_t at = block.line * o.line_stride + block.k * o.k_stride;
  if (o.dtype == DType::kF32) {
    pack_lines<Width>(static_cast<const float*>(o.data) + at, o, block.lines, block.depth, out);
  } else {
    pack_lines<Width>(static_cast<const std::uint16_t*>(o.data) + at, o, block.lines, block.depth,
                      out);
  }
}

}  // namespace
}  // namespace pangu::kernels
