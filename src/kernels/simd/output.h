// SPDX-License-Identifier: Apache-2.0
// Storing a vector of results as f32 or bf16, whole or in part; included only by ISA files.
#pragma once

#include <cstdint>

#include "kernels/simd/unroll.h"

namespace pangu {
namespace {

/// Writes the first `n` lanes (all of them when n >= V::kLanes) at element `at` of `y`.
template <class V, bool kBf16>
PANGU_INLINE void store_output(void* y, int64_t at, typename V::Reg value, int64_t n) {
  if constexpr (kBf16) {
    auto* out = static_cast<std::uint16_t*>(y) + at;
    n >= V::kLanes ? V::store_bf16(out, value) : V::store_bf16_n(out, value, n);
  } else {
    float* out = static_cast<float*>(y) + at;
    n >= V::kLanes ? V::store(out, value) : V::store_n(out, value, n);
  }
}

/// Lanes [i, n) of x, zeros past the end.
template <class V>
PANGU_INLINE typename V::Reg load_input(const float* x, int64_t i, int64_t n) {
  return n - i >= V::kLanes ? V::load(x + i) : V::load_n(x + i, n - i);
}

}  // namespace
}  // namespace pangu
