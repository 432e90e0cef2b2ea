// SPDX-License-Identifier: Apache-2.0
// Gradients of y = w x r with r = 1 / sqrt(mean(x^2) + eps):
//   dx = r (dy w - x r^2 mean(dy w x)),   dw = sum over rows of dy x r.
#pragma once

#include "kernels/variant.h"

namespace pangu::kernels {

/// Rows as in RmsNormArgs. Sums over rows are taken in chunks of tokens, whatever the number of
/// threads, and the chunks one after the other, so gradients are the same in every run.
struct RmsNormBackwardArgs {
  const float* x = nullptr;
  int64_t x_token_stride, x_head_stride;
  const float* weight = nullptr;  ///< [n]
  float eps;
  const float* dy = nullptr;  ///< contiguous [tokens, heads, n]
  float* dx = nullptr;        ///< strides below; apart from dy
  int64_t dx_token_stride, dx_head_stride;
  bool accumulate;           ///< add to dx rather than replace it
  float* dweight = nullptr;  ///< [n], added to; or null
  int64_t tokens, heads, n;
};

/// Tokens [first, last); `dweight` is a sum of its own.
using RmsNormBackwardTokens = void(const RmsNormBackwardArgs& args, float* dweight, int64_t first,
                                   int64_t last);
RmsNormBackwardTokens rms_norm_backward_ref, rms_norm_backward_avx2, rms_norm_backward_avx512,
    rms_norm_backward_neon;

void rms_norm_backward(const RmsNormBackwardArgs& args, const Executor& on);

}  // namespace pangu::kernels
