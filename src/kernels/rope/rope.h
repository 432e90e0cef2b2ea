// SPDX-License-Identifier: Apache-2.0
// Rotary position embedding, half-split form: elements i and i + D/2 of a head are turned by the
// token's i-th angle. Source: Su et al. 2021, arXiv:2104.09864; pairing as in Llama and openPangu.
#pragma once

#include "kernels/variant.h"

namespace pangu::kernels {

struct RopeArgs {
  const float* x = nullptr;  ///< [tokens, heads, head_dim]
  int64_t x_token_stride, x_head_stride;
  const float* cos = nullptr;  ///< [tokens, head_dim / 2]
  const float* sin = nullptr;  ///< [tokens, head_dim / 2]
  float* y = nullptr;          ///< [tokens, heads, head_dim]; apart from x
  int64_t y_token_stride, y_head_stride;
  int64_t tokens, heads, head_dim;
  bool inverse = false;     ///< turn back: the gradient of a rotation
  bool accumulate = false;  ///< add to y rather than replace it
};

/// Rotates the heads of tokens [first, last).
using RopeTokens = void(const RopeArgs& args, int64_t first, int64_t last);
RopeTokens rope_ref, rope_avx2, rope_avx512, rope_neon;

void rope(const RopeArgs& args, const Executor& on);

}  // namespace pangu::kernels
