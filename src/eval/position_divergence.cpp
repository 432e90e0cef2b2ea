// SPDX-License-Identifier: Apache-2.0
#include "eval/position_divergence.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "base/portable_math.h"
#include "ops/exp_weights.h"
#include "runtime/sample/logits_scan.h"

namespace pangu::eval {
namespace {

/// A row as a distribution: weights e^(logit - max), and what makes them probabilities.
struct Softmax {
  TokenId top;
  double log_sum;  ///< log p = logit - log_sum
  double scale;    ///< p = weight * scale
};

Softmax softmax(std::span<const float> logits, std::vector<double>& weights) {
  weights.resize(logits.size());
  const TokenId top = argmax(logits);
  const float max = logits[static_cast<std::size_t>(top)];
  const double sum = exp_weights(logits, max, 1.0, weights.data());
  return {.top = top, .log_sum = max + log_positive(sum), .scale = 1.0 / sum};
}

/// d + e^-d - 1 for |d| <= 1/4, by its series to d^13 (rest below one part in 10^16).
double small_term(double d) {
  constexpr std::array kInverseFactorials{1.0 / 6227020800.0, 1.0 / 479001600.0, 1.0 / 39916800.0,
                                          1.0 / 3628800.0,    1.0 / 362880.0,    1.0 / 40320.0,
                                          1.0 / 5040.0,       1.0 / 720.0,       1.0 / 120.0,
                                          1.0 / 24.0,         1.0 / 6.0,         1.0 / 2.0};
  double sum = 0;
  for (const double c : kInverseFactorials) sum = c - d * sum;
  return d * d * sum;
}

/// p (d + e^-d - 1) where q = p e^-d.
double term(double p, double q, double d) {
  if (std::abs(d) <= 0.25) return p * small_term(d);
  // Where q alone is below what a double holds, p has hardly more: both vanish, or p finds it.
  return p * (d - 1) + (q > 0 ? q : p * exp_nonpositive(-std::abs(d)));
}

}  // namespace

void require_finite(std::span<const float> logits, std::string_view who) {
  constexpr float kMax = std::numeric_limits<float>::max();
  bool finite = true;  // looked at without leaving early: that is what compilers vectorize
  for (const float x : logits) finite &= std::abs(x) <= kMax;
  if (finite) return;
  const auto bad =
      std::ranges::find_if(logits, [](float x) { return !(std::abs(x) <= kMax); }) - logits.begin();
  fail<NumericError>(
      "[kl] {} gives token {} the logit {}. Finite numbers were expected. Are weights or formats "
      "damaged?",
      who, bad, logits[static_cast<std::size_t>(bad)]);
}

PositionDivergence RowComparison::compare(std::span<const float> reference,
                                          std::span<const float> logits, TokenId next) {
  if (reference.size() != logits.size()) {
    fail<ShapeError>("[kl] the reference has {} logits, the model {}. As many were expected.",
                     reference.size(), logits.size());
  }
  if (next < 0 || static_cast<std::size_t>(next) >= std::max<std::size_t>(logits.size(), 1)) {
    fail<InputError>("[kl] token {} follows, but there are {} logits.", next, logits.size());
  }
  const Softmax p = softmax(reference, p_), q = softmax(logits, q_);
  // Lanes of their own let the compiler vectorize, and fix the order of the sums.
  constexpr std::size_t kLanes = 8;
  std::array<double, kLanes> sums{};
  for (std::size_t i = 0; i < logits.size(); ++i) {
    const double d = (reference[i] - p.log_sum) - (logits[i] - q.log_sum);
    sums[i % kLanes] += term(p_[i] * p.scale, q_[i] * q.scale, d);
  }
  PositionDivergence out;
  for (const double sum : sums) out.kl += sum;
  const auto at = static_cast<std::size_t>(next);
  out.reference_logprob = reference[at] - p.log_sum;
  out.logprob = logits[at] - q.log_sum;
  out.reference_prob = p_[at] * p.scale;
  out.prob = q_[at] * q.scale;
  out.same_top = p.top == q.top;
  return out;
}

}  // namespace pangu::eval
