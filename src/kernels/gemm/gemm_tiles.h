// SPDX-License-Identifier: Apache-2.0
// The register tiles of gemm for any vector type; included only by ISA files.
#pragma once

#include "kernels/gemm/gemm.h"
#include "kernels/simd/unroll.h"

namespace pangu::kernels {
namespace {

/// Products of f32 words.
template <class V_>
struct GemmF32 {
  using V = V_;
  using Operand = typename V::Reg;
  PANGU_INLINE static Operand load(const std::byte* p) {
    return V::load(reinterpret_cast<const float*>(p));
  }
  PANGU_INLINE static Operand broadcast(const std::byte* p) {
    return V::set1(*reinterpret_cast<const float*>(p));
  }
  PANGU_INLINE static typename V::Reg add_product(Operand a, Operand b, typename V::Reg sum) {
    return V::fma(a, b, sum);
  }
};

template <class V, int NB>
PANGU_INLINE void store_tile_row(float* c, const typename V::Reg (&sum)[NB], int64_t columns,
                                 bool accumulate) {
  PANGU_UNROLL
  for (int b = 0; b < NB; ++b) {
    const int64_t n = columns - b * V::kLanes;
    float* at = c + b * V::kLanes;
    if (n >= V::kLanes) {
      V::store(at, accumulate ? V::add(V::load(at), sum[b]) : sum[b]);
    } else if (n > 0) {
      V::store_n(at, accumulate ? V::add(V::load_n(at, n), sum[b]) : sum[b], n);
    }
  }
}

/// Strips wider than a cache line do not fit into the first-level cache: what is needed a few inner
/// indices later is fetched.
template <int kBytes>
PANGU_INLINE void fetch_ahead(const std::byte* w) {
  constexpr int kLine = 64, kAhead = 8;
  if constexpr (kBytes > kLine) {
    PANGU_UNROLL
    for (int b = 0; b < kBytes; b += kLine) __builtin_prefetch(w + kAhead * kBytes + b);
  }
}

/// C is far away when sums are done, and they are done together: it comes while they are computed.
template <class V, int NB>
PANGU_INLINE void fetch_tile_row(const float* c) {
  PANGU_UNROLL
  for (int b = 0; b < NB * V::kLanes; b += 16) __builtin_prefetch(c + b, 1);
  __builtin_prefetch(c + NB * V::kLanes - 1, 1);
}

/// R rows by NB vectors of C.
template <class Math, int R, int NB>
void gemm_tile(const GemmTiles& t, const std::byte* a, float* c) {
  using V = typename Math::V;
  typename V::Reg sum[R][NB];
  PANGU_UNROLL
  for (int r = 0; r < R; ++r) {
    fetch_tile_row<V, NB>(c + r * t.c_stride);
    PANGU_UNROLL
    for (int b = 0; b < NB; ++b) sum[r][b] = V::zero();
  }
  const std::byte* w = t.b;
  constexpr int kWordBytes = NB * V::kLanes * 4;  // of a strip of B
  const int64_t row_bytes = t.a_row_words * 4, k_bytes = t.a_k_words * 4;
  for (int64_t k = 0; k < t.depth; ++k, w += kWordBytes, a += k_bytes) {
    typename Math::Operand columns[NB];
    PANGU_UNROLL
    for (int b = 0; b < NB; ++b) columns[b] = Math::load(w + b * V::kLanes * 4);
    fetch_ahead<kWordBytes>(w);
    PANGU_UNROLL
    for (int r = 0; r < R; ++r) {
      const auto row = Math::broadcast(a + r * row_bytes);
      PANGU_UNROLL
      for (int b = 0; b < NB; ++b) sum[r][b] = Math::add_product(columns[b], row, sum[r][b]);
    }
  }
  PANGU_UNROLL
  for (int r = 0; r < R; ++r) {
    store_tile_row<V, NB>(c + r * t.c_stride, sum[r], t.columns, t.accumulate);
  }
}

/// The last rows, fewer than a tile has, by the tile made for exactly that many.
template <class Math, int R, int NB>
void gemm_rest(const GemmTiles& t, const std::byte* a, float* c, int64_t rows) {
  if constexpr (R >= 1) {
    rows == R ? gemm_tile<Math, R, NB>(t, a, c) : gemm_rest<Math, R - 1, NB>(t, a, c, rows);
  }
}

template <class Math, int R, int NB>
void gemm_tiles(const GemmTiles& t) {
  for (int64_t row = 0; row < t.rows; row += R) {
    const std::byte* a = t.a + row / R * t.a_strip_words * 4;
    float* c = t.c + row * t.c_stride;
    t.rows - row >= R ? gemm_tile<Math, R, NB>(t, a, c)
                      : gemm_rest<Math, R - 1, NB>(t, a, c, t.rows - row);
  }
}

}  // namespace
}  // namespace pangu::kernels
