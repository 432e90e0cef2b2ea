// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ops/context.h"

namespace pangu::ops {

/// y = x / 2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))).
/// x f32, contiguous, of any shape.   returns the same shape, of type `out` (f32 or bf16).
/// source  Hendrycks & Gimpel 2016, arXiv:1606.08415, in the tanh form of GPT-2 and PanGu-alpha.
Tensor gelu(const Tensor& x, DType out, Context& ctx);

}  // namespace pangu::ops
