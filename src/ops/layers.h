// SPDX-License-Identifier: Apache-2.0
// The elementwise and normalizing ops of a decoder layer.
#pragma once

#include <span>

#include "ops/context.h"

namespace pangu::ops {

/// Root-mean-square normalization of the last axis: y = weight * x / sqrt(mean(x^2) + eps).
/// x       f32 [T, n] or [T, H, n]; sums are kept in f32.   weight  f32 [n].
/// returns contiguous, shape of x, of type `out` (f32 or bf16).
/// throws  ShapeError if weight does not match the last axis; ConfigError unless eps > 0.
/// source  Zhang & Sennrich 2019, arXiv:1910.07467.
Tensor rms_norm(const Tensor& x, const Tensor& weight, float eps, DType out, Context& ctx);

/// y = weight * (x - mean) / sqrt(variance + eps) + bias over the last axis.
/// x f32 [T, n], rows may be strided.   weight f32 [n].   bias f32 [n], or undefined.
/// returns [T, n] of type `out` (f32 or bf16).
/// throws  ShapeError if the sizes differ; ConfigError unless eps > 0.
/// source  Ba, Kiros & Hinton 2016, arXiv:1607.06450.
Tensor layer_norm(const Tensor& x, const Tensor& weight, const Tensor& bias, float eps, DType out,
                  Context& ctx);

/// y = x / 2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))).
/// x f32, contiguous, of any shape.   returns the same shape, of type `out` (f32 or bf16).
/// source  Hendrycks & Gimpel 2016, arXiv:1606.08415, in the tanh form of GPT-2 and PanGu-alpha.
Tensor gelu(const Tensor& x, DType out, Context& ctx);

/// y = silu(gate) * up.
/// gate_up f32 [T, 2 n]: gates, then ups.   returns [T, n] of type `out` (f32 or bf16).
/// source  Shazeer 2020, arXiv:2002.05202.
Tensor silu_mul(const Tensor& gate_up, DType out, Context& ctx);

/// The rotations of a batch: cos and sin of every token's angles, f32 [T, head_dim / 2] each.
struct RopeAngles {
  Tensor cos, sin;
};

/// Turns each head by its token's angles, element i with element i + D / 2.
/// x f32 [T, H, D] -> contiguous f32 [T, H, D].
/// source  Su et al. 2021, arXiv:2104.09864, in the half-split pairing of Llama and openPangu.
Tensor rope(const Tensor& x, const RopeAngles& angles, Context& ctx);

/// The given rows of x [T, n], of any type, as a new tensor.
Tensor gather_rows(const Tensor& x, std::span<const std::int32_t> rows, Context& ctx);

}  // namespace pangu::ops
