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
  for (const KeepPrefixes keep : {KeepPrefixes::kNo, KeepPrefixes::kYes}) {
    SCOPED_TRACE(keep == KeepPrefixes::kYes);
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
      const std::string salt = random() % 4 == 0 ? "salt" : "";
      const auto match = prefixes.find(std::span(prompt).first(prompt.size() - 1), salt);
      const int64_t needed = std::ssize(prompt) - match.tokens + 2 * kPagePositions;
      PrefixCache::Entry& entry = prefixes.open(prompt, match, salt);
      while (cache_.free_positions() < needed && prefixes.free_oldest()) {
      }
      if (cache_.free_positions() < needed) {
        prefixes.drop(entry);
        continue;
      }
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
    }
    // Where nothing is kept, replies in flight must happen to begin alike.
    EXPECT_TRUE(shared > 0 || (keep == KeepPrefixes::kNo && test::takes_fewer()));
    for (PrefixCache::Entry* entry : open) prefixes.drop(*entry);
    while (prefixes.drop_oldest()) {
    }
    EXPECT_EQ(cache_.free_positions(), free_at_first);
  }
}

TEST_F(PrefixCacheTest, EntriesInUseOfferWholePagesOfWhatIsComputed) {
  PrefixCache prefixes(cache_, KeepPrefixes::kNo);
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
  EXPECT_EQ(prefixes.find(std::span(prompt).first(63)).tokens, 32);
  EXPECT_EQ(prefixes.find(prompt, "salt").later, 0);
  // A fork takes no page.
  const int64_t free = cache_.free_positions();
  prefixes.open(prompt, match);
  EXPECT_EQ(cache_.free_positions(), free);
  // Nothing is kept: the pages of whoever closes are free, but those that others hold.
  prefixes.close(first);
  EXPECT_EQ(cache_.free_positions(), free + 32);
  EXPECT_EQ(prefixes.find(prompt).tokens, 64);
}

TEST_F(PrefixCacheTest, WhatIsKeptIsGoneOnWithToTheToken) {
  PrefixCache prefixes(cache_, KeepPrefixes::kYes);
  const Tokens prompt = numbered(100);
  PrefixCache::Entry& first = prefixes.open(prompt, {});
  compute(first);
  prefixes.close(first);
  EXPECT_EQ(prefixes.kept_pages(), 4);
  EXPECT_EQ(prefixes.find(prompt).tokens, 100);
  EXPECT_EQ(prefixes.find(prompt, "salt").tokens, 0);
  Tokens other(prompt.begin(), prompt.begin() + 45);
  other.push_back(2);
  const auto match = prefixes.find(other);
  EXPECT_EQ(match.tokens, 45);
  PrefixCache::Entry& second = prefixes.open(other, match);
  EXPECT_EQ(compute(second), from_nothing(other));
  prefixes.close(second);
  // The page that both begin with is held once; of the next one each has its own.
  EXPECT_EQ(prefixes.kept_pages(), 5);
  EXPECT_EQ(prefixes.find(prompt).tokens, 100);
  EXPECT_EQ(prefixes.find(other).tokens, 46);
}

TEST_F(PrefixCacheTest, APageThatIsSharedIsGivenUpBeforeItsCopyDoesNotFit) {
  PrefixCache prefixes(cache_, KeepPrefixes::kYes);
  const Tokens prompt = numbered(kPrefixPositions - 20);
  PrefixCache::Entry& first = prefixes.open(prompt, {});
  compute(first);
  prefixes.close(first);
  PrefixCache::Entry& second = prefixes.open(prompt, prefixes.find(prompt));
  EXPECT_FALSE(prefixes.free_oldest());
  EXPECT_FALSE(cache_.has_room(second.sequence, 20));
  while (!cache_.has_room(second.sequence, 20)) ASSERT_TRUE(prefixes.drop_oldest());
  // Only the page that would have been copied had to go.
  EXPECT_EQ(prefixes.kept_pages(), std::ssize(prompt) / kPagePositions);
}

TEST_F(PrefixCacheTest, AStoreOutlivesTheCacheAndGivesTheSameBits) {
  const test::ScratchDir dir;
  const auto open_store = [&] {
    return PageStore({.folder = dir.path(),
                      .identity = "test",
                      .page_bytes = cache_.storage().page_bytes(),
                      .on_failure = {}});
  };
  const Tokens prompt = numbered(110);
  {
    PageStore store = open_store();
    PrefixCache prefixes(cache_, KeepPrefixes::kYes, &store);
    PrefixCache::Entry& entry = prefixes.open(prompt, {});
    EXPECT_EQ(prefixes.recall(entry), 0);
    compute(entry);
    prefixes.close(entry);
  }
  EXPECT_EQ(cache_.free_positions(), cache_.positions());
  PageStore store = open_store();
  PrefixCache prefixes(cache_, KeepPrefixes::kYes, &store);
  Tokens other(prompt.begin(), prompt.begin() + 70);
  other.push_back(2);
  {  // only what the prompts have in common, and nothing under another salt
    PrefixCache::Entry& entry = prefixes.open(other, {});
    EXPECT_EQ(prefixes.recall(entry), 64);
    EXPECT_EQ(compute(entry), from_nothing(other));
    prefixes.close(entry);
    PrefixCache::Entry& salted = prefixes.open(other, {}, "salt");
    EXPECT_EQ(prefixes.recall(salted), 0);
    prefixes.drop(salted);
  }
  // From within a page that is kept here, the whole page of the store.
  const auto match = prefixes.find(prompt);
  EXPECT_EQ(match.tokens, 70);
  PrefixCache::Entry& entry = prefixes.open(prompt, match);
  EXPECT_EQ(prefixes.recall(entry), 96 - 70);
  EXPECT_EQ(compute(entry), from_nothing(prompt));
  prefixes.close(entry);
  EXPECT_EQ(store.stats().read, 3);
}

}  // namespace
}  // namespace pangu
