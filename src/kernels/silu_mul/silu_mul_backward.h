// SPDX-License-Identifier: Apache-2.0
// Gradients of y = silu(g) u with s = sigmoid(g):
//   dg = dy u s (1 + g (1 - s)),   du = dy g s.
#pragma once

#include "kernels/variant.h"

namespace pangu::kernels {

struct SiluMulBackwardArgs {
  const float* gate_up = nullptr;  ///< [tokens, 2 n]: gates, then ups
  int64_t stride;
  const float* dy = nullptr;  ///< contiguous [tokens, n]
  float* dgate_up = nullptr;  ///< [tokens, 2 n] with stride below
  int64_t dstride;
  bool accumulate;  ///< add to dgate_up rather than replace it
  int64_t tokens, n;
};

using SiluMulBackwardTokens = void(const SiluMulBackwardArgs& args, int64_t first, int64_t last);
SiluMulBackwardTokens silu_mul_backward_ref, silu_mul_backward_avx2, silu_mul_backward_avx512,
    silu_mul_backward_neon;

void silu_mul_backward(const SiluMulBackwardArgs& args, const Executor& on);

}  // namespace pangu::kernels
