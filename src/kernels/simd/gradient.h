// SPDX-License-Identifier: Apache-2.0
// Writing or adding a vector of gradients; included only by ISA files.
#pragma once

#include "kernels/simd/output.h"

namespace pangu {
namespace {

/// Lanes [i, n) of `to` become, or grow by, `value`.
template <class V>
PANGU_INLINE void put_gradient(float* to, int64_t i, int64_t n, typename V::Reg value,
                               bool accumulate) {
  if (accumulate) value = V::add(load_input<V>(to, i, n), value);
  store_output<V, false>(to, i, value, n - i);
}

}  // namespace
}  // namespace pangu
