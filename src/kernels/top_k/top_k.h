// SPDX-License-Identifier: Apache-2.0
// The largest of each row, as routers of experts choose them.
#pragma once

#include <cstdint>

#include "kernels/variant.h"

namespace pangu::kernels {

/// The k largest of each of `groups` equal parts of a row, largest first, of equals the first.
struct TopKArgs {
  const float* x = nullptr;  ///< [rows, groups * n]
  int64_t x_stride;
  int64_t rows, groups, n, k;
  float* values = nullptr;          ///< contiguous [rows, groups * k]
  std::int32_t* columns = nullptr;  ///< host: [rows, groups * k], within the row
};
void top_k(const TopKArgs& args, const Executor& on);

/// dx[columns] += dy
struct TopKBackwardArgs {
  const float* dy = nullptr;              ///< contiguous [rows, k]
  const std::int32_t* columns = nullptr;  ///< host: [rows, k]
  float* dx = nullptr;
  int64_t dx_stride;
  int64_t rows, k;
};
void top_k_backward(const TopKBackwardArgs& args, const Executor& on);

}  // namespace pangu::kernels
