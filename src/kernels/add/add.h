// SPDX-License-Identifier: Apache-2.0
// Sums of gradients. Bound by memory: the compiler's own vectors do.
#pragma once

#include "kernels/variant.h"

namespace pangu::kernels {

/// y = x or y += x, row by row.
struct AddRowsArgs {
  const float* x = nullptr;  ///< [rows, n]
  int64_t x_stride;
  float* y = nullptr;  ///< [rows, n]
  int64_t y_stride;
  bool accumulate;
  int64_t rows, n;
};
void add_rows(const AddRowsArgs& args, const Executor& on);

/// y[i] += sum over rows of x[row, i], in the order of the rows.
struct ColumnSumsArgs {
  const float* x = nullptr;  ///< [rows, n]
  int64_t x_stride;
  float* y = nullptr;  ///< [n]
  int64_t rows, n;
};
void add_column_sums(const ColumnSumsArgs& args, const Executor& on);

/// y[at[i]] += x[i]; several rows may go to the same place, and are added in order.
struct ScatterAddArgs {
  const float* x = nullptr;  ///< [rows, n]
  int64_t x_stride;
  const std::int32_t* at = nullptr;  ///< host: [rows]
  const float* weights = nullptr;    ///< [rows] factors of x, or null
  float* y = nullptr;                ///< rows of n
  int64_t y_stride;
  int64_t rows, n;
};
void scatter_add(const ScatterAddArgs& args, const Executor& on);

/// The gradients of y[at[i]] += weights[i] x[i]: dx += weights[i] dy[at[i]], and
/// dweights[i] += dy[at[i]] . x[i].
struct ScatterAddBackwardArgs {
  const float* dy = nullptr;
  int64_t dy_stride;
  const std::int32_t* at = nullptr;  ///< host: [rows]
  const float* x = nullptr;          ///< [rows, n]
  int64_t x_stride;
  const float* weights = nullptr;  ///< [rows]
  float* dx = nullptr;             ///< [rows, n]
  int64_t dx_stride;
  float* dweights = nullptr;  ///< [rows]
  int64_t rows, n;
};
void scatter_add_backward(const ScatterAddBackwardArgs& args, const Executor& on);

}  // namespace pangu::kernels
