// SPDX-License-Identifier: Apache-2.0
// y = w (x - mean) r + b with r = 1 / sqrt(variance + eps), over the last axis; sums in f32.
// Gradients, with z = (x - mean) r and g = dy w:
//   dx = r (g - mean(g) - z mean(g z)),   dw = sum over rows of dy z,   db = sum over rows of dy.
// Source: Ba, Kiros & Hinton 2016, arXiv:1607.06450.
#pragma once

#include "kernels/variant.h"
#include "pangu/dtype.h"

namespace pangu::kernels {

struct LayerNormArgs {
  const float* x = nullptr;  ///< [tokens, n]
  int64_t x_stride;
  const float* weight = nullptr;  ///< [n]
  const float* bias = nullptr;    ///< [n], or null
  float eps;
  void* y = nullptr;  ///< contiguous [tokens, n], f32 or bf16
  DType y_dtype;
  int64_t tokens, n;
};

struct LayerNormBackwardArgs {
  const float* x = nullptr;  ///< [tokens, n]
  int64_t x_stride;
  const float* weight = nullptr;  ///< [n]
  float eps;
  const float* dy = nullptr;  ///< contiguous [tokens, n]
  float* dx = nullptr;        ///< [tokens, n]; apart from dy
  int64_t dx_stride;
  bool accumulate;                             ///< add to dx rather than replace it
  float *dweight = nullptr, *dbias = nullptr;  ///< [n] each, added to; either may be null
  int64_t tokens, n;
};

using LayerNormTokens = void(const LayerNormArgs& args, int64_t first, int64_t last);
LayerNormTokens layer_norm_ref, layer_norm_avx2, layer_norm_avx512, layer_norm_neon;

/// `sums` are those of dweight and dbias, [2, n], or null.
using LayerNormBackwardTokens = void(const LayerNormBackwardArgs& args, float* sums, int64_t first,
                                     int64_t last);
LayerNormBackwardTokens layer_norm_backward_ref, layer_norm_backward_avx2,
    layer_norm_backward_avx512, layer_norm_backward_neon;

void layer_norm(const LayerNormArgs& args, const Executor& on);
void layer_norm_backward(const LayerNormBackwardArgs& args, const Executor& on);

}  // namespace pangu::kernels
