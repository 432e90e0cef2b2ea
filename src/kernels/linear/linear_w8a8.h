// SPDX-License-Identifier: Apache-2.0
// int8 weights times int8 activations, summed in int32: exact, so no order need be kept. Included
// only by ISA files.
//
// A Math gives registers of kLanes outputs, and products of four inputs at a time of weights stored
// as code + 128 with signed activations; the sum of all activations times 128 is subtracted at the
// end.
#pragma once

#include "kernels/linear/linear_tiles.h"
#include "quant/code_panels.h"
#include "quant/w8.h"

namespace pangu::kernels {
namespace {

template <class Math, int MaxRows, int Vectors>
class W8A8Linear {
  using Reg = typename Math::Reg;
  using V = typename Math::V;
  static constexpr int64_t kTileLanes = Vectors * Math::kLanes;

 public:
  static void panels(const LinearArgs& a, const LinearInput& in, int64_t first, int64_t last) {
    const int64_t tiles = (a.rows + MaxRows - 1) / MaxRows;
    for (int64_t p = first; p < last; ++p) {
      for (int64_t t = 0; t < tiles; ++t) {
        const int64_t row = a.rows * t / tiles, next = a.rows * (t + 1) / tiles;
        for (int64_t lane = 0; lane < kPanelRows && p * kPanelRows + lane < a.n_out;
             lane += kTileLanes) {
          rows<MaxRows>(a, in, p, lane, row, next - row);
        }
      }
    }
  }

 private:
  template <int R>
  static void rows(const LinearArgs& a, const LinearInput& in, int64_t p, int64_t lane, int64_t row,
                   int64_t n) {
    if constexpr (R >= 1) {
      if (n == R) {
        tile<R>(a, in, p, lane, row);
      } else {
        rows<R - 1>(a, in, p, lane, row, n);
      }
    }
  }

  template <int R>
  static void tile(const LinearArgs& a, const LinearInput& in, int64_t p, int64_t lane,
                   int64_t row) {
    const std::byte* panel = a.weight + static_cast<std::size_t>(p) * a.panel_bytes;
    const auto* x = static_cast<const std::int8_t*>(in.x) + row * in.stride;
    Reg sum[R][Vectors];
    PANGU_UNROLL
    for (int r = 0; r < R; ++r) {
      PANGU_UNROLL
      for (int b = 0; b < Vectors; ++b) sum[r][b] = Math::zero();
    }
    const std::byte* w = panel + kW8HeaderBytes + lane * 4;
    const int64_t n_in = padded_inputs(a.k, 0);
    const bool few_rows = a.rows <= 2 * MaxRows && row == 0;
    for (int64_t i = 0; i < n_in; i += 4, w += kPanelRows * 4) {
      if (few_rows) prefetch<kPanelRows * 4>(w + kPrefetchBytes);
      Reg weights[Vectors];
      PANGU_UNROLL
      for (int b = 0; b < Vectors; ++b) weights[b] = Math::load(w + b * Math::kLanes * 4);
      PANGU_UNROLL
      for (int r = 0; r < R; ++r) {
        const Reg xs = Math::x_at(x + r * in.stride + i);
        PANGU_UNROLL
        for (int b = 0; b < Vectors; ++b) sum[r][b] = Math::madd(sum[r][b], weights[b], xs);
      }
    }
    PANGU_UNROLL
    for (int r = 0; r < R; ++r) {
      const std::int32_t minus = in.code_sums[row + r] * kW8A8Offset;
      PANGU_UNROLL
      for (int b = 0; b < Vectors; ++b) {
        const int64_t at = lane + b * Math::kLanes;
        const auto scale = V::mul(V::load(reinterpret_cast<const float*>(panel) + at),
                                  V::set1(in.scales[row + r]));
        store_sums<V>(a, row + r, p * kPanelRows + at,
                      V::mul(Math::to_f32(sum[r][b], minus), scale), true);
      }
    }
  }
};

}  // namespace
}  // namespace pangu::kernels
