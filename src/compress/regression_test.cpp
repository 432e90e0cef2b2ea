// SPDX-License-Identifier: Apache-2.0
// Repairs against the outputs themselves: each is made, and compared token by token.
#include "compress/regression.h"

#include <gtest/gtest.h>

#include <random>

#include "compress/matrix.h"
#include "compress/testing/small_model.h"

namespace pangu::compress {
namespace {

constexpr std::int64_t kRows = 5, kInputs = 12, kSamples = 200;

/// Inputs that depend on each other, so that some can stand in for others.
class RegressionTest : public ::testing::Test {
 protected:
  RegressionTest() {
    std::mt19937 rng(7);
    std::normal_distribution<float> normal;
    for (std::int64_t t = 0; t < kSamples; ++t) {
      const float a = normal(rng), b = normal(rng), c = normal(rng);
      for (std::int64_t i = 0; i < kInputs; ++i) {
        const auto f = static_cast<float>(i);
        x_.push_back(a * std::sin(f) + b * std::cos(2 * f) + c + 0.3f * normal(rng) + 0.2f);
      }
    }
    for (std::int64_t i = 0; i < kRows * kInputs; ++i) w_.push_back(normal(rng));
    const Tensor x = matrix_of(x_, kSamples, ctx_);
    const std::vector<Tensor> parts = {x.rows(0, 77), x.rows(77, kSamples - 77)};
    moments_ = input_moments(parts, ctx_);
  }

  /// Mean squared difference between the outputs of w_ and of other weights.
  double error(const std::vector<float>& v, const std::vector<float>& bias = {}) const {
    double sum = 0;
    for (std::int64_t t = 0; t < kSamples; ++t) {
      for (std::int64_t r = 0; r < kRows; ++r) {
        double lost = bias.empty() ? 0 : -bias[static_cast<std::size_t>(r)];
        for (std::int64_t i = 0; i < kInputs; ++i) {
          const auto at = static_cast<std::size_t>(r * kInputs + i);
          lost += (double{w_[at]} - v[at]) * x_[static_cast<std::size_t>(t * kInputs + i)];
        }
        sum += lost * lost;
      }
    }
    return sum;
  }

  std::vector<float> without(const Kept& kept) const {
    std::vector<float> v(w_.size(), 0.0f);
    for (std::int64_t r = 0; r < kRows; ++r) {
      for (const std::int32_t i : kept) {
        v[static_cast<std::size_t>(r * kInputs + i)] =
            w_[static_cast<std::size_t>(r * kInputs + i)];
      }
    }
    return v;
  }

  Repaired repaired(bool has_bias, Repair repair, const Kept& kept) {
    return regress(w_, kRows, moments_, kept, has_bias, repair, ctx_);
  }

  Context ctx_ = test::make_context();
  std::vector<float> x_, w_;
  InputMoments moments_;
  Kept kept_ = {0, 2, 3, 5, 7, 8, 11};
};

TEST_F(RegressionTest, LessIsLostTheMoreIsRepaired) {
  for (const bool has_bias : {false, true}) {
    const Repaired none = repaired(has_bias, Repair::kNone, kept_);
    const Repaired scale = repaired(has_bias, Repair::kScale, kept_);
    const Repaired ridge = repaired(has_bias, Repair::kRidge, kept_);
    EXPECT_EQ(none.weights, without(kept_));
    EXPECT_TRUE(none.bias.empty());
    const double before = error(none.weights), scaled = error(scale.weights, scale.bias),
                 solved = error(ridge.weights, ridge.bias);
    EXPECT_LT(scaled, before);
    EXPECT_LT(solved, 0.5 * scaled);
    EXPECT_EQ(scale.bias.empty(), !has_bias);
    EXPECT_LE(scale.error_after, scale.error_before);
    EXPECT_LE(ridge.error_after, ridge.error_before);
  }
}

TEST_F(RegressionTest, TheErrorsItTellsAreThoseOfTheOutputs) {
  const Repaired ridge = repaired(false, Repair::kRidge, kept_);
  const double power = error(std::vector<float>(w_.size(), 0.0f));
  EXPECT_NEAR(ridge.error_before, error(without(kept_)) / power, 1e-4);
  EXPECT_NEAR(ridge.error_after, error(ridge.weights) / power, 1e-4);
}

/// No other factor for a row does better.
TEST_F(RegressionTest, ScaleIsTheBestFactorOfEachRow) {
  const Repaired scale = repaired(false, Repair::kScale, kept_);
  const double best = error(scale.weights);
  for (const float factor : {0.97f, 0.99f, 1.01f, 1.03f}) {
    for (std::size_t r = 0; r < kRows; ++r) {
      std::vector<float> other = scale.weights;
      for (std::size_t i = 0; i < kInputs; ++i) other[r * kInputs + i] *= factor;
      EXPECT_GT(error(other), best) << factor << " of row " << r;
    }
  }
}

/// Nor do other weights, but for what damping costs.
TEST_F(RegressionTest, RidgeIsNearTheBestWeights) {
  const Repaired ridge = repaired(true, Repair::kRidge, kept_);
  const double best = error(ridge.weights, ridge.bias);
  std::mt19937 rng(9);
  std::normal_distribution<float> normal(0.0f, 0.02f);
  for (int trial = 0; trial < 20; ++trial) {
    std::vector<float> other = ridge.weights;
    for (std::int64_t r = 0; r < kRows; ++r) {
      for (const std::int32_t i : kept_)
        other[static_cast<std::size_t>(r * kInputs + i)] += normal(rng);
    }
    EXPECT_GT(error(other, ridge.bias), best * 0.999);
  }
}

TEST_F(RegressionTest, KeepingEverythingChangesLittle) {
  const Repaired all = repaired(true, Repair::kRidge, all_of(kInputs));
  EXPECT_LT(error(all.weights, all.bias), 1e-4 * error(std::vector<float>(w_.size(), 0.0f)));
}

TEST_F(RegressionTest, AutoSolvesWhereThereIsEnoughText) {
  EXPECT_EQ(repaired(false, Repair::kAuto, kept_).weights,
            repaired(false, Repair::kRidge, kept_).weights);
  moments_.tokens = 20;  // fewer than four for each input
  EXPECT_EQ(repaired(false, Repair::kAuto, kept_).weights,
            repaired(false, Repair::kScale, kept_).weights);
}

TEST_F(RegressionTest, InputsThatAreAlwaysZeroDoNoHarm) {
  const std::vector<float> zeros(10 * kInputs, 0.0f);
  moments_ = input_moments({{matrix_of(zeros, 10, ctx_)}}, ctx_);
  EXPECT_EQ(repaired(false, Repair::kScale, kept_).weights, without(kept_));
  EXPECT_THROW(repaired(false, Repair::kRidge, kept_), NumericError);
}

TEST(Repair, NamesAreReadBack) {
  for (const Repair r : {Repair::kNone, Repair::kScale, Repair::kRidge, Repair::kAuto}) {
    EXPECT_EQ(parse_repair(name(r)), r);
  }
  EXPECT_THROW(parse_repair("lasso"), ConfigError);
}

}  // namespace
}  // namespace pangu::compress
