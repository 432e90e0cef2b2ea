// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ops/context.h"

namespace pangu::ops {

/// The rotations of a batch: cos and sin of every token's angles, f32 [T, head_dim / 2] each.
struct RopeAngles {
  Tensor cos, sin;
};

/// Turns each head by its token's angles, element i with element i + D / 2.
/// x f32 [T, H, D] -> contiguous f32 [T, H, D].
/// source  Su et al. 2021, arXiv:2104.09864, in the half-split pairing of Llama and openPangu.
Tensor rope(const Tensor& x, const RopeAngles& angles, Context& ctx);

}  // namespace pangu::ops
