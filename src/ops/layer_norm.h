// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ops/context.h"

namespace pangu::ops {

/// y = weight * (x - mean) / sqrt(variance + eps) + bias over the last axis.
/// x f32 [T, n], rows may be strided.   weight f32 [n].   bias f32 [n], or undefined.
/// returns [T, n] of type `out` (f32 or bf16).
/// throws  ShapeError if the sizes differ; ConfigError unless eps > 0.
/// source  Ba, Kiros & Hinton 2016, arXiv:1607.06450.
Tensor layer_norm(const Tensor& x, const Tensor& weight, const Tensor& bias, float eps, DType out,
                  Context& ctx);

}  // namespace pangu::ops
