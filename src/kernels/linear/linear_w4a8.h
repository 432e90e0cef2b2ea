// SPDX-License-Identifier: Apache-2.0
// 4-bit weights times int8 activations, each group summed in int32, scaled, and added in f32.
// Included only by ISA files.
//
// A Math gives sums of V::kLanes outputs, and products of eight inputs of each: of nibbles,
// unsigned, with signed activations in the order that linear_input.h gives. It may sum products of
// kPartInputs inputs in a form of their own (Part) before they join the sum. A code is its nibble
// minus 8, so a group's sum begins at -8 times the sum of its activations.
#pragma once

#include "kernels/linear/linear_codes.h"
#include "kernels/linear/linear_int_tiles.h"
#include "quant/w4_panel.h"

namespace pangu::kernels {
namespace {

template <class Math, IntTiling T>
class W4A8Linear {
  using V = typename Math::V;
  using Sum = typename Math::Sum;
  using Nibbles = typename Math::Nibbles;
  using Reg = typename V::Reg;
  using Groups = NibbleGroups<false>;
  static constexpr int64_t kInputs = 8, kUnitBytes = kPanelRows * 4;
  static constexpr int kPanelVectors = kPanelRows / V::kLanes;

 public:
  static void panels(const LinearArgs& a, const LinearInput& in, int64_t first, int64_t last) {
    const W4A8Linear self(a, in);
    for (int64_t p = first; p < last; ++p) {
      if constexpr (T.block_from > 0) {
        if (a.rows >= T.block_from) {
          self.unpacked_panel(p);
          continue;
        }
      }
      for_each_tile<T.rows>(a.rows, [&]<int R>(int64_t row) { self.template tile<R>(p, row); });
    }
  }

 private:
  W4A8Linear(const LinearArgs& a, const LinearInput& in)
      : a_(a), in_(in), format_(a), n_in_(padded_inputs(a.k, format_.group())) {}

  const std::byte* panel(int64_t p) const {
    return a_.weight + static_cast<std::size_t>(p) * a_.panel_bytes;
  }

  const std::int8_t* x_row(int64_t row) const {
    return static_cast<const std::int8_t*>(in_.x) + row * in_.stride;
  }

  /// All groups of a panel for R rows, from the nibbles as they are stored.
  template <int R>
  void tile(int64_t p, int64_t row) const {
    constexpr int N = tile_vectors(T.sums, R, V::kLanes);
    const bool ask = a_.rows <= 2 * T.rows && row == 0;
    Reg total[R][kPanelVectors];  // in registers where a tile takes the whole panel
    PANGU_UNROLL
    for (int r = 0; r < R; ++r) {
      PANGU_UNROLL
      for (int b = 0; b < kPanelVectors; ++b) total[r][b] = V::zero();
    }
    const std::int8_t* x = x_row(row);
    const std::int32_t* x_sums = in_.code_sums + row * in_.sums_stride;
    const std::byte* header = panel(p);
    for (int64_t first = 0; first < n_in_; first += format_.group()) {
      const std::byte* codes = header + Groups::kHeader;
      for (int v = 0; v < kPanelVectors; v += N) {
        // Each tile asks for its share of a later group: all of them for all of it, in rising
        // order, which the processor's own prefetching recognizes.
        constexpr int64_t kShare = kUnitBytes * N / kPanelVectors;
        const int64_t strip_bytes = N < kPanelVectors ? format_.group_bytes() : 0;
        const std::byte* ahead = codes + prefetch_beyond(strip_bytes) +
                                 format_.group() / kInputs * (kUnitBytes * v / kPanelVectors);
        const auto load = [&](int64_t i, int b) {
          if (ask && b == 0) prefetch<kShare>(ahead + i / kInputs * kShare);
          return Math::load(codes + i / kInputs * kUnitBytes + (v + b) * V::kLanes * 4);
        };
        Sum sum[R][N];
        begin_group(x_sums, sum);
        sum_group(x, load, sum);
        add_group(header + v * V::kLanes * 2, sum, total, v);
      }
      x += format_.group(), ++x_sums, header += format_.group_bytes();
    }
    finish(row, p * kPanelRows, total);
  }

  template <int R, int N>
  PANGU_INLINE void begin_group(const std::int32_t* x_sums, Sum (&sum)[R][N]) const {
    PANGU_UNROLL
    for (int r = 0; r < R; ++r) {
      const Sum zero = Math::times_minus_8(x_sums + r * in_.sums_stride);
      PANGU_UNROLL
      for (int b = 0; b < N; ++b) sum[r][b] = zero;
    }
  }

  /// Sums of one group, from what `load(input in the group, vector)` gives.
  template <int R, int N, class Load>
  PANGU_INLINE void sum_group(const std::int8_t* x, const Load& load, Sum (&sum)[R][N]) const {
    constexpr int kTogether = std::min(N, T.together);
    for (int64_t begin = 0; begin < format_.group(); begin += Math::kPartInputs) {
      typename Math::Part part[R][N];
      PANGU_UNROLL
      for (int r = 0; r < R; ++r) {
        PANGU_UNROLL
        for (int b = 0; b < N; ++b) part[r][b] = Math::begin_part(sum[r][b]);
      }
      for (int64_t i = begin; i < begin + Math::kPartInputs; i += kInputs) {
        PANGU_UNROLL
        for (int b = 0; b < N; b += kTogether) {
          Nibbles w[kTogether];
          PANGU_UNROLL
          for (int c = 0; c < kTogether; ++c) w[c] = load(i, b + c);
          PANGU_UNROLL
          for (int r = 0; r < R; ++r) {
            const typename Math::X xs = Math::x_at(x + r * in_.stride + i);
            PANGU_UNROLL
            for (int c = 0; c < kTogether; ++c) {
              part[r][b + c] = Math::madd(part[r][b + c], w[c], xs);
            }
          }
        }
      }
      PANGU_UNROLL
      for (int r = 0; r < R; ++r) {
        PANGU_UNROLL
        for (int b = 0; b < N; ++b) sum[r][b] = Math::end_part(sum[r][b], part[r][b]);
      }
    }
  }

  /// Multiplies with the f16 scales of N vectors, and adds to `total` from `at` on.
  template <int R, int N, int M>
  PANGU_INLINE static void add_group(const std::byte* scales, const Sum (&sum)[R][N],
                                     Reg (&total)[R][M], int at) {
    PANGU_UNROLL
    for (int b = 0; b < N; ++b) {
      const Reg scale = V::load_f16(scales + b * V::kLanes * 2);
      PANGU_UNROLL
      for (int r = 0; r < R; ++r) {
        total[r][at + b] = V::fma(Math::to_f32(sum[r][b]), scale, total[r][at + b]);
      }
    }
  }

  template <int R, int M>
  PANGU_INLINE void finish(int64_t row, int64_t o, const Reg (&total)[R][M]) const {
    Reg scaled[R][M];
    PANGU_UNROLL
    for (int r = 0; r < R; ++r) {
      const Reg scale = V::set1(in_.scales[row + r]);
      PANGU_UNROLL
      for (int b = 0; b < M; ++b) scaled[r][b] = V::mul(total[r][b], scale);
    }
    end_sums<V>(a_, row, o, true, scaled);
  }

  /// Many rows: the nibbles of a strip of groups become bytes once, for all of them; totals rest in
  /// y between strips.
  void unpacked_panel(int64_t p) const {
    constexpr int N = T.block_vectors;
    alignas(64) std::byte block[T.block_inputs * kPanelRows];
    for (int64_t begin = 0; begin < n_in_; begin += T.block_inputs) {
      const int64_t end = std::min(begin + T.block_inputs, n_in_);
      for (int64_t first = begin; first < end; first += format_.group()) {
        unpack_group(format_.codes(panel(p), first), first - begin, end - begin, block);
      }
      for (int v = 0; v < kPanelVectors && p * kPanelRows + v * V::kLanes < a_.n_out; v += N) {
        const std::byte* part = block + v * V::kLanes * (end - begin);
        for_each_tile<T.block_rows>(
            a_.rows, [&]<int R>(int64_t row) { block_tile<R, N>(p, row, begin, end, v, part); });
      }
    }
  }

  /// To input `at` of a block of n inputs: [lanes / tile][n / 8][tile][8].
  void unpack_group(const std::byte* codes, int64_t at, int64_t n, std::byte* block) const {
    constexpr int N = T.block_vectors;
    const int64_t tile_bytes = N * V::kLanes * n;
    for (int64_t i = at; i < at + format_.group(); i += kInputs, codes += kUnitBytes) {
      if (a_.rows <= kFewRows) prefetch<kUnitBytes>(codes + kPrefetchBytes);
      PANGU_UNROLL
      for (int v = 0; v < kPanelVectors; ++v) {
        Math::store(block + v / N * tile_bytes + (i * N + v % N * kInputs) * V::kLanes,
                    Math::load(codes + v * V::kLanes * 4));
      }
    }
  }

  template <int R, int N>
  void block_tile(int64_t p, int64_t row, int64_t begin, int64_t end, int v,
                  const std::byte* w) const {
    const int64_t o = p * kPanelRows + v * V::kLanes;
    const std::int8_t* x = x_row(row) + begin;
    const std::int32_t* x_sums = in_.code_sums + row * in_.sums_stride + begin / format_.group();
    const std::byte* scales = format_.header(panel(p), begin) + v * V::kLanes * 2;
    Reg total[R][N];
    begin_sums<V>(a_, row, o, begin > 0, total);
    for (int64_t first = begin; first < end; first += format_.group()) {
      Sum sum[R][N];
      begin_group(x_sums++, sum);
      for (int64_t i = 0; i < format_.group(); i += Math::kPartInputs) {
        add_part(w, x, in_.stride, sum);
        w += Math::kPartInputs * N * V::kLanes;
        x += Math::kPartInputs;
      }
      add_group(scales, sum, total, 0);
      scales += format_.group_bytes();
    }
    if (end == n_in_) {
      finish(row, o, total);
    } else {
      end_sums<V>(a_, row, o, false, total);
    }
  }

  template <int R, int N>
  PANGU_INLINE static void add_part(const std::byte* w, const std::int8_t* x, int64_t stride,
                                    Sum (&sum)[R][N]) {
    typename Math::Part part[R][N];
    PANGU_UNROLL
    for (int r = 0; r < R; ++r) {
      PANGU_UNROLL
      for (int b = 0; b < N; ++b) part[r][b] = Math::begin_part(sum[r][b]);
    }
    PANGU_UNROLL
    for (int64_t i = 0; i < Math::kPartInputs; i += kInputs) {
      Nibbles weights[N];
      PANGU_UNROLL
      for (int b = 0; b < N; ++b) {
        weights[b] = Math::load_unpacked(w + (i * N + b * kInputs) * V::kLanes);
      }
      PANGU_UNROLL
      for (int r = 0; r < R; ++r) {
        const typename Math::X xs = Math::x_at(x + r * stride + i);
        PANGU_UNROLL
        for (int b = 0; b < N; ++b) part[r][b] = Math::madd(part[r][b], weights[b], xs);
      }
    }
    PANGU_UNROLL
    for (int r = 0; r < R; ++r) {
      PANGU_UNROLL
      for (int b = 0; b < N; ++b) sum[r][b] = Math::end_part(sum[r][b], part[r][b]);
    }
  }

  const LinearArgs& a_;
  const LinearInput& in_;
  const Groups format_;
  const int64_t n_in_;
};

/// The rows of w4a8 in the table of one instruction set.
template <class Math, IntTiling T>
constexpr void add_w4a8_kernels(LinearVariants& table) {
  using F = WeightFormat;
  for (const F f : {F::kW4A8G32, F::kW4A8G64, F::kW4A8G128}) {
    for (LinearKernel& kernel : table.at[static_cast<std::size_t>(f)]) {
      kernel = {&W4A8Linear<Math, T>::panels, InputForm::kInt8Words, false};
    }
  }
}

}  // namespace
}  // namespace pangu::kernels
