// SPDX-License-Identifier: Apache-2.0
// What is learnt of a drafter whose draft held tokens that could not come, or that were certain.
#include "runtime/speculation/speculation_sequence.h"

#include <gtest/gtest.h>

#include <array>

namespace pangu {
namespace {

struct NoKnowledge final : DraftSequence {
  void extend(std::span<const TokenId> /*tokens*/) override {}
};

class SpeculationSequenceTest : public testing::Test {
 protected:
  SpeculationSequenceTest() {
    sequence_.views.push_back(
        std::make_unique<Speculation::Sequence::View>(std::make_unique<NoKnowledge>(), all_));
    view().next_right = 0.5;
  }
  Speculation::Sequence::View& view() { return *sequence_.views[0]; }

  static constexpr std::array kPriors = {0.5};
  Acceptance all_{kPriors};
  Speculation::Sequence sequence_;
};

TEST_F(SpeculationSequenceTest, GuessesThatCannotComeAreWrongOnes) {
  view().cut = true;  // all of the proposal
  sequence_.advance(std::array<TokenId, 1>{7});
  EXPECT_LT(view().next_right, 0.5);
  const double before = view().next_right;
  sequence_.advance(std::array<TokenId, 1>{7});  // nothing was proposed
  EXPECT_EQ(view().next_right, before);
}

TEST_F(SpeculationSequenceTest, WhatIsCertainSaysNothingOfTheDrafter) {
  const std::vector<TokenId> certain = {1, 2};
  Draft guess;
  guess.add(guess.add(guess.add(Draft::kRoot, 1, 0, 1), 2, 0, 1), 3, 0, 0.5);
  view().proposal = guess.behind(certain);
  sequence_.choose(view().proposal, 0);
  sequence_.advance(std::array<TokenId, 3>{1, 2, 9});
  EXPECT_LT(view().next_right, 0.5);  // the one guess was wrong
  EXPECT_LT(all_.chance(0), 0.5);
  EXPECT_EQ(sequence_.last_certain(), 2);
  EXPECT_EQ(sequence_.last_certain_came(), 2);
  EXPECT_DOUBLE_EQ(sequence_.last_expected(), 0.5);
  EXPECT_EQ(sequence_.stats.drafted, 3);
  EXPECT_EQ(sequence_.stats.accepted, 2);
  EXPECT_EQ(sequence_.stats.forced, 2);
}

}  // namespace
}  // namespace pangu
