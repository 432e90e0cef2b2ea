// SPDX-License-Identifier: Apache-2.0
// The losses of distillation for any vector type; included only by ISA files.
//
// With the k likeliest tokens alone, their logits are moved to a list of their own and leave -inf
// behind, which has no weight in any softmax: the list is then a small row with a whole teacher,
// and the row holds the others.
#pragma once

#include <cmath>
#include <limits>

#include "kernels/distill_loss/distill_loss.h"
#include "kernels/simd/row_exp.h"

namespace pangu::kernels {
namespace {

/// What turns the logits s of a student's row into probabilities and into its gradient.
struct RowTerms {
  float cool;      ///< 1 / t
  float log_sum;   ///< of exp(cool s)
  float log_hard;  ///< of exp(s); 0 where the true token does not count
  float soft;      ///< factor of q - p in the gradient
  float hard;      ///< factor of softmax(s) - onehot
};

template <class V>
RowTerms terms_of(const StudentRows& a, const float* s) {
  const float cool = 1.0f / a.mix.temperature, max = max_of_row<V>(s, a.n);
  RowTerms t{.cool = cool,
             .log_sum = max * cool + std::log(sum_exp<V>(s, a.n, cool, max * cool)),
             .log_hard = 0,
             .soft = a.weight * a.mix.kl * a.mix.temperature,
             .hard = a.weight * a.mix.ce};
  if (a.mix.ce != 0) t.log_hard = max + std::log(sum_exp<V>(s, a.n, 1.0f, max));
  return t;
}

/// hard softmax(s), or nothing where the true token does not count.
template <class V>
typename V::Reg hard_part(typename V::Reg s, const RowTerms& m) {
  if (m.hard == 0) return V::zero();
  return V::mul(vexp<V>(V::sub(s, V::set1(m.log_hard))), V::set1(m.hard));
}

/// Sum of p (log p - log q) over n tokens with log p = scale t - shift. Logits become gradients,
/// without what the true token adds.
template <class V>
float match_row(float* s, const float* t, int64_t n, float scale, float shift, const RowTerms& m,
                bool gradient) {
  auto sum = V::zero();
  // Differences of logits first, so that equal models give zero.
  const auto apart = V::set1(m.log_sum - shift);
  for (int64_t i = 0; i < n; i += V::kLanes) {
    const auto logit = load_input<V>(s, i, n);
    const auto sv = V::mul(logit, V::set1(m.cool));
    const auto tv = V::mul(load_input<V>(t, i, n), V::set1(scale));
    const auto p = V::keep_first(vexp<V>(V::sub(tv, V::set1(shift))), n - i, V::zero());
    sum = V::fma(p, V::add(V::sub(tv, sv), apart), sum);
    if (gradient) {
      const auto q = vexp<V>(V::sub(sv, V::set1(m.log_sum)));
      const auto g = V::fma(V::sub(q, p), V::set1(m.soft), hard_part<V>(logit, m));
      store_output<V, false>(s, i, g, n - i);
    }
  }
  return V::sum(sum);
}

/// Gradients of tokens whose p is `share` q.
template <class V>
void spread_row(float* s, int64_t n, float share, const RowTerms& m) {
  const auto factor = V::set1(m.soft * (1.0f - share));
  for (int64_t i = 0; i < n; i += V::kLanes) {
    const auto logit = load_input<V>(s, i, n);
    const auto q = vexp<V>(V::sub(V::mul(logit, V::set1(m.cool)), V::set1(m.log_sum)));
    store_output<V, false>(s, i, V::fma(q, factor, hard_part<V>(logit, m)), n - i);
  }
}

/// The loss of a row, and the true token's part of its gradient.
void finish_row(const StudentRows& a, int64_t r, float target, float kl, const RowTerms& m) {
  const float t = a.mix.temperature;
  a.losses[r] = a.mix.kl * t * t * kl;
  if (a.mix.ce != 0) a.losses[r] += a.mix.ce * (m.log_hard - target);
  if (a.gradient) a.logits[r * a.stride + a.targets[r]] -= m.hard;
}

template <class V>
void distill_rows(const DistillArgs& args, int64_t first, int64_t last) {
  const StudentRows& a = args.student;
  for (int64_t r = first; r < last; ++r) {
    float* s = a.logits + r * a.stride;
    const float* t = args.teacher + r * args.teacher_stride;
    const RowTerms m = terms_of<V>(a, s);
    const float target = s[a.targets[r]], t_max = max_of_row<V>(t, a.n) * m.cool;
    const float t_log = t_max + std::log(sum_exp<V>(t, a.n, m.cool, t_max));
    const float kl = match_row<V>(s, t, a.n, m.cool, t_log, m, a.gradient);
    finish_row(a, r, target, kl, m);
  }
}

template <class V>
void distill_top_rows(const DistillTopArgs& args, int64_t first, int64_t last) {
  const StudentRows& a = args.student;
  const int64_t k = args.k;
  for (int64_t r = first; r < last; ++r) {
    float *s = a.logits + r * a.stride, *top = args.scratch + r * k;
    const TokenId* ids = args.ids + r * k;
    const RowTerms m = terms_of<V>(a, s);
    const float target = s[a.targets[r]];
    for (int64_t i = 0; i < k; ++i) {
      top[i] = s[ids[i]];
      s[ids[i]] = -std::numeric_limits<float>::infinity();
    }
    float kl = match_row<V>(top, args.log_probs + r * k, k, 1.0f, 0.0f, m, a.gradient);
    const float p = std::exp(args.log_others[r]);
    // A student may be surer than f32 can say that it is none of the others.
    constexpr float kLeast = std::numeric_limits<float>::min();
    const float rest = sum_exp<V>(s, a.n, m.cool, m.log_sum), q = rest > kLeast ? rest : kLeast;
    if (p > 0) kl += p * (args.log_others[r] - std::log(q));
    if (a.gradient) spread_row<V>(s, a.n, p / q, m);
    for (int64_t i = 0; i < k; ++i) s[ids[i]] = top[i];
    finish_row(a, r, target, kl, m);
  }
}

}  // namespace
}  // namespace pangu::kernels
