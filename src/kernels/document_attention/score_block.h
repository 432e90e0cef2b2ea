// SPDX-License-Identifier: Apache-2.0
// What happens to a block of scores between two matrix products.
#pragma once

#include <cstdint>

#include "kernels/variant.h"

namespace pangu::kernels {

/// Scores [rows, stride] of queries against keys. Row r sees `visible` + r keys of the block, at
/// most `columns`; what it does not see becomes zero.
struct ScoreBlock {
  float* scores;
  int64_t stride, rows, columns;
  int64_t visible;
  float scale;
};

/// Scores become exp(scale s - max) with the running maximum of each row; the running sum follows,
/// and `shrink` is the factor by which earlier results of the row are too large.
struct OnlineSoftmax {
  float *max, *sum, *shrink;  ///< [rows]
};
using SoftmaxBlock = void(const ScoreBlock& block, const OnlineSoftmax& state);
SoftmaxBlock softmax_block_ref, softmax_block_avx2, softmax_block_avx512, softmax_block_neon;

/// Scores become probabilities p = exp(scale s - log_sum); `d` [rows, stride], on entry the
/// gradients of p, becomes those of the scores, p (d - delta) scale.
struct ScoreGradients {
  float* d;
  const float* log_sums;  ///< of each row, `log_sum_stride` apart
  int64_t log_sum_stride;
  const float* delta;  ///< [rows]: sum of y dy
};
using GradientBlock = void(const ScoreBlock& block, const ScoreGradients& gradients);
GradientBlock gradient_block_ref, gradient_block_avx2, gradient_block_avx512, gradient_block_neon;

struct ScoreBlockKernels {
  SoftmaxBlock* softmax;
  GradientBlock* gradient;
};
ScoreBlockKernels score_block_kernels(Isa isa);

}  // namespace pangu::kernels
