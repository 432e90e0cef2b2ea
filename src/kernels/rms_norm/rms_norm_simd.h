// SPDX-License-Identifier: Apache-2.0
// RMS norm for any vector type; included only by ISA files.
#pragma once

#include "kernels/rms_norm/rms_norm.h"
#include "kernels/simd/output.h"

namespace pangu::kernels {
namespace {

template <class V, bool kBf16>
void rms_norm_row(const RmsNormArgs& a, const float* x, int64_t y) {
  typename V::Reg squares = V::zero();
  for (int64_t i = 0; i < a.n; i += V::kLanes) {
    const auto v = load_input<V>(x, i, a.n);
    squares = V::fma(v, v, squares);
  }
  const float mean = V::sum(squares) / static_cast<float>(a.n);
  const auto scale = V::set1(1.0f / __builtin_sqrtf(mean + a.eps));
  for (int64_t i = 0; i < a.n; i += V::kLanes) {
    const auto v = V::mul(load_input<V>(x, i, a.n), scale);
    store_output<V, kBf16>(a.y, y + i, V::mul(v, load_input<V>(a.weight, i, a.n)), a.n - i);
  }
}

template <class V>
void rms_norm_tokens(const RmsNormArgs& a, int64_t first, int64_t last) {
  for (int64_t t = first; t < last; ++t) {
    for (int64_t h = 0; h < a.heads; ++h) {
      const float* x = a.x + t * a.x_token_stride + h * a.x_head_stride;
      const int64_t y = (t * a.heads + h) * a.n;
      a.y_dtype == DType::kBF16 ? rms_norm_row<V, true>(a, x, y) : rms_norm_row<V, false>(a, x, y);
    }
  }
}

}  // namespace
}  // namespace pangu::kernels
