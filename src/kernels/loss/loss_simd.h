// SPDX-License-Identifier: Apache-2.0
// Cross-entropy and KL divergence for any vector type; included only by ISA files.
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

template <class V>
void kl_rows(const KlArgs& a, int64_t first, int64_t last) {
  const float cool = 1.0f / a.temperature;
  for (int64_t r = first; r < last; ++r) {
    float* s = a.student + r * a.student_stride;
    const float* t = a.teacher + r * a.teacher_stride;
    const float s_max = max_of_row<V>(s, a.n) * cool, t_max = max_of_row<V>(t, a.n) * cool;
    const float s_sum = sum_exp<V>(s, a.n, cool, s_max), t_sum = sum_exp<V>(t, a.n, cool, t_max);
    const float s_log = s_max + std::log(s_sum), t_log = t_max + std::log(t_sum);
    const float factor = a.weight * a.temperature;
    // Sum of p_t (log p_t - log p_s): differences of logits first, so that equal models give zero.
    auto sum = V::zero();
    const auto shift = V::set1(s_log - t_log);
    for (int64_t i = 0; i < a.n; i += V::kLanes) {
      const auto sv = V::mul(load_input<V>(s, i, a.n), V::set1(cool));
      const auto tv = V::mul(load_input<V>(t, i, a.n), V::set1(cool));
      auto p = vexp<V>(V::sub(tv, V::set1(t_log)));
      p = V::keep_first(p, a.n - i, V::zero());
      sum = V::fma(p, V::add(V::sub(tv, sv), shift), sum);
      if (a.gradient) {
        const auto q = vexp<V>(V::sub(sv, V::set1(s_log)));
        store_output<V, false>(s, i, V::mul(V::sub(q, p), V::set1(factor)), a.n - i);
      }
    }
    a.losses[r] = a.temperature * a.temperature * V::sum(sum);
  }
}

}  // namespace
}  // namespace pangu::kernels
