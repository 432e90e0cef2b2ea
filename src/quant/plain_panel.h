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

  static void pack(std::span<const StoredRow> rows, int64_t k, std::byte* panel) {
    auto* out = reinterpret_cast<T*>(panel);
    if (std::ssize(rows) < kPanelRows) std::fill(out, out + k * kPanelRows, T{});
    for_row_pieces(rows.size(), k, 32, [&](int64_t lane, int64_t begin, int64_t end) {
      const std::byte* row = rows[static_cast<std::size_t>(lane)].data;
      for (int64_t i = begin; i < end; ++i) out[i * kPanelRows + lane] = load_unaligned<T>(row, i);
    });
  }

  static void unpack_row(const std::byte* panel, int64_t lane, int64_t k, float* out) {
    const auto* in = reinterpret_cast<const T*>(panel);
    for (int64_t i = 0; i < k; ++i) out[i] = to_f32(in[i * kPanelRows + lane]);
  }
};

}  // namespace pangu
