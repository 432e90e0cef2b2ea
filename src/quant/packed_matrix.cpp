// SPDX-License-Identifier: Apache-2.0
#include "quant/packed_matrix.h"

#include <utility>

#include "base/error.h"

namespace pangu {

PackedMatrix::PackedMatrix(std::shared_ptr<Device> device, WeightFormat format, int64_t rows,
                           int64_t k)
    : format_(format), rows_(rows), k_(k) {
  if (rows <= 0 || k <= 0) {
    fail<ShapeError>("[weights] a matrix of {} x {} cannot be packed: both must be positive.", rows,
                     k);
  }
  panel_bytes_ = format_info(format).panel_bytes(k);
  buffer_ = allocate_buffer(std::move(device), bytes());
}

void PackedMatrix::unpack_row(int64_t row, float* out) const {
  format_info(format_).unpack_row(panel(row / kPanelRows), row % kPanelRows, k_, out);
}

}  // namespace pangu
