// SPDX-License-Identifier: Apache-2.0
// How the SIMD linear kernels cut rows and outputs into tiles, and where a tile's sums come from
// and go to; included only by ISA files.
//
// A tile is R rows by NB vectors of outputs, held in registers while the inputs go by: each weight
// vector that is loaded serves R rows, each input that is broadcast serves NB vectors.
#pragma once

#include <algorithm>

#include "kernels/linear/linear.h"
#include "kernels/simd/unroll.h"

namespace pangu::kernels {
namespace {

/// Up to so many rows memory can be what limits a kernel that makes operands for all of them.
constexpr int64_t kFewRows = 16;

/// The distance for tiles that pass over a strip of so many bytes one after the other: what they
/// ask for lies behind it.
inline int64_t prefetch_beyond(int64_t strip_bytes) {
  return std::max(kPrefetchBytes, strip_bytes);
}

/// Asks for memory that will be read soon, or that may lie past the end of the matrix: a processor
/// ignores those.
template <int64_t Bytes>
PANGU_INLINE void prefetch(const std::byte* p) {
  constexpr int kToFirstLevel = 3;
  PANGU_UNROLL
  for (int64_t i = 0; i < Bytes; i += 64) __builtin_prefetch(p + i, 0, kToFirstLevel);
}

/// Stores finished or partial sums of one row of a tile. `n` outputs remain from `o` on.
template <class V>
PANGU_INLINE void store_sums(const LinearArgs& a, int64_t row, int64_t o, typename V::Reg sum,
                             bool finished) {
  const int64_t n = a.n_out - o;
  float* y = a.y + row * a.y_stride + o;
  if (n >= V::kLanes) {
    if (finished && a.bias) sum = V::add(sum, V::load(a.bias + o));
    if (finished && a.residual) {
      sum = V::add(sum, V::load(a.residual + row * a.residual_stride + o));
    }
    V::store(y, sum);
  } else if (n > 0) {
    if (finished && a.bias) sum = V::add(sum, V::load_n(a.bias + o, n));
    if (finished && a.residual) {
      sum = V::add(sum, V::load_n(a.residual + row * a.residual_stride + o, n));
    }
    V::store_n(y, sum, n);
  }
}

template <class V>
PANGU_INLINE typename V::Reg load_partial(const LinearArgs& a, int64_t row, int64_t o) {
  const int64_t n = a.n_out - o;
  const float* y = a.y + row * a.y_stride + o;
  return n >= V::kLanes ? V::load(y) : n > 0 ? V::load_n(y, n) : V::zero();
}

// Tiles begin and end with arrays in memory, one vector after the other: unrolled, the cases of the
// last outputs would be too much for a compiler to see that `sum` fits into registers.

/// The sums a tile starts from: zero, or what an earlier block of inputs left in y.
template <class V, int R, int NB>
PANGU_INLINE void begin_sums(const LinearArgs& a, int64_t row, int64_t o, bool resume,
                             typename V::Reg (&sum)[R][NB]) {
  typename V::Reg first[R][NB];
  for (int r = 0; r < R; ++r) {
    for (int b = 0; b < NB; ++b) {
      first[r][b] = resume ? load_partial<V>(a, row + r, o + b * V::kLanes) : V::zero();
    }
  }
  PANGU_UNROLL
  for (int r = 0; r < R; ++r) {
    PANGU_UNROLL
    for (int b = 0; b < NB; ++b) sum[r][b] = first[r][b];
  }
}

template <class V, int R, int NB>
PANGU_INLINE void end_sums(const LinearArgs& a, int64_t row, int64_t o, bool finished,
                           const typename V::Reg (&sum)[R][NB]) {
  typename V::Reg last[R][NB];
  PANGU_UNROLL
  for (int r = 0; r < R; ++r) {
    PANGU_UNROLL
    for (int b = 0; b < NB; ++b) last[r][b] = sum[r][b];
  }
  for (int r = 0; r < R; ++r) {
    for (int b = 0; b < NB; ++b) {
      store_sums<V>(a, row + r, o + b * V::kLanes, last[r][b], finished);
    }
  }
}

/// Vectors of outputs in a tile of so many rows: a whole panel, or a half, a quarter of one.
constexpr int tile_vectors(int sums, int rows, int lanes) {
  int n = static_cast<int>(kPanelRows) / lanes;
  while (n > 1 && n * rows > sums) n /= 2;
  return n;
}

/// Calls fn.operator()<R>(row) for tiles of R rows, as even as they come, that cover all rows.
template <int MaxRows, class Fn>
void for_each_tile(int64_t rows, const Fn& fn) {
  const auto run = [&]<int R>(const auto& self, int64_t row, int64_t n) {
    if constexpr (R >= 1) {
      if (n == R) {
        fn.template operator()<R>(row);
      } else {
        self.template operator()<R - 1>(self, row, n);
      }
    }
  };
  const int64_t tiles = (rows + MaxRows - 1) / MaxRows;
  for (int64_t t = 0; t < tiles; ++t) {
    const int64_t row = rows * t / tiles, next = rows * (t + 1) / tiles;
    run.template operator()<MaxRows>(run, row, next - row);
  }
}

}  // namespace
}  // namespace pangu::kernels
