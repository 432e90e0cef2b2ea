// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ops/context.h"

namespace pangu::ops {

/// y = silu(gate) * up.
/// gate_up f32 [T, 2 n]: gates, then ups.   returns [T, n] of type `out` (f32 or bf16).
/// source  Shazeer 2020, arXiv:2002.05202.
Tensor silu_mul(const Tensor& gate_up, DType out, Context& ctx);

}  // namespace pangu::ops
