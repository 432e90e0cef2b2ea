// SPDX-License-Identifier: Apache-2.0
#include "adaptive/profile/paired.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

namespace pangu::adaptive {
namespace {

TEST(Paired, CountsAndShares) {
  const std::vector<double> original = {1, 1, 1, 0, 0}, variant = {1, 0, 1, 1, 0};
  const PairedCounts c = count_pairs(original, variant);
  EXPECT_EQ(c.n, 5);
  EXPECT_EQ(c.both, 2);
  EXPECT_EQ(c.only_original, 1);
  EXPECT_EQ(c.only_variant, 1);
  EXPECT_DOUBLE_EQ(c.original(), 0.6);
  EXPECT_DOUBLE_EQ(c.variant(), 0.6);
  EXPECT_DOUBLE_EQ(c.kept(), 1);
}

TEST(Paired, QuantilesAreThoseOfTheNormalDistribution) {
  EXPECT_NEAR(two_sided_z(0.05), eval::kZ95, 1e-8);
  // What erfc gives back is the independent reference.
  for (const double alpha : {0.9, 0.5, 0.1, 0.05, 0.04, 0.01, 1e-3, 1e-6}) {
    EXPECT_NEAR(std::erfc(two_sided_z(alpha) / std::sqrt(2.0)) / alpha, 1, 1e-7) << alpha;
  }
}

TEST(Paired, NothingIsCertainWithoutItems) {
  const eval::Interval none = kept_interval({}, 2);
  EXPECT_EQ(none.low, 0);
  EXPECT_TRUE(std::isinf(none.high));
  EXPECT_EQ(difference_interval({}, 2), (eval::Interval{-1, 1}));
  EXPECT_TRUE(std::isinf(kept_interval({.n = 50}, 2).high));  // an original that knows nothing
}

TEST(Paired, EqualAnswersLeaveDoubtThatShrinksWithTheirNumber) {
  double before = 10;
  for (const std::int64_t n : {5, 20, 100, 1000}) {
    const eval::Interval kept = kept_interval({.n = n, .both = n}, eval::kZ95);
    EXPECT_LT(kept.low, 1);
    EXPECT_GT(kept.high, 1);
    EXPECT_LT(kept.high - kept.low, before);
    before = kept.high - kept.low;
  }
}

/// Two answers to one item, right with given probabilities and often together.
struct Truth {
  double both, only_original, only_variant;

  PairedCounts draw(std::int64_t n, std::mt19937_64& rng) const {
    PairedCounts out{.n = n};
    std::uniform_real_distribution<double> uniform;
    for (std::int64_t i = 0; i < n; ++i) {
      const double u = uniform(rng);
      if (u < both) {
        ++out.both;
      } else if (u < both + only_original) {
        ++out.only_original;
      } else if (u < both + only_original + only_variant) {
        ++out.only_variant;
      }
    }
    return out;
  }
  double kept() const { return (both + only_variant) / (both + only_original); }
};

const Truth kTruths[] = {{.7, 0, 0}, {.7, .01, .01}, {.6, .05, .02}, {.5, .2, .05}, {.9, .02, 0}};

TEST(Paired, IntervalsHoldAsOftenAsTheySay) {
  std::mt19937_64 rng(7);
  for (const Truth& truth : kTruths) {
    for (const std::int64_t n : {30, 120}) {
      int inside = 0;
      constexpr int kTrials = 2000;
      for (int t = 0; t < kTrials; ++t) {
        const eval::Interval kept = kept_interval(truth.draw(n, rng), eval::kZ95);
        inside += kept.low <= truth.kept() && truth.kept() <= kept.high;
      }
      EXPECT_GE(inside, kTrials * 92 / 100) << truth.only_original << ' ' << n;
    }
  }
}

TEST(Paired, PredictionsHoldForOtherItems) {
  std::mt19937_64 rng(8);
  for (const Truth& truth : kTruths) {
    int inside = 0, at_most = 0;
    constexpr int kTrials = 2000;
    for (int t = 0; t < kTrials; ++t) {
      const eval::Interval kept = predicted_interval(truth.draw(100, rng), 50, eval::kZ95);
      const double fresh = truth.draw(50, rng).kept();
      inside += kept.low <= fresh && fresh <= kept.high;
      at_most += fresh <= kept.high;
    }
    EXPECT_GE(inside, kTrials * 92 / 100) << truth.only_original;
    EXPECT_GE(at_most, inside);
  }
}

}  // namespace
}  // namespace pangu::adaptive
