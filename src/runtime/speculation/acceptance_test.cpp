// SPDX-License-Identifier: Apache-2.0
#include "runtime/speculation/acceptance.h"

#include <gtest/gtest.h>

#include <array>

namespace pangu {
namespace {

constexpr std::array<double, 2> kPriors = {0.2, 0.8};

TEST(Acceptance, StartsFromThePriorAndMovesToWhatCame) {
  Acceptance all(kPriors);
  EXPECT_DOUBLE_EQ(all.chance(0), 0.2);
  EXPECT_DOUBLE_EQ(all.chance(1), 0.8);
  for (int i = 0; i < 100; ++i) all.record(0, true);
  EXPECT_GT(all.chance(0), 0.95);
  EXPECT_DOUBLE_EQ(all.chance(1), 0.8);
}

TEST(Acceptance, ASequenceStartsFromAllAndSoonGoesItsOwnWay) {
  Acceptance all(kPriors);
  for (int i = 0; i < 100; ++i) all.record(0, true);
  SequenceAcceptance one(all);
  EXPECT_DOUBLE_EQ(one.chance(0), all.chance(0));
  for (int i = 0; i < 10; ++i) one.record(0, false);
  EXPECT_LT(one.chance(0), 0.3);
  EXPECT_GT(all.chance(0), 0.8);
}

TEST(Acceptance, OldGuessesCountLess) {
  Acceptance all(kPriors);
  SequenceAcceptance one(all);
  for (int i = 0; i < 1000; ++i) one.record(1, true);
  for (int i = 0; i < 40; ++i) one.record(1, false);
  EXPECT_LT(one.chance(1), 0.25);
}

}  // namespace
}  // namespace pangu
