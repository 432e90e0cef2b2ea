// SPDX-License-Identifier: Apache-2.0
// Divergences against closed forms, and against sums in long double that take the plain formula.
#include "eval/position_divergence.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "tests/support/support.h"

namespace pangu::eval {
namespace {

std::vector<long double> log_softmax(std::span<const float> logits) {
  long double sum = 0, max = *std::max_element(logits.begin(), logits.end());
  for (const float x : logits) sum += std::exp(x - max);
  std::vector<long double> out;
  for (const float x : logits) out.push_back(x - max - std::log(sum));
  return out;
}

/// sum of p (log p - log q)
double plain_kl(std::span<const float> reference, std::span<const float> logits) {
  const auto p = log_softmax(reference), q = log_softmax(logits);
  long double sum = 0;
  for (std::size_t i = 0; i < p.size(); ++i) sum += std::exp(p[i]) * (p[i] - q[i]);
  return static_cast<double>(sum);
}

PositionDivergence compare(std::span<const float> reference, std::span<const float> logits,
                           TokenId next = 0) {
  return RowComparison().compare(reference, logits, next);
}

std::vector<float> random_row(std::size_t n, float spread, std::mt19937_64& rng) {
  std::normal_distribution<float> normal(0, spread);
  std::vector<float> row(n);
  for (float& x : row) x = normal(rng);
  return row;
}

TEST(PositionDivergence, IsThatOfAClosedForm) {
  // p = (3/4, 1/4), q = (1/2, 1/2); adding a number to all logits of a row changes nothing.
  const std::vector<float> p{std::log(3.0f) + 7, 7}, q{-2, -2};
  const PositionDivergence d = compare(p, q, 0);
  EXPECT_NEAR(d.kl, 0.75 * std::log(1.5) + 0.25 * std::log(0.5), 4e-7);
  EXPECT_NEAR(d.reference_prob, 0.75, 4e-7);
  EXPECT_DOUBLE_EQ(d.prob, 0.5);
  EXPECT_NEAR(d.reference_logprob, std::log(0.75), 4e-7);
  EXPECT_DOUBLE_EQ(d.logprob, std::log(0.5));
  // Of equal logits the lower id is the top one.
  EXPECT_TRUE(d.same_top);
  EXPECT_FALSE(compare(std::vector<float>{7, 8}, q).same_top);
  // A divergence has a direction.
  EXPECT_NEAR(compare(q, p).kl, 0.5 * std::log(2.0 / 3) + 0.5 * std::log(2.0), 4e-7);
}

TEST(PositionDivergence, IsThatOfThePlainFormula) {
  std::mt19937_64 rng(test::seed());
  for (const std::size_t n : {1, 2, 7, 8, 9, 63, 64, 65, 511, 4001}) {
    for (const float spread : {0.01f, 1.0f, 4.0f, 30.0f}) {
      const auto p = random_row(n, spread, rng), q = random_row(n, spread, rng);
      const double want = plain_kl(p, q);
      EXPECT_NEAR(compare(p, q).kl, want, 1e-12 * (1 + want)) << n << " " << spread;
    }
  }
}

TEST(PositionDivergence, IsExactWhereItIsSmall) {
  // What cancels in the plain formula: d^2 p (1 - p) / 2 for a logit that is moved by d.
  for (const float d : {0x1p-8f, 0x1p-14f, 0x1p-20f}) {
    const std::vector<float> p{0, 0, 0, 0}, q{d, 0, 0, 0};
    const double x = d;
    // log(1 + (e^d - 1) / 4) - d / 4, by its series
    const double want = 3 * x * x / 32 + x * x * x / 64 - x * x * x * x / 1024;
    EXPECT_NEAR(compare(p, q).kl / want, 1, 4 * x * x * x + 1e-12) << d;
  }
  std::mt19937_64 rng(test::seed());
  for (int i = 0; i < 50; ++i) {
    auto p = random_row(97, 3, rng), q = p;
    for (float& x : q) x += 1e-6f;
    EXPECT_GE(compare(p, q).kl, 0);
    EXPECT_EQ(compare(p, p).kl, 0);
  }
}

TEST(PositionDivergence, HoldsWhereProbabilitiesVanish) {
  const std::vector<float> even{0, 0}, steep{0, -2000}, steeper{0, -690}, other{-2000, 0};
  EXPECT_NEAR(compare(even, steep).kl, 1000 - std::log(2.0), 1e-9);
  EXPECT_NEAR(compare(steep, even).kl, std::log(2.0), 1e-12);
  EXPECT_NEAR(compare(steep, other).kl, 2000, 1e-9);
  EXPECT_EQ(compare(steep, steep).kl, 0);
  EXPECT_GE(compare(steeper, steep).kl, 0);
  EXPECT_GE(compare(steep, steeper).kl, 0);
  EXPECT_LT(compare(steep, steeper).kl, 1e-290);
  constexpr float kMax = std::numeric_limits<float>::max();
  EXPECT_GE(compare(std::vector<float>{kMax, -kMax}, even).kl, 0.69);
}

TEST(PositionDivergence, SaysWhatIsNotANumberOrDoesNotFit) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float inf = std::numeric_limits<float>::infinity();
  const std::vector<float> good{1, 2, 3};
  require_finite(good, "m");
  for (const float bad : {nan, inf, -inf}) {
    const std::vector<float> row{1, bad, 3};
    PANGU_EXPECT_ERROR(require_finite(row, "the model m"), NumericError, "the model m", "token 1");
  }
  PANGU_EXPECT_ERROR(compare(good, std::vector<float>{1, nan, 3}), NumericError, "token 1", "nan");
  PANGU_EXPECT_ERROR(compare(std::vector<float>{1, nan, 3}, good), NumericError, "token 1", "nan");
  PANGU_EXPECT_ERROR(compare(good, std::vector<float>{1, 2}), ShapeError, "3 logits", "2");
  PANGU_EXPECT_ERROR(compare({}, {}), ShapeError, "logits");
  PANGU_EXPECT_ERROR(compare(good, good, 3), InputError, "token 3", "3 logits");
  PANGU_EXPECT_ERROR(compare(good, good, -1), InputError, "token -1");
}

}  // namespace
}  // namespace pangu::eval
