// SPDX-License-Identifier: Apache-2.0
// 4-bit weights times int8 activations, each group summed in int32, scaled, and added in f32.
// Included only by ISA files.
//
// A Math gives registers of V::kLanes outputs, and products of eight inputs at a time: of the
// nibbles of panel words, unsigned, with signed activations in the order that linear_input.h gives.
// A code is its nibble minus 8, so a group's sum begins at -8 times the sum of its activations.
#pragma once

#include "kernels/linear/linear_codes.h"
#include "quant/w4_panel.h"

namespace pangu::kernels {
namespace {

template <class Math, int MaxRows, int Vectors>
class W4A8Linear {
  using V = typename Math::V;
  using Sum = typename Math::Sum;
  using Reg = typename V::Reg;
  static constexpr int64_t kInputs = 8, kUnitBytes = kPanelRows * 4;

 public:
  static void panels(const LinearArgs& a, const LinearInput& in, int64_t first, int64_t last) {
    const W4A8Linear self(a, in);
    const int64_t tiles = (a.rows + MaxRows - 1) / MaxRows;
    for (int64_t p = first; p < last; ++p) {
      for (int64_t t = 0; t < tiles; ++t) {
        const int64_t row = a.rows * t / tiles, next = a.rows * (t + 1) / tiles;
        self.template rows<MaxRows>(p, row, next - row);
      }
    }
  }

 private:
  W4A8Linear(const LinearArgs& a, const LinearInput& in)
      : a_(a), in_(in), format_(a), n_in_(padded_inputs(a.k, format_.group())) {}

  template <int R>
  void rows(int64_t p, int64_t row, int64_t n) const {
    if constexpr (R >= 1) {
      if (n < R) return rows<R - 1>(p, row, n);
      for (int64_t lane = 0; lane < kPanelRows && p * kPanelRows + lane < a_.n_out;
           lane += Vectors * V::kLanes) {
        tile<R>(p, lane, row);
      }
    }
  }

  template <int R>
  void tile(int64_t p, int64_t lane, int64_t row) const {
    const std::byte* panel = a_.weight + static_cast<std::size_t>(p) * a_.panel_bytes;
    const bool few_rows = a_.rows <= 2 * MaxRows && row == 0;
    Reg total[R][Vectors];
    PANGU_UNROLL
    for (int r = 0; r < R; ++r) {
      PANGU_UNROLL
      for (int b = 0; b < Vectors; ++b) total[r][b] = V::zero();
    }
    for (int64_t first = 0; first < n_in_; first += format_.group()) {
      add_group(panel, lane, row, first, few_rows, total);
    }
    PANGU_UNROLL
    for (int r = 0; r < R; ++r) {
      const Reg scale = V::set1(in_.scales[row + r]);
      PANGU_UNROLL
      for (int b = 0; b < Vectors; ++b) {
        store_sums<V>(a_, row + r, p * kPanelRows + lane + b * V::kLanes,
                      V::mul(total[r][b], scale), true);
      }
    }
  }

  template <int R>
  PANGU_INLINE void add_group(const std::byte* panel, int64_t lane, int64_t row, int64_t first,
                              bool few_rows, Reg (&total)[R][Vectors]) const {
    const int64_t group = format_.group();
    Sum sum[R][Vectors];
    PANGU_UNROLL
    for (int r = 0; r < R; ++r) {
      const std::int32_t x_sum = in_.code_sums[(row + r) * in_.sums_stride + first / group];
      PANGU_UNROLL
      for (int b = 0; b < Vectors; ++b) sum[r][b] = Math::set1(-kNibbleZero * x_sum);
    }
    const auto* x = static_cast<const std::int8_t*>(in_.x) + row * in_.stride + first;
    const std::byte* unit = format_.codes(panel, first) + lane * 4;
    for (int64_t i = 0; i < group; i += kInputs, unit += kUnitBytes) {
      if (few_rows) prefetch<kUnitBytes>(unit + kPrefetchBytes);
      typename Math::Nibbles w[Vectors];
      PANGU_UNROLL
      for (int b = 0; b < Vectors; ++b) w[b] = Math::load(unit + b * V::kLanes * 4);
      PANGU_UNROLL
      for (int r = 0; r < R; ++r) {
        const typename Math::Nibbles xs = Math::x_at(x + r * in_.stride + i);
        PANGU_UNROLL
        for (int b = 0; b < Vectors; ++b) sum[r][b] = Math::madd(sum[r][b], w[b], xs);
      }
    }
    PANGU_UNROLL
    for (int b = 0; b < Vectors; ++b) {
      const Reg scale = format_.template scale<V>(panel, first, lane + b * V::kLanes).scale;
      PANGU_UNROLL
      for (int r = 0; r < R; ++r) {
        total[r][b] = V::fma(Math::to_f32(sum[r][b]), scale, total[r][b]);
      }
    }
  }

  const LinearArgs& a_;
  const LinearInput& in_;
  const NibbleGroups<false> format_;
  const int64_t n_in_;
};

/// The rows of w4a8 in the table of one instruction set.
template <class Math, int MaxRows, int Vectors>
constexpr void add_w4a8_kernels(LinearVariants& table) {
  using F = WeightFormat;
  for (const F f : {F::kW4A8G32, F::kW4A8G64, F::kW4A8G128}) {
    for (LinearKernel& kernel : table.at[static_cast<std::size_t>(f)]) {
      kernel = {&W4A8Linear<Math, MaxRows, Vectors>::panels, InputForm::kInt8Words, false};
    }
  }
}

}  // namespace
}  // namespace pangu::kernels
