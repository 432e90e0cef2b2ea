// SPDX-License-Identifier: Apache-2.0
// Bookkeeping of the paged cache against a naive model, and every error it promises.
#include "runtime/cache/kv_cache.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <random>
#include <set>

#include "devices/cpu/cpu_device.h"
#include "tests/support/support.h"

namespace pangu {
namespace {

constexpr KvShape kShape{.n_layers = 1, .n_kv_heads = 1, .head_dim = 2, .format = KvFormat::kF32};

/// A cache whose key at a position is the token id itself, written through the pages.
class Written {
 public:
  explicit Written(int64_t positions) : cache(kShape, positions, default_device()) {}

  void append(SequenceId id, const std::vector<TokenId>& tokens) {
    Batch batch;
    cache.append(id, tokens, Logits::kNone, batch);
    const kernels::SequenceRows& rows = batch.sequences.back();
    for (int64_t i = 0; i < rows.n_rows; ++i) {
      const auto value = float(tokens[size_t(i)]);
      memory().copy_from_host(slot(batch, rows.start + i), &value, sizeof(value));
    }
  }

  /// What the pages of a sequence hold.
  std::vector<TokenId> content(SequenceId id) {
    const int64_t n = cache.length(id);
    Batch batch;
    cache.append(id, std::vector<TokenId>{0}, Logits::kNone, batch);
    std::vector<TokenId> out;
    for (int64_t p = 0; p < n; ++p) {
      float value = 0;
      memory().copy_to_host(&value, slot(batch, p), sizeof(value));
      out.push_back(static_cast<TokenId>(value));
    }
    cache.truncate(id, n);
    return out;
  }

  KvCache cache;

 private:
  Memory& memory() { return cache.storage().layer(0).buffer()->memory(); }

  /// Address of a position of the last sequence of a batch.
  std::byte* slot(const Batch& batch, int64_t position) {
    const auto first = static_cast<std::size_t>(batch.sequences.back().first_page);
    const auto page = batch.page_table[first + std::size_t(position / kPagePositions)];
    kernels::KvPages pages = cache.storage().pages();
    pages.base = cache.storage().layer(0).address();
    return pages.keys(page, 0) + position % kPagePositions * int64_t{sizeof(float)};
  }
};

TEST(KvCache, RandomForksTruncationsAndAppendsMatchANaiveModel) {
  std::mt19937_64 rng(test::seed());
  Written w(32 * 40);
  std::map<SequenceId, std::vector<TokenId>> model;
  int looks = 0;
  for (int step = 0; step < (test::takes_fewer() ? 1000 : 10000); ++step) {
    const auto pick = [&] {
      auto it = model.begin();
      std::advance(it, static_cast<std::ptrdiff_t>(rng() % model.size()));
      return it;
    };
    const auto action = rng() % 8;
    if (model.empty() || (action == 0 && model.size() < 12)) {
      model[w.cache.create()] = {};
    } else if (action <= 3) {
      std::vector<TokenId> tokens(rng() % 50 + 1);
      for (TokenId& t : tokens) t = static_cast<TokenId>(rng() % 100000);
      auto it = pick();
      try {
        w.append(it->first, tokens);
        it->second.insert(it->second.end(), tokens.begin(), tokens.end());
      } catch (const OutOfMemory&) {
        ASSERT_EQ(w.cache.length(it->first), int64_t(it->second.size())) << "changed on failure";
        w.cache.release(it->first);
        model.erase(it);
      }
    } else if (action == 4 && model.size() < 12) {
      const auto it = pick();
      const auto n = rng() % (it->second.size() + 1);
      const std::vector<TokenId> prefix(it->second.begin(), it->second.begin() + int64_t(n));
      model[w.cache.fork(it->first, int64_t(n))] = prefix;
    } else if (action == 5) {
      const auto it = pick();
      it->second.resize(rng() % (it->second.size() + 1));
      w.cache.truncate(it->first, int64_t(it->second.size()));
    } else if (action == 6) {
      const auto it = pick();
      w.cache.release(it->first);
      model.erase(it);
    } else if (w.cache.free_positions() >= 32 * std::ssize(model)) {
      // Looking at a sequence may give it a page of its own.
      ++looks;
      for (const auto& [id, tokens] : model) ASSERT_EQ(w.content(id), tokens) << "step " << step;
    }
  }
  EXPECT_GT(looks, 100);
  for (const auto& [id, tokens] : model) w.cache.release(id);
  EXPECT_EQ(w.cache.free_positions(), 32 * 40) << "pages leaked";
}

TEST(KvCache, SharingAPrefixTakesNoPagesUntilSomeoneWrites) {
  Written w(32 * 4);
  const SequenceId a = w.cache.create();
  w.append(a, std::vector<TokenId>(40, 7));
  EXPECT_EQ(w.cache.free_positions(), 64);
  const SequenceId b = w.cache.fork(a);
  EXPECT_EQ(w.cache.free_positions(), 64);
  w.append(b, {8});
  EXPECT_EQ(w.cache.free_positions(), 32);  // the half-full page was copied
  w.append(a, {9});
  EXPECT_EQ(w.cache.free_positions(), 32);  // now a's own
  EXPECT_EQ(w.content(a).back(), 9);
  EXPECT_EQ(w.content(b).back(), 8);
}

TEST(KvCache, BatchesListTokensPositionsAndWantedLogits) {
  Written w(256);
  const SequenceId a = w.cache.create(), b = w.cache.create();
  w.append(a, {1, 2, 3});
  Batch batch;
  w.cache.append(a, std::vector<TokenId>{4, 5}, Logits::kLast, batch);
  w.cache.append(b, std::vector<TokenId>{6, 7}, Logits::kAll, batch);
  EXPECT_EQ(batch.tokens, (std::vector<TokenId>{4, 5, 6, 7}));
  EXPECT_EQ(batch.positions, (std::vector<std::int32_t>{3, 4, 0, 1}));
  EXPECT_EQ(batch.logit_rows, (std::vector<std::int32_t>{1, 2, 3}));
  ASSERT_EQ(batch.sequences.size(), 2u);
  EXPECT_EQ(batch.sequences[1].first_row, 2);
}

TEST(KvCache, AForkWithinAQuantizedPageKeepsItsOwnCodes) {
  for (const KvFormat format : {KvFormat::kInt8, KvFormat::kInt4}) {
    KvCache cache({.n_layers = 2, .n_kv_heads = 2, .head_dim = 6, .format = format}, 96,
                  cpu_device());
    const SequenceId a = cache.create();
    const auto append = [&](SequenceId id, int64_t n) {
      Batch batch;
      cache.append(id, std::vector<TokenId>(static_cast<std::size_t>(n)), Logits::kNone, batch);
      return batch.page_table.front();
    };
    const auto page_bytes = [&](std::int32_t page, int64_t layer) {
      kernels::KvPages pages = cache.storage().pages();
      pages.base = cache.storage().layer(layer).raw();
      return std::span(pages.keys(page, 0), pages.page_bytes());
    };
    const std::int32_t first = append(a, 5);
    for (const int64_t layer : {0, 1}) std::ranges::fill(page_bytes(first, layer), std::byte{7});
    const SequenceId b = cache.fork(a);
    const std::int32_t forked = append(b, 1);
    for (const int64_t layer : {0, 1}) {
      EXPECT_TRUE(std::ranges::equal(page_bytes(forked, layer), page_bytes(first, layer)));
      std::ranges::fill(page_bytes(forked, layer), std::byte{9});
      EXPECT_EQ(page_bytes(first, layer)[0], std::byte{7}) << name(format);
    }
  }
}

TEST(KvCache, MisuseIsRefused) {
  Written w(64);
  const SequenceId a = w.cache.create();
  PANGU_EXPECT_ERROR(w.append(a, std::vector<TokenId>(65, 1)), OutOfMemory, "3 pages", "2 of 2");
  PANGU_EXPECT_ERROR(w.cache.fork(a, 1), InputError, "1 positions");
  PANGU_EXPECT_ERROR(w.cache.truncate(a, 1), InputError, "cannot be cut to 1");
  PANGU_EXPECT_ERROR(w.cache.length(5), InputError, "no sequence 5");
  w.cache.release(a);
  PANGU_EXPECT_ERROR(w.cache.length(a), InputError, "no sequence 0");
  PANGU_EXPECT_ERROR(KvCache({1, 1, 3, KvFormat::kF32}, 32, cpu_device()), ConfigError,
                     "head_dim is 3");
}

}  // namespace
}  // namespace pangu
