// SPDX-License-Identifier: Apache-2.0
#include "runtime/speculation/row_choice.h"

#include <gtest/gtest.h>

#include <algorithm>
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
  EXPECT_EQ(choose_rows(sure, {}, cost, 1).nodes, 8u);
  // 1.5 / 1.3 beats 1, and 1.75 / 1.6 does not beat 1.5 / 1.3.
  EXPECT_EQ(choose_rows(std::vector{0.5, 0.25, 0.125}, {}, cost, 1).nodes, 1u);
  EXPECT_EQ(choose_rows(std::vector{0.25, 0.1}, {}, cost, 1).nodes, 0u);
  EXPECT_EQ(choose_rows({}, {}, cost, 1).nodes, 0u);
}

TEST(RowChoice, ReachesOverADipInTheRate) {
  // Passes over two rows are as dear as those over eight.
  PassCost cost;
  for (int round = 0; round < 200; ++round) {
    cost.record(1, 0.010);
    for (int rows = 2; rows <= 8; ++rows) cost.record(rows, 0.018);
  }
  const std::vector<double> chances = {0.7, 0.6, 0.5, 0.4};
  EXPECT_EQ(choose_rows(chances, {}, cost, 1).nodes, 4u);
}

TEST(RowChoice, UnderLoadARowIsDearer) {
  const PassCost cost = curve(0.9);  // bound by arithmetic
  const std::vector<double> chances(8, 0.6);
  EXPECT_EQ(choose_rows(chances, {.tokens = 8, .rows = 8}, cost, 1).nodes, 0u);
  EXPECT_GT(choose_rows(chances, {.tokens = 8, .rows = 8}, curve(0.01), 1).nodes, 0u);
}

/// A machine that reads weights for the time of `knee` rows, and computes beyond.
PassCost roofline(int knee) {
  PassCost cost;
  for (int round = 0; round < 200; ++round) {
    for (const int rows : {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 16, 24, 32, 48, 64}) {
      cost.record(rows, 0.01 * std::max(1.0, static_cast<double>(rows) / knee));
    }
  }
  return cost;
}

/// Guesses for each of n replies that are right four times in five, as long as those before were.
std::size_t drafted(int replies, std::int64_t prompt_rows, const PassCost& cost) {
  std::vector<double> chances;
  for (double chance = 0.8; chance > 0.05; chance *= 0.8) {
    chances.insert(chances.end(), static_cast<std::size_t>(replies), chance);
  }
  return choose_rows(
             chances,
             {.tokens = static_cast<double>(replies), .rows = replies, .prompt_rows = prompt_rows},
             cost, 1)
      .nodes;
}

TEST(RowChoice, GuessesOfAReplyBecomeFewerAsTheBatchGrowsUntilThereAreNone) {
  const PassCost cost = roofline(16);
  double last = 100;
  for (const int replies : {1, 2, 4, 8}) {
    const double each = static_cast<double>(drafted(replies, 0, cost)) / replies;
    EXPECT_LT(each, last) << replies;
    EXPECT_GT(each, 0) << replies;
    last = each;
  }
  // From here on a row more costs as much as the token that it may bring.
  for (const int replies : {16, 24, 32, 48}) EXPECT_EQ(drafted(replies, 0, cost), 0u) << replies;
}

TEST(RowChoice, PromptsThatFillAPassLeaveNothingForGuesses) {
  const PassCost cost = roofline(16);
  std::size_t last = drafted(2, 0, cost);
  for (const std::int64_t prompt_rows : {4, 8}) {
    const std::size_t now = drafted(2, prompt_rows, cost);
    EXPECT_LE(now, last) << prompt_rows;
    last = now;
  }
  // That prompts make a pass slow is no reason for guesses that cost more than what they bring.
  EXPECT_GT(drafted(14, 0, cost), 0u);
  for (const std::int64_t prompt_rows : {32, 512}) {
    EXPECT_EQ(drafted(14, prompt_rows, cost), 0u) << prompt_rows;
  }
}

TEST(RowChoice, SpendsNoMoreThanIsAllowed) {
  const PassCost cost = curve(0.3);
  const std::vector<double> sure(8, 0.99);
  EXPECT_EQ(choose_rows(sure, {}, cost, 0.01 * 0.3 * 2.5).nodes, 2u);
  EXPECT_EQ(choose_rows(sure, {}, cost, 0).nodes, 0u);
}

TEST(RowChoice, DoesNotLeapBeyondWhatWasMeasured) {
  PassCost cost;
  cost.record(1, 0.01);
  const std::vector<double> sure(64, 1.0);
  const auto first = static_cast<std::int64_t>(choose_rows(sure, {}, cost, 1).nodes);
  EXPECT_EQ(first, 6);
  cost.record(1 + first, 0.011);
  EXPECT_EQ(choose_rows(sure, {}, cost, 1).nodes, 2u * static_cast<std::size_t>(1 + first));
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
