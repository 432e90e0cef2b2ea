// SPDX-License-Identifier: Apache-2.0
// A weight matrix packed for the kernels.
#pragma once

#include <memory>

#include "quant/weight_format.h"
#include "tensor/buffer.h"

namespace pangu {

/// How and where a device keeps the weights of a format.
struct PackedForm {
  std::shared_ptr<Memory> memory;
  WeightFormat format;
  PanelLayout layout;
};

/// A matrix [rows, k] in one format. Immutable once filled; shared between threads.
class PackedMatrix {
 public:
  PackedMatrix() = default;
  /// Zeroed memory for the matrix. Throws ShapeError unless rows and k are positive and k fits the
  /// format's blocks.
  PackedMatrix(const PackedForm& form, int64_t rows, int64_t k);

  WeightFormat format() const { return format_; }
  int64_t rows() const { return rows_; }
  int64_t k() const { return k_; }
  int64_t panels() const { return (rows_ + kPanelRows - 1) / kPanelRows; }
  std::size_t panel_bytes() const { return panel_bytes_; }
  std::size_t bytes() const { return static_cast<std::size_t>(panels()) * panel_bytes_; }
  bool defined() const { return buffer_ != nullptr; }
  /// Panels, back to back. What tells this matrix, however often it is copied, from others.
  const Buffer* buffer() const { return buffer_.get(); }

  /// Fills panel i from up to 64 stored rows of any formats. Rows of this format are taken as they
  /// are; others are decoded, and encoded again. Throws InputError for weights that are infinite or
  /// NaN where the format has no code for them.
  void pack_panel(int64_t i, std::span<const StoredRow> rows);
  /// The exact weights of one row: `out[0..k)`.
  void unpack_row(int64_t row, float* out) const;

 private:
  std::byte* address_of_panel(int64_t i) const {
    return buffer_->address() + static_cast<std::size_t>(i) * panel_bytes_;
  }

  std::shared_ptr<Buffer> buffer_;
  WeightFormat format_ = WeightFormat::kF32;
  PanelLayout layout_{};
  int64_t rows_ = 0, k_ = 0;
  std::size_t panel_bytes_ = 0;
};

}  // namespace pangu
