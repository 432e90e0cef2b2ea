// SPDX-License-Identifier: Apache-2.0
// RoPE for any vector type; included only by ISA files.
#pragma once

#include "kernels/rope/rope.h"
#include "kernels/simd/output.h"

namespace pangu::kernels {
namespace {

template <class V>
void rope_tokens(const RopeArgs& a, int64_t first, int64_t last) {
  const int64_t half = a.head_dim / 2;
  for (int64_t t = first; t < last; ++t) {
    for (int64_t h = 0; h < a.heads; ++h) {
      const float* x = a.x + t * a.x_token_stride + h * a.x_head_stride;
      const int64_t y = (t * a.heads + h) * a.head_dim;
      for (int64_t i = 0; i < half; i += V::kLanes) {
        const auto c = load_input<V>(a.cos + t * half, i, half);
        const auto s = load_input<V>(a.sin + t * half, i, half);
        const auto lower = load_input<V>(x, i, half), upper = load_input<V>(x + half, i, half);
        store_output<V, false>(a.y, y + i, V::fnma(upper, s, V::mul(lower, c)), half - i);
        store_output<V, false>(a.y, y + half + i, V::fma(lower, s, V::mul(upper, c)), half - i);
      }
    }
  }
}

}  // namespace
}  // namespace pangu::kernels
