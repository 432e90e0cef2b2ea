// SPDX-License-Identifier: Apache-2.0
// p = softmax(x) over the last axis, and its gradient dx = p (dp - sum(dp p)).
#pragma once

#include "kernels/variant.h"

namespace pangu::kernels {

struct SoftmaxArgs {
  const float* x = nullptr;  ///< [rows, n]
  int64_t x_stride;
  float* y = nullptr;  ///< contiguous [rows, n]
  int64_t rows, n;
};

struct SoftmaxBackwardArgs {
  const float* y = nullptr;   ///< contiguous [rows, n]: the probabilities
  const float* dy = nullptr;  ///< contiguous [rows, n]
  float* dx = nullptr;        ///< [rows, n]
  int64_t dx_stride;
  bool accumulate;  ///< add to dx rather than replace it
  int64_t rows, n;
};

using SoftmaxRows = void(const SoftmaxArgs& args, int64_t first, int64_t last);
SoftmaxRows softmax_ref, softmax_avx2, softmax_avx512, softmax_neon;
using SoftmaxBackwardRows = void(const SoftmaxBackwardArgs& args, int64_t first, int64_t last);
SoftmaxBackwardRows softmax_backward_ref, softmax_backward_avx2, softmax_backward_avx512,
    softmax_backward_neon;

void softmax(const SoftmaxArgs& args, const Executor& on);
void softmax_backward(const SoftmaxBackwardArgs& args, const Executor& on);

}  // namespace pangu::kernels
