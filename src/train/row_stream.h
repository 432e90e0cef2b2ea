// SPDX-License-Identifier: Apache-2.0
// The endless stream of rows that training reads: any place of it at once, from the seed alone.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "train/dataset.h"
#include "train/packing.h"
#include "train/token_batch.h"

namespace pangu {

/// Rows of several sources, mixed by weight and shuffled anew each epoch. Row number i is a pure
/// function of (data, options, i): a run can go on anywhere without reading what came before.
///
/// An epoch has weight * rows of each source, rounded, at least one. A source is gone through from
/// its beginning to its end, shuffled, as often as that takes; what an epoch leaves over of it
/// comes first in the next.
class RowStream {
 public:
  /// Keeps the datasets. Throws InputError if a source has nothing left to learn after packing.
  RowStream(std::vector<Dataset> datasets, const PackingOptions& options);

  std::int64_t rows_per_epoch() const { return rows_per_epoch_; }
  /// Adds row number `row` >= 0 of the stream to a batch.
  void append_row(std::int64_t row, TokenBatch& batch) const;
  /// Losses that the row has.
  std::int64_t row_targets(std::int64_t row) const;

  /// Of the tokens of all sources.
  std::int64_t bytes() const;
  std::int64_t longest_row() const { return longest_row_; }
  const std::vector<Dataset>& datasets() const { return datasets_; }
  const PackedRows& packed(std::size_t source) const { return packed_[source]; }
  /// Changes with the data, its packing and the weights.
  std::uint64_t digest() const;

 private:
  struct Place {
    std::size_t source;
    std::size_t row;  ///< of the source
  };
  Place place(std::int64_t row) const;

  std::vector<Dataset> datasets_;
  PackingOptions options_;
  std::vector<PackedRows> packed_;
  std::vector<std::int64_t> per_epoch_;  ///< rows of each source
  std::int64_t rows_per_epoch_ = 0;
  std::int64_t longest_row_ = 0;
};

}  // namespace pangu
