// SPDX-License-Identifier: Apache-2.0
// int8 weights times int8 activations, summed in int32: exact, so no order need be kept. Included
// only by ISA files.
//
// Weights are stored as code + 128. A Math multiplies four inputs of V::kLanes outputs at a time of
// them, and says what it added to each code (kOffset): that times the sum of all activations is
// subtracted at the end. It may keep several partial sums of an output, which reduce() adds. One
// that makes blocks for many rows also makes operands of two inputs of V::kLanes outputs
// (store_pairs), and multiplies those (madd_pairs).
#pragma once

#include "kernels/linear/linear_int_tiles.h"
#include "quant/code_panels.h"
#include "quant/w8.h"

namespace pangu::kernels {
namespace {

template <class Math, IntTiling T>
class W8A8Linear {
  using V = typename Math::V;
  using Code = typename Math::Code;  ///< of an activation, as the Math takes it
  using Sum = typename Math::Sum;
  static constexpr int64_t kInputs = 4, kUnitBytes = kPanelRows * kInputs;
  static constexpr int kPanelVectors = kPanelRows / V::kLanes;

 public:
  static void panels(const LinearArgs& a, const LinearInput& in, int64_t first, int64_t last) {
    const W8A8Linear self(a, in);
    for (int64_t p = first; p < last; ++p) {
      for (int64_t begin = 0; begin < self.n_in_; begin += self.strip_) {
        const int64_t end = std::min(begin + self.strip_, self.n_in_);
        if constexpr (T.block_from > 0) {
          if (a.rows >= T.block_from) {
            self.block(p, begin, end);
            continue;
          }
        }
        for_each_tile<T.rows>(a.rows, [&]<int R>(int64_t row) {
          constexpr int N = tile_vectors(T.sums, R, V::kLanes);
          for (int v = 0; v < kPanelVectors && p * kPanelRows + v * V::kLanes < a.n_out; v += N) {
            self.template tile<R, N>(p, v, row, begin, end);
          }
        });
      }
    }
  }

 private:
  W8A8Linear(const LinearArgs& a, const LinearInput& in)
      : a_(a), in_(in), n_in_(padded_inputs(a.k, 0)), strip_(strip_inputs(a.rows)) {}

  int64_t strip_inputs(int64_t rows) const {
    if (T.block_from > 0 && rows >= T.block_from) return T.block_inputs;
    if (T.strip_inputs == 0) return n_in_;
    return rows > kFewRows ? T.long_strip_inputs : T.strip_inputs;
  }

  const std::byte* panel(int64_t p) const {
    return a_.weight + static_cast<std::size_t>(p) * a_.panel_bytes;
  }
  const Code* x_row(int64_t row) const { return Math::codes(in_) + row * in_.stride; }

  /// Weights as they are stored, of vectors [v, v + N) of a panel.
  template <int R, int N>
  void tile(int64_t p, int v, int64_t row, int64_t begin, int64_t end) const {
    constexpr int kTogether = std::min(N, T.together);
    const std::byte* strip = panel(p) + kW8HeaderBytes + begin * kPanelRows;
    const std::byte* w = strip + v * V::kLanes * kInputs;
    // Where there are few rows, each tile asks for its share of a later strip: all of them for all
    // of it, in rising order, which the processor's own prefetching recognizes.
    constexpr int64_t kShare = kUnitBytes * N / kPanelVectors;
    const bool ask = a_.rows <= 2 * T.rows && row == 0;
    const int64_t strip_bytes = N < kPanelVectors ? (end - begin) * kPanelRows : 0;
    const std::byte* ahead = strip + prefetch_beyond(strip_bytes) + (end - begin) * v * V::kLanes;
    const Code* x = x_row(row);
    Sum sum[R][N];
    PANGU_UNROLL
    for (int r = 0; r < R; ++r) {
      PANGU_UNROLL
      for (int b = 0; b < N; ++b) sum[r][b] = Math::zero();
    }
    for (int64_t i = begin; i < end; i += kInputs, w += kUnitBytes) {
      if (ask) prefetch<kShare>(ahead);
      ahead += kShare;
      PANGU_UNROLL
      for (int b = 0; b < N; b += kTogether) {
        typename Math::Weights weights[kTogether];
        PANGU_UNROLL
        for (int c = 0; c < kTogether; ++c) {
          weights[c] = Math::load(w + (b + c) * V::kLanes * kInputs);
        }
        PANGU_UNROLL
        for (int r = 0; r < R; ++r) {
          const typename Math::X xs = Math::x_at(x + r * in_.stride + i);
          PANGU_UNROLL
          for (int c = 0; c < kTogether; ++c) {
            sum[r][b + c] = Math::madd(sum[r][b + c], weights[c], xs);
          }
        }
      }
    }
    typename V::Int total[R][N];
    PANGU_UNROLL
    for (int r = 0; r < R; ++r) {
      PANGU_UNROLL
      for (int b = 0; b < N; ++b) total[r][b] = Math::reduce(sum[r][b]);
    }
    end_strip(p, v, row, begin, end, total);
  }

  /// Many rows: a strip's operands are made once, for tile after tile of outputs.
  void block(int64_t p, int64_t begin, int64_t end) const {
    constexpr int N = T.block_vectors;
    alignas(64) std::byte block[T.block_inputs * kPanelRows * 2];
    const std::byte* w = panel(p) + kW8HeaderBytes + begin * kPanelRows;
    const int64_t tile_bytes = (end - begin) * N * V::kLanes * 2;
    for (int64_t i = 0; i < end - begin; i += kInputs, w += kUnitBytes) {
      if (a_.rows <= kFewRows) prefetch<kUnitBytes>(w + kPrefetchBytes);
      PANGU_UNROLL
      for (int v = 0; v < kPanelVectors; ++v) {
        std::byte* to = block + v / N * tile_bytes + i * N * V::kLanes * 2 + v % N * V::kLanes * 4;
        Math::store_pairs(w + v * V::kLanes * kInputs, to, to + N * V::kLanes * 4);
      }
    }
    for (int v = 0; v < kPanelVectors && p * kPanelRows + v * V::kLanes < a_.n_out; v += N) {
      for_each_tile<T.block_rows>(a_.rows, [&]<int R>(int64_t row) {
        block_tile<R, N>(block + v / N * tile_bytes, p, v, row, begin, end);
      });
    }
  }

  template <int R, int N>
  void block_tile(const std::byte* w, int64_t p, int v, int64_t row, int64_t begin,
                  int64_t end) const {
    using Int = typename V::Int;
    const Code* x = x_row(row);
    Int sum[R][N];
    PANGU_UNROLL
    for (int r = 0; r < R; ++r) {
      PANGU_UNROLL
      for (int b = 0; b < N; ++b) sum[r][b] = V::zero_int();
    }
    for (int64_t i = begin; i < end; i += 2, w += N * V::kLanes * 4) {
      Int weights[N];
      PANGU_UNROLL
      for (int b = 0; b < N; ++b) weights[b] = V::load_int(w + b * V::kLanes * 4);
      PANGU_UNROLL
      for (int r = 0; r < R; ++r) {
        const Int xs = V::as_int(V::broadcast(x + r * in_.stride + i));
        PANGU_UNROLL
        for (int b = 0; b < N; ++b) sum[r][b] = Math::madd_pairs(sum[r][b], weights[b], xs);
      }
    }
    Int total[R][N];
    PANGU_UNROLL
    for (int r = 0; r < R; ++r) {
      PANGU_UNROLL
      for (int b = 0; b < N; ++b) total[r][b] = sum[r][b];
    }
    end_strip(p, v, row, begin, end, total);
  }

  /// Sums rest in y until the last strip. They come as an array in memory, as in end_sums().
  template <int R, int N>
  PANGU_INLINE void end_strip(int64_t p, int v, int64_t row, int64_t begin, int64_t end,
                              const typename V::Int (&total)[R][N]) const {
    const auto* w_scales = reinterpret_cast<const float*>(panel(p)) + v * V::kLanes;
    const int64_t first = p * kPanelRows + v * V::kLanes;
    for (int r = 0; r < R; ++r) {
      const auto offset = V::set1_int(in_.code_sums[row + r] * Math::kOffset);
      const auto x_scale = V::set1(in_.scales[row + r]);
      for (int b = 0; b < N; ++b) {
        const int64_t o = first + b * V::kLanes;
        const auto sum = resume_sum<V>(a_, row + r, o, begin > 0, total[r][b]);
        if (end < n_in_) {
          store_sums<V>(a_, row + r, o, V::as_float(sum), false);
        } else {
          const auto scale = V::mul(V::load(w_scales + b * V::kLanes), x_scale);
          store_sums<V>(a_, row + r, o, V::mul(V::to_float(V::sub(sum, offset)), scale), true);
        }
      }
    }
  }

  const LinearArgs& a_;
  const LinearInput& in_;
  const int64_t n_in_, strip_;
};

}  // namespace
}  // namespace pangu::kernels
