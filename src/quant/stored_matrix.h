// SPDX-License-Identifier: Apache-2.0
// A weight matrix as a file holds it: a view of its rows in stored form (quant/weight_format.h).
#pragma once

#include <vector>

#include "quant/weight_format.h"

namespace pangu {

/// Borrowed memory at any alignment.
struct StoredMatrix {
  struct Part {
    const std::byte* data = nullptr;
    std::size_t row_bytes = 0;  ///< from row to row

    const std::byte* row(int64_t i) const {
      return data ? data + static_cast<std::size_t>(i) * row_bytes : nullptr;
    }
  };

  WeightFormat format = WeightFormat::kF32;
  int64_t rows = 0, k = 0;
  Part data, scales, zeros;
  /// Where row i lies, for files that keep rows in another order; empty if in order.
  std::vector<std::int32_t> order = {};

  StoredRow row(int64_t i) const {
    const int64_t at = order.empty() ? i : order[static_cast<std::size_t>(i)];
    return {format, data.row(at), scales.row(at), zeros.row(at)};
  }
};

/// The exact values of a stored row of any format.
inline void decode_row(const StoredRow& row, int64_t k, float* out) {
  format_info(row.format).decode(row, k, out);
}

}  // namespace pangu
