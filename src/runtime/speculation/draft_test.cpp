// SPDX-License-Identifier: Apache-2.0
#include "runtime/speculation/draft.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "tests/support/support.h"

namespace pangu {
namespace {

using testing::ElementsAre;

/// A root with two children, the first of which has two more, and so on at random.
Draft random_draft(std::mt19937_64& random, int nodes) {
  Draft draft;
  while (static_cast<int>(draft.size()) < nodes) {
    const auto parent = static_cast<Draft::Index>(random() % (draft.size() + 1)) - 1;
    const auto token = static_cast<TokenId>(random() % 5);
    if (draft.child(parent, token)) continue;
    draft.add(parent, token, 0, std::uniform_real_distribution(0.1, 1.0)(random));
  }
  return draft;
}

std::vector<TokenId> path(const Draft& draft, Draft::Index node) {
  std::vector<TokenId> tokens;
  for (; node != Draft::kRoot; node = draft.at(node).parent) {
    tokens.insert(tokens.begin(), draft.at(node).token);
  }
  return tokens;
}

TEST(Draft, ChancesMultiplyAlongThePath) {
  Draft draft;
  const auto a = draft.add(Draft::kRoot, 7, 0, 0.5);
  const auto b = draft.add(a, 8, 0, 0.5);
  const auto c = draft.add(Draft::kRoot, 9, 0, 0.25);
  EXPECT_DOUBLE_EQ(draft.chance(Draft::kRoot), 1);
  EXPECT_DOUBLE_EQ(draft.chance(b), 0.25);
  EXPECT_DOUBLE_EQ(draft.expected_tokens(), 1.0);
  EXPECT_EQ(draft.child(Draft::kRoot, 9), c);
  EXPECT_EQ(draft.child(a, 8), b);
  EXPECT_EQ(draft.child(a, 9), std::nullopt);
  EXPECT_EQ(draft.child(c, 8), std::nullopt);
}

TEST(Draft, WhatIsCertainComesFirstAndIsNoGuess) {
  Draft guess;
  const auto a = guess.add(Draft::kRoot, 1, 0, 0.5);
  const auto b = guess.add(a, 2, 0, 0.5);
  guess.add(b, 3, 0, 0.5);
  guess.add(b, 4, 0, 0.25);
  guess.add(guess.add(Draft::kRoot, 2, 0, 0.5), 9, 0, 0.5);  // cannot come
  const std::vector<TokenId> certain = {1, 2};
  Draft draft = guess.behind(certain);
  draft = draft.behind(certain);  // once more changes nothing
  ASSERT_EQ(draft.size(), 4u);
  EXPECT_EQ(draft.certain(), 2u);
  EXPECT_EQ(path(draft, 1), certain);
  EXPECT_DOUBLE_EQ(draft.chance(1), 1);
  EXPECT_EQ(path(draft, 2), (std::vector<TokenId>{1, 2, 3}));
  EXPECT_DOUBLE_EQ(draft.chance(2), 0.5);
  EXPECT_DOUBLE_EQ(draft.chance(3), 0.25);
  draft.discount(0.5);
  EXPECT_DOUBLE_EQ(draft.chance(1), 1);
  EXPECT_DOUBLE_EQ(draft.chance(2), 0.25);
  draft.keep_from(0.2);
  EXPECT_EQ(draft.size(), 3u);
  // A guess that ends before it says nothing more.
  EXPECT_EQ(guess.behind(std::vector<TokenId>{1, 7}).size(), 2u);
  EXPECT_EQ(Draft().behind(certain).size(), 2u);
  EXPECT_EQ(guess.behind({}).size(), guess.size());
}

TEST(Draft, BranchesOfASmallTree) {
  Draft draft;
  const auto a = draft.add(Draft::kRoot, 1, 0, 1);
  const auto b = draft.add(a, 2, 0, 1);
  const auto c = draft.add(a, 3, 0, 1);
  const auto d = draft.add(c, 4, 0, 1);
  const auto e = draft.add(Draft::kRoot, 5, 0, 1);
  const auto branches = draft.branches();
  ASSERT_EQ(branches.size(), 3u);
  EXPECT_THAT(branches[0].own, ElementsAre(a, b));
  EXPECT_THAT(branches[1].shared, ElementsAre(a));
  EXPECT_THAT(branches[1].own, ElementsAre(c, d));
  EXPECT_THAT(branches[2].shared, ElementsAre());
  EXPECT_THAT(branches[2].own, ElementsAre(e));
  EXPECT_EQ(Draft().branches().size(), 1u);
}

TEST(Draft, EveryNodeIsInOneBranchAndFollowsItsPath) {
  std::mt19937_64 random(test::seed());
  for (int round = 0; round < 200; ++round) {
    const Draft draft = random_draft(random, 1 + static_cast<int>(random() % 30));
    std::set<Draft::Index> placed;
    for (const Draft::Branch& branch : draft.branches()) {
      std::vector<Draft::Index> all = branch.shared;
      all.insert(all.end(), branch.own.begin(), branch.own.end());
      Draft::Index parent = Draft::kRoot;
      for (const Draft::Index node : all) {
        EXPECT_EQ(draft.at(node).parent, parent);
        parent = node;
      }
      for (const Draft::Index node : branch.shared) EXPECT_TRUE(placed.contains(node));
      for (const Draft::Index node : branch.own) EXPECT_TRUE(placed.insert(node).second);
    }
    EXPECT_EQ(placed.size(), draft.size());
  }
}

TEST(Draft, WhatIsKeptIsTheSameTreeWithoutTheUnlikely) {
  std::mt19937_64 random(test::seed());
  for (int round = 0; round < 200; ++round) {
    const Draft draft = random_draft(random, 1 + static_cast<int>(random() % 30));
    std::map<std::vector<TokenId>, double> want, got;
    for (std::size_t i = 0; i < draft.size(); ++i) {
      const auto node = static_cast<Draft::Index>(i);
      if (draft.chance(node) >= 0.2) want[path(draft, node)] = draft.chance(node);
    }
    Draft kept = draft;
    kept.keep_from(0.2);
    for (std::size_t i = 0; i < kept.size(); ++i) {
      got[path(kept, static_cast<Draft::Index>(i))] = kept.nodes()[i].chance;
    }
    EXPECT_EQ(got, want);
  }
}

TEST(Draft, IsFollowedAsFarAsItIsRight) {
  Draft draft;
  const auto a = draft.add(Draft::kRoot, 1, 0, 1);
  draft.add(Draft::kRoot, 2, 0, 1);
  const auto c = draft.add(a, 3, 0, 1);
  const auto follow = [&](std::vector<TokenId> tokens, std::size_t stop = 99) {
    std::size_t taken = 0;
    Draft::Index node = Draft::kRoot;
    const bool goes_on = follow_draft(draft, node, [&](Draft::Index) {
      const TokenId token = tokens[taken++];
      return std::pair(token, taken != stop);
    });
    return std::tuple(taken, node, goes_on);
  };
  EXPECT_EQ(follow({9}), std::tuple(1u, Draft::kRoot, true));
  EXPECT_EQ(follow({1, 9}), std::tuple(2u, a, true));
  EXPECT_EQ(follow({1, 3, 9}), std::tuple(3u, c, true));
  // A stop in the middle of the draft: what follows it was checked for nothing.
  EXPECT_EQ(follow({1, 3, 9}, 1), std::tuple(1u, Draft::kRoot, false));
}

TEST(Draft, ADiscountLowersEveryChance) {
  Draft draft;
  const Draft::Index a = draft.add(Draft::kRoot, 1, 0, 0.8);
  draft.add(a, 2, 0, 0.5);
  draft.discount(0.5);
  EXPECT_DOUBLE_EQ(draft.chance(a), 0.4);
  EXPECT_DOUBLE_EQ(draft.expected_tokens(), 0.4 + 0.2);
}

}  // namespace
}  // namespace pangu
