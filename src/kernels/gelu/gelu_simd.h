// SPDX-License-Identifier: Apache-2.0
// GELU and its gradient for any vector type; included only by ISA files.
#pragma once

#include "kernels/gelu/gelu.h"
#include "kernels/simd/gradient.h"
#include "kernels/simd/math.h"

namespace pangu::kernels {
namespace {

inline constexpr float kGeluScale = 0.7978845608028654f;  // sqrt(2 / pi)
inline constexpr float kGeluCubic = 0.044715f;

/// sigmoid(2 c (x + 0.044715 x^3))
template <class V>
typename V::Reg gelu_gate(typename V::Reg x) {
  const auto one = V::set1(1.0f);
  const auto inner = V::fma(V::set1(kGeluCubic), V::mul(x, x), one);
  const auto u = V::mul(V::mul(x, inner), V::set1(-2.0f * kGeluScale));
  return V::div(one, V::add(one, vexp<V>(u)));
}

template <class V>
void gelu_range(const GeluArgs& a, int64_t first, int64_t last) {
  for (int64_t i = first; i < last; i += V::kLanes) {
    const auto x = load_input<V>(a.x, i, last);
    const auto y = V::mul(x, gelu_gate<V>(x));
    a.y_dtype == DType::kBF16 ? store_output<V, true>(a.y, i, y, last - i)
                              : store_output<V, false>(a.y, i, y, last - i);
  }
}

template <class V>
void gelu_backward_range(const GeluBackwardArgs& a, int64_t first, int64_t last) {
  const auto one = V::set1(1.0f);
  for (int64_t i = first; i < last; i += V::kLanes) {
    const auto x = load_input<V>(a.x, i, last);
    const auto s = gelu_gate<V>(x);
    const auto inner = V::fma(V::set1(3.0f * kGeluCubic), V::mul(x, x), one);
    const auto bend = V::mul(V::mul(x, s), V::mul(V::sub(one, s), inner));
    const auto slope = V::fma(V::set1(2.0f * kGeluScale), bend, s);
    put_gradient<V>(a.dx, i, last, V::mul(load_input<V>(a.dy, i, last), slope), a.accumulate);
  }
}

}  // namespace
}  // namespace pangu::kernels
