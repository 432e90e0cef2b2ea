// SPDX-License-Identifier: Apache-2.0
// RoPE for any vector type; included only by ISA files.
#pragma once

#include "kernels/rope/rope.h"
#include "kernels/simd/gradient.h"

namespace pangu::kernels {
namespace {

template <class V>
void rope_tokens(const RopeArgs& a, int64_t first, int64_t last) {
  const int64_t half = a.head_dim / 2;
  const auto sign = V::set1(a.inverse ? -1.0f : 1.0f);
  for (int64_t t = first; t < last; ++t) {
    for (int64_t h = 0; h < a.heads; ++h) {
      const float* x = a.x + t * a.x_token_stride + h * a.x_head_stride;
      float* y = a.y + t * a.y_token_stride + h * a.y_head_stride;
      for (int64_t i = 0; i < half; i += V::kLanes) {
        const auto c = load_input<V>(a.cos + t * half, i, half);
        const auto s = V::mul(load_input<V>(a.sin + t * half, i, half), sign);
        const auto lower = load_input<V>(x, i, half), upper = load_input<V>(x + half, i, half);
        put_gradient<V>(y, i, half, V::fnma(upper, s, V::mul(lower, c)), a.accumulate);
        put_gradient<V>(y + half, i, half, V::fma(lower, s, V::mul(upper, c)), a.accumulate);
      }
    }
  }
}

}  // namespace
}  // namespace pangu::kernels
