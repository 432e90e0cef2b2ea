// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ops/context.h"

namespace pangu::ops {

/// Root-mean-square normalization of the last axis: y = weight * x / sqrt(mean(x^2) + eps).
/// x       f32 [T, n] or [T, H, n]; sums are kept in f32.   weight  f32 [n].
/// returns contiguous, shape of x, of type `out` (f32 or bf16).
/// throws  ShapeError if weight does not match the last axis; ConfigError unless eps > 0.
/// source  Zhang & Sennrich 2019, arXiv:1910.07467.
Tensor rms_norm(const Tensor& x, const Tensor& weight, float eps, DType out, Context& ctx);

}  // namespace pangu::ops
