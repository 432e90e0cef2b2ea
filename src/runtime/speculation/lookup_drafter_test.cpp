// SPDX-License-Identifier: Apache-2.0
#include "runtime/speculation/lookup_drafter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace pangu {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// The tokens that are guessed behind a text.
std::vector<TokenId> guess(const std::vector<TokenId>& text, int max_tokens,
                           double min_chance = 0) {
  const auto drafter = make_lookup_drafter(3);
  const Sampler sampler{SamplingOptions()};
  const auto sequence = drafter->open(text, sampler);
  Acceptance all(drafter->priors());
  const SequenceAcceptance acceptance(all);
  Draft draft;
  DraftRequest request{.sequence = *sequence,
                       .acceptance = acceptance,
                       .target = {},
                       .max_tokens = max_tokens,
                       .min_chance = min_chance,
                       .draft = draft};
  drafter->propose(std::span(&request, 1));
  std::vector<TokenId> out;
  for (const Draft::Node& node : draft.nodes()) {
    EXPECT_EQ(node.parent, static_cast<Draft::Index>(out.size()) - 1);  // a chain
    out.push_back(node.token);
  }
  return out;
}

TEST(LookupDrafter, GuessesWhatFollowedBefore) {
  EXPECT_THAT(guess({1, 2, 3, 4, 5, 6, 9, 1, 2, 3}, 4), ElementsAre(4, 5, 6, 9));
  EXPECT_THAT(guess({1, 2, 3, 4, 5, 6, 9, 1, 2, 3}, 2), ElementsAre(4, 5));
  EXPECT_THAT(guess({1, 2, 3, 4}, 4), IsEmpty());
}

TEST(LookupDrafter, GuessesWhatFollowedTheTokenThatStoodInItsPlace) {
  EXPECT_THAT(guess({1, 2, 3, 4, 5, 6, 9, 1, 2, 3, 77}, 3), ElementsAre(5, 6, 9));
  EXPECT_THAT(guess({1, 2, 3, 4, 5, 6, 9, 1, 2, 3, 77, 5}, 3), ElementsAre(6, 9, 1));
}

TEST(LookupDrafter, TheBetterOfTwoReasonsDecides) {
  // 4 was followed by 8 last, and 3 4 stands where 3 77 stood before, which 5 followed.
  EXPECT_THAT(guess({4, 8, 1, 2, 3, 77, 5, 6, 9, 1, 2, 3, 4}, 2), ElementsAre(5, 6));
}

TEST(LookupDrafter, StopsWhereAGuessIsNotWorthItsPrice) {
  EXPECT_THAT(guess({1, 2, 3, 4, 5, 6, 9, 1, 2, 3}, 10, 0.2), testing::SizeIs(testing::Lt(10)));
  EXPECT_THAT(guess({1, 2, 3, 4, 5, 6, 9, 1, 2, 3}, 10, 0.99), IsEmpty());
}

}  // namespace
}  // namespace pangu
