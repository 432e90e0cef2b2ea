// SPDX-License-Identifier: Apache-2.0
// y = silu(gate) * up, the gated part of SwiGLU. Source: Shazeer 2020, arXiv:2002.05202.
#pragma once

#include "kernels/variant.h"
#include "pangu/dtype.h"

namespace pangu::kernels {

struct SiluMulArgs {
  const float* gate_up = nullptr;  ///< [tokens, 2 * n]: n gates, then n ups
  int64_t stride;                  ///< elements from token to token
  void* y = nullptr;               ///< contiguous [tokens, n], f32 or bf16
  DType y_dtype;
  int64_t tokens, n;
};

/// The rows of tokens [first, last).
using SiluMulTokens = void(const SiluMulArgs& args, int64_t first, int64_t last);
SiluMulTokens silu_mul_ref, silu_mul_avx2, silu_mul_avx512, silu_mul_neon;

void silu_mul(const SiluMulArgs& args, const Executor& on);

}  // namespace pangu::kernels
