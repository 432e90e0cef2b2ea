// SPDX-License-Identifier: Apache-2.0
// The tree of pages against a list of everything that was added, and what goes first.
#include "runtime/cache/page_tree.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "base/common_prefix.h"
#include "devices/cpu/cpu_device.h"
#include "tests/support/support.h"

namespace pangu {
namespace {

using Ids = std::vector<TokenId>;

constexpr std::int64_t kTreePositions = 64 * kPagePositions;

class PageTreeTest : public testing::Test {
 protected:
  PageTreeTest()
      : cache_({.n_layers = 1, .n_kv_heads = 1, .head_dim = 2, .format = KvFormat::kF32},
               kTreePositions, default_device()) {}

  /// Adds tokens in pages of their own.
  void add(PageTree& tree, const Ids& tokens, std::string_view salt = {}) {
    const SequenceId id = cache_.create();
    Batch batch;
    cache_.append(id, tokens, Logits::kNone, batch);
    tree.add(salt, tokens, cache_.pages(id));
    cache_.release(id);
  }

  static Ids repeated(TokenId id, std::size_t n) { return Ids(n, id); }
  static Ids joined(Ids a, const Ids& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
  }

  KvCache cache_;
};

TEST_F(PageTreeTest, FindsTheLongestBeginningOfAllThatWasAdded) {
  std::mt19937_64 random(test::seed());
  PageTree tree(cache_);
  std::map<std::string, std::vector<Ids>> added;
  const auto text = [&] {  // few letters, long runs: many have much in common
    Ids out;
    while (out.size() < 90 && (out.empty() || random() % 6 != 0)) {
      out.insert(out.end(), random() % 40 + 1, static_cast<TokenId>(random() % 3));
    }
    return out;
  };
  for (int i = 0; i < 300; ++i) {
    const std::string salt = random() % 3 == 0 ? "a" : "";
    const Ids prompt = text();
    std::int64_t want = 0;
    for (const Ids& one : added[salt]) want = std::max(want, common_prefix(prompt, one));
    const PageTree::Match match = tree.find(salt, prompt);
    ASSERT_EQ(match.tokens, want);
    ASSERT_EQ(std::ssize(match.pages), (want + kPagePositions - 1) / kPagePositions);
    const Ids next = text();
    if (cache_.free_positions() < std::ssize(next) + kPagePositions) {
      while (tree.drop_oldest()) {
      }
      ASSERT_EQ(cache_.free_positions(), kTreePositions);
      added.clear();
    }
    add(tree, next, salt);
    added[salt].push_back(next);
    ASSERT_EQ(cache_.free_positions() + tree.pages() * kPagePositions, kTreePositions);
  }
}

TEST_F(PageTreeTest, HoldsWhatTextsHaveInCommonOnce) {
  PageTree tree(cache_);
  add(tree, joined(repeated(1, 64), repeated(2, 10)));
  add(tree, joined(repeated(1, 64), repeated(3, 40)));
  EXPECT_EQ(tree.pages(), 2 + 1 + 2);
  // What goes on from a page takes its place, and what a page has already adds none.
  add(tree, joined(repeated(1, 64), repeated(2, 32)));
  add(tree, joined(repeated(1, 64), repeated(3, 5)));
  EXPECT_EQ(tree.pages(), 2 + 1 + 2);
}

TEST_F(PageTreeTest, WhatWasUsedLongestAgoGoesFirstAndLeavesBeforeTheirStems) {
  PageTree tree(cache_);
  const Ids stem = repeated(1, 32);
  add(tree, joined(stem, repeated(2, 32)));
  add(tree, joined(stem, repeated(3, 32)));
  tree.touch("", joined(stem, repeated(2, 32)));
  ASSERT_TRUE(tree.free_oldest());
  EXPECT_EQ(tree.find("", joined(stem, repeated(3, 32))).tokens, 32);
  EXPECT_EQ(tree.find("", joined(stem, repeated(2, 32))).tokens, 64);
  ASSERT_TRUE(tree.free_oldest());
  EXPECT_EQ(tree.find("", joined(stem, repeated(2, 32))).tokens, 32);
  ASSERT_TRUE(tree.free_oldest());
  EXPECT_FALSE(tree.free_oldest());
  EXPECT_EQ(cache_.free_positions(), kTreePositions);
}

TEST_F(PageTreeTest, NothingStaysOfSaltsThatHaveNothing) {
  PageTree tree(cache_);
  for (int salt = 0; salt < 1000; ++salt) {
    if (cache_.free_positions() == 0) {
      ASSERT_TRUE(tree.free_oldest());
    }
    add(tree, repeated(1, 20), std::to_string(salt));
  }
  EXPECT_EQ(tree.salts(), tree.pages());
  while (tree.drop_oldest()) {
  }
  EXPECT_EQ(tree.salts(), 0);
}

TEST_F(PageTreeTest, PagesThatSequencesHoldAreNotFreed) {
  PageTree tree(cache_);
  const Ids held = repeated(1, 70);
  add(tree, held);
  add(tree, repeated(2, 32));
  const PageTree::Match match = tree.find("", held);
  const SequenceId id = cache_.share(match.pages, match.tokens);
  EXPECT_TRUE(tree.free_oldest());
  EXPECT_FALSE(tree.free_oldest());
  EXPECT_EQ(tree.pages(), 3);
  cache_.release(id);
  EXPECT_TRUE(tree.free_oldest());
}

}  // namespace
}  // namespace pangu
