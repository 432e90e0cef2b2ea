// SPDX-License-Identifier: Apache-2.0
#include "runtime/speculation/pass_cost.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/support/support.h"

namespace pangu {
namespace {

TEST(PassCost, KnowsNothingAtFirst) {
  PassCost cost;
  EXPECT_FALSE(cost.is_known());
  EXPECT_EQ(cost.seconds(1), 0);
  cost.record(5, 0.2);
  EXPECT_TRUE(cost.is_known());
}

TEST(PassCost, LearnsACurveAndReadsBetweenItsPoints) {
  PassCost cost;
  const auto truth = [](int rows) { return 0.01 * (1 + 0.25 * (rows - 1)); };
  for (int round = 0; round < 100; ++round) {
    for (const int rows : {1, 2, 5, 9}) cost.record(rows, truth(rows));
  }
  for (int rows = 1; rows <= 12; ++rows) {
    EXPECT_NEAR(cost.seconds(rows), truth(rows), 0.02 * truth(rows)) << rows;
  }
}

TEST(PassCost, ARowBeyondAFlatCurveIsThoughtToCostHalfOfWhatThoseBeforeDo) {
  PassCost cost;
  for (int round = 0; round < 400; ++round) {
    for (const int rows : {1, 2, 4, 8, 16}) cost.record(rows, 0.01);
  }
  const double each = cost.seconds(16) / 16;
  EXPECT_NEAR(cost.seconds(17) - cost.seconds(16), each / 2, each / 10);
  // So a good guess is tried, and what it takes is known from then on.
  for (int round = 0; round < 50; ++round) cost.record(24, 0.015);
  EXPECT_NEAR(cost.seconds(24), 0.015, 0.001);
}

TEST(PassCost, MoreRowsNeverCostLess) {
  std::mt19937_64 random(test::seed());
  PassCost cost;
  for (int i = 0; i < 500; ++i) {
    cost.record(1 + static_cast<std::int64_t>(random() % 20),
                std::uniform_real_distribution(0.001, 0.01)(random));
    for (std::int64_t rows = 1; rows < 2000; rows += 7) {
      ASSERT_LE(cost.seconds(rows), cost.seconds(rows + 7));
    }
  }
}

TEST(PassCost, FollowsAMachineThatSlowsDownWithoutForgettingTheCurve) {
  PassCost cost;
  for (int round = 0; round < 200; ++round) {
    cost.record(1, 0.01);
    cost.record(4, 0.015);
  }
  for (int round = 0; round < 30; ++round) cost.record(4, 0.030);
  EXPECT_NEAR(cost.seconds(4), 0.030, 0.002);
  EXPECT_NEAR(cost.seconds(1), 0.020, 0.004);  // never measured since
}

TEST(PassCost, OneInterruptedPassChangesLittle) {
  PassCost cost;
  for (int round = 0; round < 50; ++round) cost.record(1, 0.01);
  cost.record(1, 10);
  EXPECT_LT(cost.seconds(1), 0.015);
}

}  // namespace
}  // namespace pangu
