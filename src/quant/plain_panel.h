// SPDX-License-Identifier: Apache-2.0
// The panel layout [k][64] of formats that store every weight on its own: f32 and f16.
#pragma once

#include <algorithm>
#include <iterator>

#include "quant/float_rows.h"
#include "quant/weight_format.h"

namespace pangu {

template <class T>
struct PlainPanel {
  static std::size_t bytes(int64_t k) {
    return static_cast<std::size_t>(k * kPanelRows) * sizeof(T);
  }

  static void pack(std::span<const PanelRow> rows, int64_t k, std::byte* panel) {
    auto* out = reinterpret_cast<T*>(panel);
    if (std::ssize(rows) < kPanelRows) std::fill(out, out + k * kPanelRows, T{});
    for_row_pieces(rows, k,
                   [&]<class S>(int64_t lane, const std::byte* row, int64_t begin, int64_t end) {
                     for (int64_t i = begin; i < end; ++i) {
                       out[i * kPanelRows + lane] = from_f32<T>(to_f32(load_unaligned<S>(row, i)));
                     }
                   });
  }

  static void unpack_row(const std::byte* panel, int64_t lane, int64_t k, float* out) {
    const auto* in = reinterpret_cast<const T*>(panel);
    for (int64_t i = 0; i < k; ++i) out[i] = to_f32(in[i * kPanelRows + lane]);
  }
};

}  // namespace pangu
