// SPDX-License-Identifier: Apache-2.0
// Softmax and its gradient for any vector type; included only by ISA files.
#pragma once

#include "kernels/simd/gradient.h"
#include "kernels/simd/row_exp.h"
#include "kernels/softmax/softmax.h"

namespace pangu::kernels {
namespace {

template <class V>
void softmax_rows(const SoftmaxArgs& a, int64_t first, int64_t last) {
  for (int64_t r = first; r < last; ++r) {
    const float* x = a.x + r * a.x_stride;
    float* y = a.y + r * a.n;
    const float sum = store_exp<V>(x, a.n, 1.0f, max_of_row<V>(x, a.n), y);
    scale_row<V>(y, a.n, 1.0f / sum);
  }
}

template <class V>
void softmax_backward_rows(const SoftmaxBackwardArgs& a, int64_t first, int64_t last) {
  for (int64_t r = first; r < last; ++r) {
    const float *y = a.y + r * a.n, *dy = a.dy + r * a.n;
    auto products = V::zero();
    for (int64_t i = 0; i < a.n; i += V::kLanes) {
      products = V::fma(load_input<V>(y, i, a.n), load_input<V>(dy, i, a.n), products);
    }
    const auto sum = V::set1(V::sum(products));
    for (int64_t i = 0; i < a.n; i += V::kLanes) {
      const auto d = V::sub(load_input<V>(dy, i, a.n), sum);
      put_gradient<V>(a.dx + r * a.dx_stride, i, a.n, V::mul(load_input<V>(y, i, a.n), d),
                      a.accumulate);
    }
  }
}

}  // namespace
}  // namespace pangu::kernels
