// SPDX-License-Identifier: Apache-2.0
#include "quant/pack_f32.h"

#include <algorithm>
#include <array>
#include <span>

namespace pangu {

void pack_f32(const PackedMatrix& to, const float* values, ThreadPool& threads) {
  threads.parallel_for(to.panels(), 1, [&](int64_t begin, int64_t end) {
    for (int64_t p = begin; p < end; ++p) {
      std::array<StoredRow, kPanelRows> rows;
      const int64_t first = p * kPanelRows, n = std::min(kPanelRows, to.rows() - first);
      for (int64_t i = 0; i < n; ++i) {
        rows[static_cast<std::size_t>(i)] = {
            .format = WeightFormat::kF32,
            .data = reinterpret_cast<const std::byte*>(values + (first + i) * to.k())};
      }
      to.pack_panel(p, std::span(rows).first(static_cast<std::size_t>(n)));
    }
  });
}

}  // namespace pangu
