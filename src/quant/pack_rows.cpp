// SPDX-License-Identifier: Apache-2.0
#include "quant/pack_rows.h"

#include <algorithm>
#include <array>
#include <span>

namespace pangu {

void pack_rows(PackedMatrix& to, const std::function<StoredRow(int64_t i)>& row,
               ThreadPool& threads) {
  // Panels are first written by the threads that will read them: products split them alike.
  for (const int64_t panel : threads.node_bounds(to.panels(), 1)) {
    to.buffer()->memory().split_pages(to.buffer()->address(), to.bytes(),
                                      static_cast<std::size_t>(panel) * to.panel_bytes());
  }
  threads.parallel_for_at_home(to.panels(), 1, [&](int64_t begin, int64_t end) {
    for (int64_t p = begin; p < end; ++p) {
      std::array<StoredRow, kPanelRows> rows;
      const int64_t first = p * kPanelRows, n = std::min(kPanelRows, to.rows() - first);
      for (int64_t i = 0; i < n; ++i) rows[static_cast<std::size_t>(i)] = row(first + i);
      to.pack_panel(p, std::span(rows).first(static_cast<std::size_t>(n)));
    }
  });
}

void pack_f32(PackedMatrix& to, const float* values, ThreadPool& threads) {
  pack_rows(
      to,
      [&](int64_t i) -> StoredRow {
        return {.format = WeightFormat::kF32,
                .data = reinterpret_cast<const std::byte*>(values + i * to.k())};
      },
      threads);
}

}  // namespace pangu
