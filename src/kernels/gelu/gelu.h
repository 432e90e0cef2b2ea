// SPDX-License-Identifier: Apache-2.0
// y = x / 2 (1 + tanh(c (x + 0.044715 x^3))) with c = sqrt(2 / pi), which equals x sigmoid(2 u) for
// u = c (x + 0.044715 x^3). Gradient, with s = sigmoid(2 u):
//   dx = dy (s + 2 x s (1 - s) c (1 + 3 * 0.044715 x^2)).
// Source: Hendrycks & Gimpel 2016, arXiv:1606.08415, in the tanh form of GPT-2 and PanGu-alpha.
#pragma once

#include "kernels/variant.h"
#include "pangu/dtype.h"

namespace pangu::kernels {

struct GeluArgs {
  const float* x = nullptr;  ///< contiguous [count]
  void* y = nullptr;         ///< contiguous [count], f32 or bf16
  DType y_dtype;
  int64_t count;
};

struct GeluBackwardArgs {
  const float* x = nullptr;   ///< contiguous [count]
  const float* dy = nullptr;  ///< contiguous [count]
  float* dx = nullptr;        ///< contiguous [count]
  bool accumulate;            ///< add to dx rather than replace it
  int64_t count;
};

/// Elements [first, last).
using GeluRange = void(const GeluArgs& args, int64_t first, int64_t last);
GeluRange gelu_ref, gelu_avx2, gelu_avx512, gelu_neon;
using GeluBackwardRange = void(const GeluBackwardArgs& args, int64_t first, int64_t last);
GeluBackwardRange gelu_backward_ref, gelu_backward_avx2, gelu_backward_avx512, gelu_backward_neon;

void gelu(const GeluArgs& args, const Executor& on);
void gelu_backward(const GeluBackwardArgs& args, const Executor& on);

}  // namespace pangu::kernels
