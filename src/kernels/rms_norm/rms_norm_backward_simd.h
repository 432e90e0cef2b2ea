// SPDX-License-Identifier: Apache-2.0
// Gradients of RMS norm for any vector type; included only by ISA files.
#pragma once

#include "kernels/rms_norm/rms_norm_backward.h"
#include "kernels/simd/gradient.h"

namespace pangu::kernels {
namespace {

template <class V>
void rms_norm_backward_row(const RmsNormBackwardArgs& a, const float* x, const float* dy, float* dx,
                           float* dweight) {
  typename V::Reg squares = V::zero(), products = V::zero();
  for (int64_t i = 0; i < a.n; i += V::kLanes) {
    const auto v = load_input<V>(x, i, a.n);
    const auto g = V::mul(load_input<V>(dy, i, a.n), load_input<V>(a.weight, i, a.n));
    squares = V::fma(v, v, squares);
    products = V::fma(g, v, products);
  }
  const auto n = static_cast<float>(a.n);
  const float r = 1.0f / __builtin_sqrtf(V::sum(squares) / n + a.eps);
  const auto scale = V::set1(r);
  const auto along = V::set1(r * r * r * (V::sum(products) / n));
  for (int64_t i = 0; i < a.n; i += V::kLanes) {
    const auto v = load_input<V>(x, i, a.n), d = load_input<V>(dy, i, a.n);
    const auto g = V::mul(d, load_input<V>(a.weight, i, a.n));
    put_gradient<V>(dx, i, a.n, V::fnma(v, along, V::mul(g, scale)), a.accumulate);
    if (dweight) put_gradient<V>(dweight, i, a.n, V::mul(d, V::mul(v, scale)), true);
  }
}

template <class V>
void rms_norm_backward_tokens(const RmsNormBackwardArgs& a, float* dweight, int64_t first,
                              int64_t last) {
  for (int64_t t = first; t < last; ++t) {
    for (int64_t h = 0; h < a.heads; ++h) {
      rms_norm_backward_row<V>(a, a.x + t * a.x_token_stride + h * a.x_head_stride,
                               a.dy + (t * a.heads + h) * a.n,
                               a.dx + t * a.dx_token_stride + h * a.dx_head_stride, dweight);
    }
  }
}

}  // namespace
}  // namespace pangu::kernels
