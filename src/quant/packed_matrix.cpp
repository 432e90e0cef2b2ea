// SPDX-License-Identifier: Apache-2.0
#include "quant/packed_matrix.h"

#include <algorithm>
#include <vector>

#include "base/error.h"
#include "quant/encoded_rows.h"

namespace pangu {
namespace {

/// Packs rows of which some may have another stored form.
void pack(std::span<const StoredRow> rows, WeightFormat format, const PanelLayout& layout,
          int64_t k, std::byte* panel) {
  const auto fits = [&](const StoredRow& r) { return same_stored_form(r.format, format); };
  if (std::all_of(rows.begin(), rows.end(), fits)) return layout.pack(rows, k, panel);
  EncodedRows encoded(format, static_cast<int64_t>(rows.size()), k);
  std::vector<StoredRow> converted;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const auto at = static_cast<int64_t>(r);
    if (!fits(rows[r])) encoded.encode(at, rows[r]);
    converted.push_back(fits(rows[r]) ? rows[r] : encoded.row(at));
  }
  layout.pack(converted, k, panel);
}

}  // namespace

PackedMatrix::PackedMatrix(const PackedForm& form, int64_t rows, int64_t k)
    : format_(form.format), layout_(form.layout), rows_(rows), k_(k) {
  if (rows <= 0 || k <= 0) {
    fail<ShapeError>("[weights] a matrix of {} x {} cannot be packed: both must be positive.", rows,
                     k);
  }
  require_block(format_info(format_), k, "a matrix");
  panel_bytes_ = layout_.panel_bytes(k);
  buffer_ = allocate_buffer(form.memory, bytes());
}

void PackedMatrix::pack_panel(int64_t i, std::span<const StoredRow> rows) {
  if (buffer_->is_host()) return pack(rows, format_, layout_, k_, address_of_panel(i));
  std::vector<std::byte> panel(panel_bytes_);
  pack(rows, format_, layout_, k_, panel.data());
  buffer_->memory().copy_from_host(address_of_panel(i), panel.data(), panel_bytes_);
}

void PackedMatrix::unpack_row(int64_t row, float* out) const {
  const std::byte* const panel = address_of_panel(row / kPanelRows);
  const int64_t lane = row % kPanelRows;
  if (buffer_->is_host()) return layout_.unpack_row(panel, lane, k_, out);
  std::vector<std::byte> copy(panel_bytes_);
  buffer_->memory().copy_to_host(copy.data(), panel, panel_bytes_);
  layout_.unpack_row(copy.data(), lane, k_, out);
}

}  // namespace pangu
