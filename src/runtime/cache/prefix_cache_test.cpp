// SPDX-License-Identifier: Apache-2.0
// Sequences that begin with what others hold, on a real decoder: logits are those of a prompt that
// is computed from nothing, whatever was shared, moved, kept and dropped before.
#include "runtime/cache/prefix_cache.h"

#include <gtest/gtest.h>

#include <random>

#include "ops/host.h"
#include "tests/support/model_fixture.h"
#include "tests/support/random_checkpoint.h"

namespace pangu {
namespace {

using Tokens = std::vector<TokenId>;

constexpr int64_t kPrefixPositions = 600;

class PrefixCacheTest : public testing::Test {
 protected:
  PrefixCacheTest()
      : model_(test::random_model(test::odd_config(), {.threads = 2, .dtype = DType::kF32})),
        cache_(model_.network->kv_shape(KvFormat::kF32), kPrefixPositions,
               model_.ctx->shared_device()) {}

  static Tokens numbered(int64_t n, TokenId first = 3) {
    Tokens out(static_cast<std::size_t>(n));
    for (std::size_t i = 0; i < out.size(); ++i) {
      out[i] = static_cast<TokenId>((static_cast<std::size_t>(first) + i * 7) % 131);
    }
    return out;
  }

  /// Computes up to `n` tokens that an entry lacks; returns the logits behind the last of them.
  std::vector<float> compute(const PrefixCache::Entry& entry, int64_t n = kPrefixPositions) {
    const auto held = static_cast<std::size_t>(cache_.length(entry.sequence));
    const std::size_t size = std::min(static_cast<std::size_t>(n), entry.tokens.size() - held);
    Batch batch;
    cache_.append(entry.sequence, std::span(entry.tokens).subspan(held, size), Logits::kLast,
                  batch);
    const Tensor logits = to_host(model_.network->forward(batch, cache_.storage(), *model_.ctx));
    return {logits.data<float>(), logits.data<float>() + logits.count()};
  }

  /// The same of a sequence in a cache of its own.
  std::vector<float> from_nothing(const Tokens& tokens) {
    test::Runner runner(model_, kPrefixPositions);
    const auto all = runner.feed(tokens);
    const auto vocab = static_cast<std::ptrdiff_t>(model_.network->config().vocab_size);
    return {all.end() - vocab, all.end()};
  }

  test::LoadedModel model_;
  KvCache cache_;
};

TEST_F(PrefixCacheTest, WhatOthersHoldIsWhatWouldBeComputed) {
  for (const int64_t keep : {0, 1, 4}) {
    SCOPED_TRACE(keep);
    const int64_t free_at_first = cache_.free_positions();
    std::mt19937_64 random(test::seed());
    PrefixCache prefixes(cache_, keep);
    std::vector<PrefixCache::Entry*> open;
    std::vector<Tokens> seen = {{1}};
    int64_t shared = 0;
    for (int step = 0; step < (test::takes_fewer() ? 60 : 400); ++step) {
      if (open.size() == 3 || (!open.empty() && random() % 2 == 0)) {
        const auto at = open.begin() + static_cast<std::ptrdiff_t>(random() % open.size());
        if (random() % 4 == 0) {
          prefixes.drop(**at);
        } else {
          prefixes.close(**at);
        }
        open.erase(at);
        continue;
      }
      // Some beginning of an earlier prompt, and something new behind it.
      Tokens prompt = seen[random() % seen.size()];
      prompt.resize(random() % prompt.size() + 1);
      for (std::size_t i = random() % 40 + 1; i > 0 && prompt.size() < 120; --i) {
        prompt.push_back(static_cast<TokenId>(random() % 131));
      }
      const auto match = prefixes.find(std::span(prompt).first(prompt.size() - 1));
      const int64_t needed = std::ssize(prompt) - match.tokens + 2 * kPagePositions;
      while (cache_.free_positions() < needed && prefixes.drop_oldest(match.entry)) {
      }
      if (cache_.free_positions() < needed) continue;
      PrefixCache::Entry& entry = prefixes.open(prompt, match);
      ASSERT_EQ(cache_.length(entry.sequence), match.tokens);
      ASSERT_EQ(entry.tokens, prompt);
      shared += match.tokens;
      // Not all of it at once: others may look for what is half done.
      if (random() % 3 == 0) compute(entry, 1 + static_cast<int64_t>(random() % prompt.size()));
      if (cache_.length(entry.sequence) < std::ssize(prompt)) {
        ASSERT_EQ(compute(entry), from_nothing(prompt)) << "step " << step;
      }
      seen.push_back(prompt);
      open.push_back(&entry);
      ASSERT_LE(prefixes.kept(), keep);
    }
    // Where nothing is kept, replies in flight must happen to begin alike.
    EXPECT_TRUE(shared > 0 || (keep == 0 && test::takes_fewer()));
    for (PrefixCache::Entry* entry : open) prefixes.drop(*entry);
    while (prefixes.drop_oldest()) {
    }
    EXPECT_EQ(cache_.free_positions(), free_at_first);
  }
}

TEST_F(PrefixCacheTest, EntriesInUseOfferWholePagesOfWhatIsComputed) {
  PrefixCache prefixes(cache_, 0);
  const Tokens prompt = numbered(100);
  EXPECT_EQ(prefixes.find(prompt).tokens, 0);
  PrefixCache::Entry& first = prefixes.open(prompt, {});
  auto match = prefixes.find(prompt);
  EXPECT_EQ(match.tokens, 0);
  EXPECT_EQ(match.later, 96);
  compute(first, 70);
  match = prefixes.find(prompt);
  EXPECT_EQ(match.entry, &first);
  EXPECT_EQ(match.tokens, 64);
  EXPECT_EQ(match.later, 96);
  EXPECT_FALSE(match.moves);
  EXPECT_EQ(prefixes.find(std::span(prompt).first(63)).tokens, 32);
  // A fork takes no page.
  const int64_t free = cache_.free_positions();
  prefixes.open(prompt, match);
  EXPECT_EQ(cache_.free_positions(), free);
  // Nothing is kept: the pages of whoever closes are free, but those that others hold.
  prefixes.close(first);
  EXPECT_EQ(cache_.free_positions(), free + 32);
  EXPECT_EQ(prefixes.find(prompt).tokens, 64);
}

TEST_F(PrefixCacheTest, TheOnlyOneThatIsKeptIsGoneOnWithToTheToken) {
  PrefixCache prefixes(cache_, 1);
  const Tokens prompt = numbered(100);
  PrefixCache::Entry& first = prefixes.open(prompt, {});
  compute(first);
  prefixes.close(first);
  EXPECT_EQ(prefixes.kept(), 1);
  Tokens other(prompt.begin(), prompt.begin() + 45);
  other.push_back(2);
  const auto match = prefixes.find(other);
  EXPECT_EQ(match.tokens, 45);
  EXPECT_TRUE(match.moves);
  prefixes.close(prefixes.open(other, match));
  EXPECT_EQ(prefixes.find(prompt).tokens, 45);
  // A prompt that has nothing of it takes its place at once.
  prefixes.open(numbered(10, 90), prefixes.find(numbered(10, 90)));
  EXPECT_EQ(prefixes.kept(), 0);
}

TEST_F(PrefixCacheTest, OneOfManyStaysUnlessThePromptHasNearlyAllOfIt) {
  PrefixCache prefixes(cache_, 2);
  const Tokens prompt = numbered(100);
  PrefixCache::Entry& first = prefixes.open(prompt, {});
  compute(first);
  prefixes.close(first);
  auto match = prefixes.find(std::span(prompt).first(70));
  EXPECT_EQ(match.tokens, 64);
  EXPECT_FALSE(match.moves);
  match = prefixes.find(std::span(prompt).first(97));
  EXPECT_EQ(match.tokens, 97);
  EXPECT_TRUE(match.moves);
}

TEST_F(PrefixCacheTest, TheOneThatWasMatchedLongestAgoGoesFirst) {
  PrefixCache prefixes(cache_, 2);
  const Tokens one = numbered(70, 3), two = numbered(70, 4), three = numbered(70, 5);
  const auto hold = [&](const Tokens& tokens) {
    PrefixCache::Entry& entry = prefixes.open(tokens, {});
    compute(entry);
    prefixes.close(entry);
  };
  hold(one);
  hold(two);
  // Whoever begins like the first makes it the younger one; another takes the place of the second.
  const auto match = prefixes.find(std::span(one).first(40));
  EXPECT_FALSE(match.moves);
  prefixes.drop(prefixes.open(one, match));
  EXPECT_EQ(prefixes.find(one).tokens, 70);
  EXPECT_EQ(prefixes.find(two).tokens, 0);
  hold(three);
  EXPECT_EQ(prefixes.kept(), 2);
  const auto spared = prefixes.find(one);
  EXPECT_TRUE(prefixes.drop_oldest(spared.entry));
  EXPECT_FALSE(prefixes.drop_oldest(spared.entry));
  EXPECT_EQ(prefixes.find(one).tokens, 70);
  EXPECT_EQ(prefixes.find(three).tokens, 0);
}

}  // namespace
}  // namespace pangu
