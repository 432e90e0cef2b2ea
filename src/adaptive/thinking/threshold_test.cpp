// SPDX-License-Identifier: Apache-2.0
#include "adaptive/thinking/threshold.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>

#include "tests/support/support.h"

namespace pangu::adaptive {
namespace {

ThinkingOutcome made_outcome(bool fast, bool slow, std::int64_t fast_tokens = 10,
                             std::int64_t slow_tokens = 30, int task = 0) {
  return {.task = task,
          .fast_right = fast,
          .slow_right = slow,
          .fast_tokens = fast_tokens,
          .slow_tokens = slow_tokens};
}

struct Cost {
  std::int64_t tokens = 0;
  bool keeps = true;
};

/// What a threshold comes to, counted anew.
Cost cost_at(const std::vector<ThinkingOutcome>& outcomes, const std::vector<double>& scores,
             double threshold, double keep) {
  Cost cost;
  std::vector<double> right(8), slow(8);
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    const ThinkingOutcome& o = outcomes[i];
    const bool thinks = scores[i] >= threshold;
    const auto task = static_cast<std::size_t>(o.task);
    cost.tokens += thinks ? o.slow_tokens : o.fast_tokens;
    right[task] += (thinks ? o.slow_right : o.fast_right) ? 1 : 0;
    slow[task] += o.slow_right ? 1 : 0;
  }
  for (std::size_t t = 0; t < right.size(); ++t) {
    cost.keeps = cost.keeps && right[t] >= keep * slow[t] - 1e-9;
  }
  return cost;
}

TEST(ThinkingThreshold, ThinksAsSeldomAsKeepsTheShare) {
  // Ten items that slow has right; fast misses the two with the highest scores.
  std::vector<ThinkingOutcome> outcomes;
  std::vector<double> scores;
  for (int i = 0; i < 10; ++i) {
    outcomes.push_back(made_outcome(i >= 2, true));
    scores.push_back(0.9 - 0.05 * i);
  }
  EXPECT_DOUBLE_EQ(choose_thinking_threshold(outcomes, scores, 1.0), 0.825);
  EXPECT_DOUBLE_EQ(choose_thinking_threshold(outcomes, scores, 0.9), 0.875);
  EXPECT_EQ(choose_thinking_threshold(outcomes, scores, 0.8), kNeverThinks);
  std::ranges::reverse(scores);  // the two are predicted worst: only always thinking keeps them
  EXPECT_EQ(choose_thinking_threshold(outcomes, scores, 1.0), kAlwaysThinks);
}

TEST(ThinkingThreshold, NeverThinksWhereFastIsNoWorseAndCheaper) {
  const std::vector<ThinkingOutcome> outcomes = {
      made_outcome(true, true), made_outcome(true, false), made_outcome(false, false)};
  const std::vector<double> scores = {0.5, 0.4, 0.6};
  EXPECT_EQ(choose_thinking_threshold(outcomes, scores, 1.0), kNeverThinks);
}

TEST(ThinkingThreshold, ThinksForItsShorterRepliesWhereThatCostsNothing) {
  const std::vector<ThinkingOutcome> outcomes = {made_outcome(true, true, 90, 20),
                                                 made_outcome(true, true, 10, 30)};
  EXPECT_DOUBLE_EQ(choose_thinking_threshold(outcomes, std::vector<double>{0.6, 0.4}, 0.98), 0.5);
}

TEST(ThinkingThreshold, NoTaskPaysForAnother) {
  // Fast gains four items in one task and loses one of two in the other.
  std::vector<ThinkingOutcome> outcomes;
  std::vector<double> scores;
  for (int i = 0; i < 4; ++i) {
    outcomes.push_back(made_outcome(true, false));
    scores.push_back(0.2);
  }
  outcomes.push_back(made_outcome(false, true, 10, 30, 1));
  outcomes.push_back(made_outcome(true, true, 10, 30, 1));
  scores.insert(scores.end(), {0.8, 0.3});
  EXPECT_DOUBLE_EQ(choose_thinking_threshold(outcomes, scores, 0.98), 0.55);
}

TEST(ThinkingThreshold, EqualScoresAreDecidedAlike) {
  const std::vector<ThinkingOutcome> outcomes = {
      made_outcome(false, true), made_outcome(true, true), made_outcome(true, true)};
  const double threshold =
      choose_thinking_threshold(outcomes, std::vector<double>{0.5, 0.5, 0.1}, 1.0);
  EXPECT_GT(threshold, 0.1);
  EXPECT_LE(threshold, 0.5);
  // Neighbours among numbers have nothing between them.
  const double low = 0.5, high = std::nextafter(low, 1.0);
  EXPECT_EQ(choose_thinking_threshold(outcomes, std::vector<double>{high, low, low}, 1.0), high);
}

TEST(ThinkingThreshold, IsTheCheapestOfAll) {
  std::mt19937_64 random(test::seed());
  for (int round = 0; round < 200; ++round) {
    std::vector<ThinkingOutcome> outcomes;
    std::vector<double> scores;
    const auto n = 1 + random() % 12;
    for (std::size_t i = 0; i < n; ++i) {
      outcomes.push_back(made_outcome(
          random() % 2 == 0, random() % 3 != 0, static_cast<std::int64_t>(random() % 20),
          static_cast<std::int64_t>(random() % 30), static_cast<int>(random() % 2)));
      scores.push_back(static_cast<double>(random() % 6) / 8);
    }
    const double keep = static_cast<double>(random() % 11) / 10;
    const Cost chosen =
        cost_at(outcomes, scores, choose_thinking_threshold(outcomes, scores, keep), keep);
    EXPECT_TRUE(chosen.keeps);
    for (double threshold = 0; threshold <= 1; threshold += 1.0 / 16) {
      const Cost other = cost_at(outcomes, scores, threshold, keep);
      if (other.keeps) {
        EXPECT_LE(chosen.tokens, other.tokens) << threshold;
      }
    }
  }
}

TEST(ThinkingThreshold, ItemsHaveNoSayInTheirOwn) {
  // Without item 0 nothing speaks for thinking; with it, item 0 would be thought about.
  std::vector<ThinkingOutcome> outcomes = {made_outcome(false, true)};
  std::vector<double> scores = {0.9};
  std::vector<int> folds = {0};
  for (int i = 0; i < 9; ++i) {
    outcomes.push_back(made_outcome(true, true));
    scores.push_back(0.1 + 0.01 * i);
    folds.push_back(1);
  }
  const auto thinks = cross_thresholds(outcomes, scores, folds, 1.0);
  EXPECT_EQ(thinks[0], 0);
  EXPECT_EQ(thinks[1], 1);  // of item 0 alone, all must be thought about
  EXPECT_LE(choose_thinking_threshold(outcomes, scores, 1.0), 0.9);
}

TEST(ThinkingThreshold, RefusesWhatDoesNotFit) {
  const std::vector<ThinkingOutcome> one = {made_outcome(true, true)};
  PANGU_EXPECT_ERROR(choose_thinking_threshold(one, std::vector<double>{}, 1), ShapeError,
                     "0 scores for 1 items");
  PANGU_EXPECT_ERROR(choose_thinking_threshold({}, {}, 1), InputError, "no items");
  PANGU_EXPECT_ERROR(choose_thinking_threshold(one, std::vector<double>{0.5}, 1.5), InputError,
                     "a share of 1.5");
  PANGU_EXPECT_ERROR(score_thinking(one, std::vector<char>{}), ShapeError, "0 decisions for 1");
}

TEST(ThinkingScores, CountEveryWayOfChoosing) {
  const std::vector<ThinkingOutcome> outcomes = {
      made_outcome(true, true, 5, 20), made_outcome(false, true, 6, 30),
      made_outcome(true, false, 7, 40), made_outcome(false, false, 9, 8)};
  const ThinkingScore s = score_thinking(outcomes, std::vector<char>{0, 1, 1, 0});
  EXPECT_EQ(s.fast.right, 2);
  EXPECT_EQ(s.fast.tokens, 27);
  EXPECT_EQ(s.slow.right, 2);
  EXPECT_EQ(s.slow.tokens, 98);
  EXPECT_EQ(s.automatic.right, 2);
  EXPECT_EQ(s.automatic.tokens, 5 + 30 + 40 + 9);
  EXPECT_EQ(s.automatic.slow, 2);
  EXPECT_EQ(s.oracle.right, 3);
  EXPECT_EQ(s.oracle.tokens, 5 + 30 + 7 + 8);
  EXPECT_DOUBLE_EQ(s.oracle_ratio.accuracy, 1.5);
  EXPECT_DOUBLE_EQ(s.automatic_ratio.tokens, 84.0 / 98);
  EXPECT_LE(s.automatic_ratio.tokens_ci95.low, 84.0 / 98);
  EXPECT_GE(s.automatic_ratio.tokens_ci95.high, 84.0 / 98);
}

}  // namespace
}  // namespace pangu::adaptive
