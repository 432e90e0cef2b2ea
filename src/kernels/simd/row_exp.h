// SPDX-License-Identifier: Apache-2.0
// The pieces of a softmax over one row; included only by ISA files.
#pragma once

#include <limits>

#include "kernels/simd/math.h"
#include "kernels/simd/output.h"

namespace pangu {
namespace {

template <class V>
float max_of_row(const float* x, int64_t n) {
  const auto lowest = V::set1(-std::numeric_limits<float>::infinity());
  auto max = lowest;
  for (int64_t i = 0; i < n; i += V::kLanes) {
    max = V::max(V::keep_first(load_input<V>(x, i, n), n - i, lowest), max);
  }
  return V::max_of(max);
}

/// y = exp(scale x - shift) for n elements; returns their sum. y may be x.
template <class V>
float store_exp(const float* x, int64_t n, float scale, float shift, float* y) {
  auto sum = V::zero();
  for (int64_t i = 0; i < n; i += V::kLanes) {
    auto e = vexp<V>(V::sub(V::mul(load_input<V>(x, i, n), V::set1(scale)), V::set1(shift)));
    e = V::keep_first(e, n - i, V::zero());
    store_output<V, false>(y, i, e, n - i);
    sum = V::add(sum, e);
  }
  return V::sum(sum);
}

/// Sum of exp(scale x - shift).
template <class V>
float sum_exp(const float* x, int64_t n, float scale, float shift) {
  auto sum = V::zero();
  for (int64_t i = 0; i < n; i += V::kLanes) {
    const auto e = vexp<V>(V::sub(V::mul(load_input<V>(x, i, n), V::set1(scale)), V::set1(shift)));
    sum = V::add(sum, V::keep_first(e, n - i, V::zero()));
  }
  return V::sum(sum);
}

template <class V>
void scale_row(float* x, int64_t n, float factor) {
  for (int64_t i = 0; i < n; i += V::kLanes) {
    store_output<V, false>(x, i, V::mul(load_input<V>(x, i, n), V::set1(factor)), n - i);
  }
}

}  // namespace
}  // namespace pangu
