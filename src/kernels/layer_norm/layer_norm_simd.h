// SPDX-License-Identifier: Apache-2.0
// Layer norm and its gradients for any vector type; included only by ISA files.
#pragma once

#include "kernels/layer_norm/layer_norm.h"
#include "kernels/simd/gradient.h"

namespace pangu::kernels {
namespace {

struct Moments {
  float mean, r;
};

/// In two passes: the variance of numbers far from zero would drown in the square of their mean.
template <class V>
Moments moments_of(const float* x, int64_t n, float eps) {
  auto sum = V::zero();
  for (int64_t i = 0; i < n; i += V::kLanes) sum = V::add(sum, load_input<V>(x, i, n));
  const float mean = V::sum(sum) / static_cast<float>(n);
  auto squares = V::zero();
  for (int64_t i = 0; i < n; i += V::kLanes) {
    auto d = V::sub(load_input<V>(x, i, n), V::set1(mean));
    d = V::keep_first(d, n - i, V::zero());
    squares = V::fma(d, d, squares);
  }
  return {mean, 1.0f / __builtin_sqrtf(V::sum(squares) / static_cast<float>(n) + eps)};
}

template <class V, bool kBf16>
void layer_norm_row(const LayerNormArgs& a, int64_t t) {
  const float* x = a.x + t * a.x_stride;
  const Moments m = moments_of<V>(x, a.n, a.eps);
  for (int64_t i = 0; i < a.n; i += V::kLanes) {
    const auto z = V::mul(V::sub(load_input<V>(x, i, a.n), V::set1(m.mean)), V::set1(m.r));
    const auto bias = a.bias ? load_input<V>(a.bias, i, a.n) : V::zero();
    store_output<V, kBf16>(a.y, t * a.n + i, V::fma(z, load_input<V>(a.weight, i, a.n), bias),
                           a.n - i);
  }
}

template <class V>
void layer_norm_tokens(const LayerNormArgs& a, int64_t first, int64_t last) {
  for (int64_t t = first; t < last; ++t) {
    a.y_dtype == DType::kBF16 ? layer_norm_row<V, true>(a, t) : layer_norm_row<V, false>(a, t);
  }
}

template <class V>
void layer_norm_backward_row(const LayerNormBackwardArgs& a, float* sums, int64_t t) {
  const float *x = a.x + t * a.x_stride, *dy = a.dy + t * a.n;
  const Moments m = moments_of<V>(x, a.n, a.eps);
  const auto mean = V::set1(m.mean), r = V::set1(m.r);
  auto sum_g = V::zero(), sum_gz = V::zero();
  for (int64_t i = 0; i < a.n; i += V::kLanes) {
    const auto g = V::mul(load_input<V>(dy, i, a.n), load_input<V>(a.weight, i, a.n));
    sum_g = V::add(sum_g, g);
    sum_gz = V::fma(g, V::mul(V::sub(load_input<V>(x, i, a.n), mean), r), sum_gz);
  }
  const auto mean_g = V::set1(V::sum(sum_g) / static_cast<float>(a.n));
  const auto mean_gz = V::set1(V::sum(sum_gz) / static_cast<float>(a.n));
  for (int64_t i = 0; i < a.n; i += V::kLanes) {
    const auto d = load_input<V>(dy, i, a.n);
    const auto g = V::mul(d, load_input<V>(a.weight, i, a.n));
    const auto z = V::mul(V::sub(load_input<V>(x, i, a.n), mean), r);
    put_gradient<V>(a.dx + t * a.dx_stride, i, a.n,
                    V::mul(r, V::fnma(z, mean_gz, V::sub(g, mean_g))), a.accumulate);
    if (sums) {
      put_gradient<V>(sums, i, a.n, V::mul(d, z), true);
      put_gradient<V>(sums + a.n, i, a.n, d, true);
    }
  }
}

template <class V>
void layer_norm_backward_tokens(const LayerNormBackwardArgs& a, float* sums, int64_t first,
                                int64_t last) {
  for (int64_t t = first; t < last; ++t) layer_norm_backward_row<V>(a, sums, t);
}

}  // namespace
}  // namespace pangu::kernels
