// SPDX-License-Identifier: Apache-2.0
#include "quant/packed_matrix.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/error.h"
#include "quant/encoded_rows.h"

namespace pangu {

PackedMatrix::PackedMatrix(std::shared_ptr<Device> device, WeightFormat format, int64_t rows,
                           int64_t k)
    : format_(format), rows_(rows), k_(k) {
  if (rows <= 0 || k <= 0) {
    fail<ShapeError>("[weights] a matrix of {} x {} cannot be packed: both must be positive.", rows,
                     k);
  }
  require_block(format_info(format), k, "a matrix");
  panel_bytes_ = format_info(format).panel_bytes(k);
  buffer_ = allocate_buffer(std::move(device), bytes());
}

void PackedMatrix::pack_panel(int64_t i, std::span<const StoredRow> rows) {
  const FormatInfo& format = format_info(format_);
  const auto fits = [&](const StoredRow& r) { return same_stored_form(r.format, format_); };
  if (std::all_of(rows.begin(), rows.end(), fits)) return format.pack(rows, k_, panel(i));
  EncodedRows encoded(format_, static_cast<int64_t>(rows.size()), k_);
  std::vector<StoredRow> converted;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const auto at = static_cast<int64_t>(r);
    if (!fits(rows[r])) encoded.encode(at, rows[r]);
    converted.push_back(fits(rows[r]) ? rows[r] : encoded.row(at));
  }
  format.pack(converted, k_, panel(i));
}

void PackedMatrix::unpack_row(int64_t row, float* out) const {
  format_info(format_).unpack_row(panel(row / kPanelRows), row % kPanelRows, k_, out);
}

}  // namespace pangu
