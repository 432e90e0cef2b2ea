// SPDX-License-Identifier: Apache-2.0
// Gradients of silu(gate) * up for any vector type; included only by ISA files.
#pragma once

#include "kernels/silu_mul/silu_mul_backward.h"
#include "kernels/simd/gradient.h"
#include "kernels/simd/math.h"

namespace pangu::kernels {
namespace {

template <class V>
void silu_mul_backward_tokens(const SiluMulBackwardArgs& a, int64_t first, int64_t last) {
  const auto one = V::set1(1.0f);
  for (int64_t t = first; t < last; ++t) {
    const float* gate = a.gate_up + t * a.stride;
    float* dgate = a.dgate_up + t * a.dstride;
    for (int64_t i = 0; i < a.n; i += V::kLanes) {
      const auto g = load_input<V>(gate, i, a.n), u = load_input<V>(gate + a.n, i, a.n);
      const auto dy = load_input<V>(a.dy + t * a.n, i, a.n);
      const auto s = V::div(one, V::add(one, vexp<V>(V::sub(V::zero(), g))));
      const auto slope = V::mul(s, V::fma(g, V::sub(one, s), one));
      put_gradient<V>(dgate, i, a.n, V::mul(V::mul(dy, u), slope), a.accumulate);
      put_gradient<V>(dgate + a.n, i, a.n, V::mul(dy, V::mul(g, s)), a.accumulate);
    }
  }
}

}  // namespace
}  // namespace pangu::kernels
