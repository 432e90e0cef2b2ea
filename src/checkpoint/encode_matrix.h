// SPDX-License-Identifier: Apache-2.0
// One weight matrix from its stored form into another format, each weight rounded to its nearest
// code, some rows at a time.
#pragma once

#include <functional>
#include <string_view>

#include "base/thread_pool.h"
#include "quant/encoded_rows.h"
#include "quant/stored_matrix.h"

namespace pangu {

/// How far decoded weights W' are from those they were made of, W.
struct QuantizationError {
  double difference2 = 0;  ///< |W' - W|^2, Frobenius
  double norm2 = 0;        ///< |W|^2
  int64_t worst_row = 0;   ///< the output channel with the largest relative error of its own
  double worst_row_error = 0;

  /// |W' - W| / |W|; 0 for a matrix of zeros.
  double relative() const;
};

/// Takes the next rows.
using RowSink = std::function<void(const EncodedRows& rows, int64_t n)>;

/// Encodes the rows on all threads and hands them to `sink` in order; rows that are already in the
/// format's stored form pass as they are. The result does not depend on the threads. Throws
/// InputError naming `name` and the row if a weight is infinite or not a number, or becomes so.
QuantizationError round_to_nearest(const StoredMatrix& from, std::string_view name, WeightFormat to,
                                   ThreadPool& threads, const RowSink& sink);

}  // namespace pangu
