// SPDX-License-Identifier: Apache-2.0
// silu(gate) * up for any vector type; included only by ISA files.
#pragma once

#include "kernels/silu_mul/silu_mul.h"
#include "kernels/simd/math.h"
#include "kernels/simd/output.h"

namespace pangu::kernels {
namespace {

template <class V, bool kBf16>
void silu_mul_row(const SiluMulArgs& a, int64_t t) {
  const float* gate = a.gate_up + t * a.stride;
  for (int64_t i = 0; i < a.n; i += V::kLanes) {
    const auto activated = vsilu<V>(load_input<V>(gate, i, a.n));
    const auto value = V::mul(activated, load_input<V>(gate + a.n, i, a.n));
    store_output<V, kBf16>(a.y, t * a.n + i, value, a.n - i);
  }
}

template <class V>
void silu_mul_tokens(const SiluMulArgs& a, int64_t first, int64_t last) {
  for (int64_t t = first; t < last; ++t) {
    a.y_dtype == DType::kBF16 ? silu_mul_row<V, true>(a, t) : silu_mul_row<V, false>(a, t);
  }
}

}  // namespace
}  // namespace pangu::kernels
