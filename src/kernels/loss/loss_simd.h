// SPDX-License-Identifier: Apache-2.0
// Cross-entropy for any vector type; included only by ISA files.
#pragma once

#include <cmath>

#include "kernels/loss/loss.h"
#include "kernels/simd/row_exp.h"

namespace pangu::kernels {
namespace {

template <class V>
void cross_entropy_rows(const CrossEntropyArgs& a, int64_t first, int64_t last) {
  for (int64_t r = first; r < last; ++r) {
    float* x = a.logits + r * a.stride;
    const float max = max_of_row<V>(x, a.n), target = x[a.targets[r]];
    const float sum =
        a.gradient ? store_exp<V>(x, a.n, 1.0f, max, x) : sum_exp<V>(x, a.n, 1.0f, max);
    a.losses[r] = std::log(sum) - (target - max);
    if (!a.gradient) continue;
    scale_row<V>(x, a.n, a.weight / sum);
    x[a.targets[r]] -= a.weight;
  }
}

}  // namespace
}  // namespace pangu::kernels
