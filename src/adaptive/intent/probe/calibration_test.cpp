// SPDX-License-Identifier: Apache-2.0
#include "adaptive/intent/probe/calibration.h"

#include <cmath>
#include <random>

#include "tests/support/support.h"

namespace pangu::adaptive {
namespace {

/// Logits whose labels are drawn from their own probabilities, made `too_sure` times as large.
struct Drawn {
  RowMatrix logits;
  std::vector<int> labels;
};

Drawn drawn_logits(int rows, double too_sure) {
  std::mt19937_64 random(test::seed());
  std::normal_distribution<double> normal(0, 1.5);
  Drawn out{RowMatrix(rows, 4), {}};
  for (double& value : out.logits.reshaped()) value = normal(random);
  const RowMatrix p = softmax_rows(out.logits);
  for (int i = 0; i < rows; ++i) {
    std::discrete_distribution<int> of_row(p.row(i).begin(), p.row(i).end());
    out.labels.push_back(of_row(random));
  }
  out.logits *= too_sure;
  return out;
}

TEST(Temperature, IsFoundAndLowersLossAndCalibrationError) {
  const Drawn drawn = drawn_logits(20'000, 3.0);
  const double t = fit_temperature(drawn.logits, drawn.labels);
  EXPECT_NEAR(t, 3.0, 0.15);
  EXPECT_LT(mean_nll(drawn.logits, drawn.labels, t), mean_nll(drawn.logits, drawn.labels, 1) - 0.1);
  const auto error = [&](double at) {
    return calibration_error(choices_of(softmax_rows(drawn.logits, at), drawn.labels));
  };
  EXPECT_GT(error(1), 0.15);
  EXPECT_LT(error(t), 0.02);
  for (const double other : {t * 0.9, t * 1.1}) {
    EXPECT_GT(mean_nll(drawn.logits, drawn.labels, other), mean_nll(drawn.logits, drawn.labels, t));
  }
}

TEST(Temperature, EndsAtItsBoundsWhereEveryChoiceIsRight) {
  RowMatrix logits = RowMatrix::Zero(3, 2);
  logits.col(0).setConstant(1);
  EXPECT_NEAR(fit_temperature(logits, std::vector<int>{0, 0, 0}), 0.05, 1e-3);
  EXPECT_NEAR(fit_temperature(logits, std::vector<int>{1, 1, 1}), 20, 1e-2);
}

TEST(CalibrationError, OfConstructedChoices) {
  EXPECT_DOUBLE_EQ(calibration_error({}), 0);
  // Nine of ten right at 0.9: none. Always right at 0.75: a quarter too modest.
  std::vector<Choice> good(10, {0.9, true});
  good[3].is_right = false;
  EXPECT_NEAR(calibration_error(good), 0, 1e-12);
  EXPECT_NEAR(calibration_error(std::vector<Choice>(4, {0.75, true})), 0.25, 1e-12);
  // Errors of bins do not cancel each other.
  const std::vector<Choice> both = {{0.95, false}, {0.25, true}};
  EXPECT_NEAR(calibration_error(both), (0.95 + 0.75) / 2, 1e-12);
  EXPECT_NEAR(calibration_error(std::vector<Choice>{{1.0, true}}), 0, 1e-12);
}

TEST(Threshold, IsTheSmallestConfidenceThatKeepsTheError) {
  // A thousand choices; those below 0.6 are wrong every other time, the others never.
  std::vector<Choice> choices;
  for (int i = 0; i < 1000; ++i) {
    const double confidence = 0.2 + 0.0008 * i;
    choices.push_back({confidence, confidence >= 0.6 || i % 2 == 0});
  }
  const Threshold t = find_threshold(choices, 0.05);
  EXPECT_TRUE(t.is_bound);
  EXPECT_LT(t.confidence, 0.6);
  EXPECT_LE(t.error, 0.05);
  std::int64_t accepted = 0;
  for (const Choice& choice : choices) accepted += choice.confidence >= t.confidence ? 1 : 0;
  EXPECT_DOUBLE_EQ(t.coverage, double(accepted) / 1000);
  EXPECT_LT(find_threshold(choices, 0.10).confidence, t.confidence);
}

TEST(Threshold, SaysWhereItIsAnEstimate) {
  // Ten right choices show no more than that fewer than 28 % are wrong.
  const std::vector<Choice> few(10, {0.9, true});
  const Threshold t = find_threshold(few, 0.05);
  EXPECT_FALSE(t.is_bound);
  EXPECT_DOUBLE_EQ(t.confidence, 0.9);
  EXPECT_DOUBLE_EQ(t.coverage, 1);
}

TEST(Threshold, AcceptsNothingWhereNothingIsGoodEnough) {
  const Threshold t = find_threshold(std::vector<Choice>(50, {0.99, false}), 0.05);
  EXPECT_GT(t.confidence, 1);
  EXPECT_DOUBLE_EQ(t.coverage, 0);
}

TEST(Threshold, TakesEqualConfidencesTogether) {
  std::vector<Choice> choices(200, {0.8, true});
  for (std::size_t i = 0; i < 40; ++i) choices[i].is_right = false;
  EXPECT_DOUBLE_EQ(find_threshold(choices, 0.05).coverage, 0);
}

TEST(SelectiveErrors, BeginWithTheSurest) {
  const std::vector<Choice> choices = {{0.5, false}, {0.9, true}, {0.7, false}};
  EXPECT_EQ(selective_errors(choices), (std::vector<double>{0, 0.5, 2.0 / 3}));
}

}  // namespace
}  // namespace pangu::adaptive
