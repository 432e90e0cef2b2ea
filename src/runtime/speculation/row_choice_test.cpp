// SPDX-License-Identifier: Apache-2.0
#include "runtime/speculation/row_choice.h"

#include <gtest/gtest.h>

#include <vector>

#include "runtime/speculation/ledger.h"

namespace pangu {
namespace {

/// A row more costs this share of a pass over one.
PassCost curve(double per_row) {
  PassCost cost;
  for (int round = 0; round < 200; ++round) {
    for (int rows = 1; rows <= 16; ++rows) cost.record(rows, 0.01 * (1 + per_row * (rows - 1)));
  }
  return cost;
}

TEST(RowChoice, TakesAllThatPaysAndNoMore) {
  const PassCost cost = curve(0.3);
  const std::vector<double> sure(8, 0.99);
  EXPECT_EQ(choose_rows(sure, 1, 1, cost, 1).nodes, 8u);
  // 1.5 / 1.3 beats 1, and 1.75 / 1.6 does not beat 1.5 / 1.3.
  EXPECT_EQ(choose_rows(std::vector{0.5, 0.25, 0.125}, 1, 1, cost, 1).nodes, 1u);
  EXPECT_EQ(choose_rows(std::vector{0.25, 0.1}, 1, 1, cost, 1).nodes, 0u);
  EXPECT_EQ(choose_rows({}, 1, 1, cost, 1).nodes, 0u);
}

TEST(RowChoice, ReachesOverADipInTheRate) {
  // Passes over two rows are as dear as those over eight.
  PassCost cost;
  for (int round = 0; round < 200; ++round) {
    cost.record(1, 0.010);
    for (int rows = 2; rows <= 8; ++rows) cost.record(rows, 0.018);
  }
  const std::vector<double> chances = {0.7, 0.6, 0.5, 0.4};
  EXPECT_EQ(choose_rows(chances, 1, 1, cost, 1).nodes, 4u);
}

TEST(RowChoice, UnderLoadARowIsDearer) {
  const PassCost cost = curve(0.9);  // bound by arithmetic
  const std::vector<double> chances(8, 0.6);
  EXPECT_EQ(choose_rows(chances, 8, 8, cost, 1).nodes, 0u);
  EXPECT_GT(choose_rows(chances, 8, 8, curve(0.01), 1).nodes, 0u);
}

TEST(RowChoice, SpendsNoMoreThanIsAllowed) {
  const PassCost cost = curve(0.3);
  const std::vector<double> sure(8, 0.99);
  EXPECT_EQ(choose_rows(sure, 1, 1, cost, 0.01 * 0.3 * 2.5).nodes, 2u);
  EXPECT_EQ(choose_rows(sure, 1, 1, cost, 0).nodes, 0u);
}

TEST(RowChoice, DoesNotLeapBeyondWhatWasMeasured) {
  PassCost cost;
  cost.record(1, 0.01);
  const std::vector<double> sure(64, 1.0);
  const auto first = static_cast<std::int64_t>(choose_rows(sure, 1, 1, cost, 1).nodes);
  EXPECT_EQ(first, 6);
  cost.record(1 + first, 0.011);
  EXPECT_EQ(choose_rows(sure, 1, 1, cost, 1).nodes, 2u * static_cast<std::size_t>(1 + first));
}

// Whatever the estimates say, what is lost stays within the first stake and the allowance.
TEST(Ledger, ADrafterThatIsAlwaysWrongCostsTheAllowance) {
  Ledger ledger;
  ledger.open(1);
  double lost = 0;
  const int passes = 10000;
  for (int i = 0; i < passes; ++i) {
    const double price = 0.5;
    const bool tries = ledger.affords(price);
    if (tries) lost += price;
    ledger.settle(tries ? -price : 0, 1);
  }
  EXPECT_GT(lost, 0);
  EXPECT_LE(lost, 0.03 * passes);
}

TEST(Ledger, OldGainsCannotBeLostAtWill) {
  Ledger ledger;
  ledger.open(1);
  for (int i = 0; i < 1000; ++i) ledger.settle(2, 1);
  double lost = 0;
  for (; ledger.affords(0.5); ledger.settle(-0.5, 1)) lost += 0.5;
  EXPECT_LE(lost, 10);
}

}  // namespace
}  // namespace pangu
