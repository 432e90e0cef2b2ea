// SPDX-License-Identifier: Apache-2.0
// Blocks of scores for any vector type; included only by ISA files.
#pragma once

#include <algorithm>

#include "kernels/document_attention/score_block.h"
#include "kernels/simd/row_exp.h"

namespace pangu::kernels {
namespace {

inline int64_t visible_columns(const ScoreBlock& b, int64_t row) {
  const int64_t n = b.visible + row;
  return n < 0 ? 0 : n < b.columns ? n : b.columns;
}

template <class V>
void softmax_block(const ScoreBlock& b, const OnlineSoftmax& state) {
  for (int64_t r = 0; r < b.rows; ++r) {
    float* s = b.scores + r * b.stride;
    const int64_t n = visible_columns(b, r);
    std::fill(s + n, s + b.columns, 0.0f);
    state.shrink[r] = 1.0f;
    if (n == 0) continue;
    const float block_max = max_of_row<V>(s, n) * b.scale;
    const float max = block_max > state.max[r] ? block_max : state.max[r];
    // The first block finds a maximum of minus infinity and nothing to shrink.
    state.shrink[r] = __builtin_expf(state.max[r] - max);
    state.sum[r] = state.sum[r] * state.shrink[r] + store_exp<V>(s, n, b.scale, max, s);
    state.max[r] = max;
  }
}

template <class V>
void gradient_block(const ScoreBlock& b, const ScoreGradients& g) {
  for (int64_t r = 0; r < b.rows; ++r) {
    float *s = b.scores + r * b.stride, *d = g.d + r * b.stride;
    const int64_t n = visible_columns(b, r);
    std::fill(s + n, s + b.columns, 0.0f);
    std::fill(d + n, d + b.columns, 0.0f);
    store_exp<V>(s, n, b.scale, g.log_sums[r * g.log_sum_stride], s);
    const auto delta = V::set1(g.delta[r]), scale = V::set1(b.scale);
    for (int64_t i = 0; i < n; i += V::kLanes) {
      const auto p = V::mul(load_input<V>(s, i, n), scale);
      store_output<V, false>(d, i, V::mul(p, V::sub(load_input<V>(d, i, n), delta)), n - i);
    }
  }
}

}  // namespace
}  // namespace pangu::kernels
