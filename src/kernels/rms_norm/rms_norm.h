// SPDX-License-Identifier: Apache-2.0
// y = weight * x / sqrt(mean(x^2) + eps) over the last axis; sums in f32.
// Source: Zhang & Sennrich 2019, arXiv:1910.07467.
#pragma once

#include "kernels/variant.h"
#include "pangu/dtype.h"

namespace pangu::kernels {

/// Rows are [tokens, heads] of `n` elements; a plain [tokens, n] has one head.
struct RmsNormArgs {
  const float* x = nullptr;
  int64_t x_token_stride, x_head_stride;
  const float* weight = nullptr;  ///< [n]
  float eps;
  void* y = nullptr;  ///< contiguous [tokens, heads, n], f32 or bf16
  DType y_dtype;
  int64_t tokens, heads, n;
};

/// Normalizes the rows of tokens [first, last).
using RmsNormTokens = void(const RmsNormArgs& args, int64_t first, int64_t last);
RmsNormTokens rms_norm_ref, rms_norm_avx2, rms_norm_avx512, rms_norm_neon;

void rms_norm(const RmsNormArgs& args, const Executor& on);

}  // namespace pangu::kernels
