// SPDX-License-Identifier: Apache-2.0
// Whole rows moved, filled, unpacked and compared. Bound by memory: the compiler's own vectors do.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/variant.h"
#include "pangu/dtype.h"
#include "pangu/token.h"
#include "quant/weight_format.h"

namespace pangu::kernels {

/// y[i] = x[at[i]], byte for byte.
struct GatherRowsArgs {
  const void* x = nullptr;
  int64_t x_stride;                  ///< bytes from row to row
  const std::int32_t* at = nullptr;  ///< host: [rows]
  void* y = nullptr;                 ///< contiguous rows of row_bytes
  int64_t rows, row_bytes;
};
void gather_rows(const GatherRowsArgs& args, const Executor& on);

/// y[i] = the exact values of row ids[i], or first + i, of a packed matrix.
struct UnpackRowsArgs {
  const std::byte* weight = nullptr;  ///< panels, back to back
  std::size_t panel_bytes;
  WeightFormat format;
  int64_t k;
  const TokenId* ids = nullptr;  ///< host: [rows], or null
  int64_t first = 0;             ///< where there are no ids
  float* y = nullptr;            ///< contiguous [rows, k]
  int64_t rows;
};
void unpack_rows(const UnpackRowsArgs& args, const Executor& on);

/// y = value
struct FillRowsArgs {
  float* y = nullptr;  ///< [rows, n]
  int64_t y_stride;
  int64_t rows, n;
  float value;
};
void fill_rows(const FillRowsArgs& args, const Executor& on);

/// y = x, rounded to nearest even.
struct RoundToBf16Args {
  const float* x = nullptr;  ///< contiguous [count]
  void* y = nullptr;         ///< bf16, contiguous [count]
  int64_t count;
};
void round_to_bf16(const RoundToBf16Args& args, const Executor& on);

/// sums[r] = mean over a row of (a - b)^2, and its gradient scale (a - b) with respect to a.
struct SquaredDifferencesArgs {
  const void *a = nullptr, *b = nullptr;  ///< [rows, n], f32 or bf16
  DType dtype;
  int64_t a_stride, b_stride;
  float* gradient = nullptr;  ///< contiguous [rows, n], or null
  float scale;
  double* sums = nullptr;  ///< host: [rows]
  int64_t rows, n;
};
void squared_differences(const SquaredDifferencesArgs& args, const Executor& on);

}  // namespace pangu::kernels
