// SPDX-License-Identifier: Apache-2.0
// Packing as properties: nothing learnt is lost or repeated, rows hold, documents stay apart; and
// the stream of rows over epochs, sources and resumed runs.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <numeric>
#include <set>
#include <tuple>

#include "tests/support/support.h"
#include "train/row_stream.h"
#include "train/testing/small_data.h"

namespace pangu {
namespace {

using Documents = std::vector<std::vector<LossToken>>;

/// Documents whose tokens are all different, so that each can be followed.
Documents distinct_documents(const std::vector<std::size_t>& lengths) {
  Documents documents;
  LossToken next = 0;
  for (const std::size_t n : lengths) {
    documents.emplace_back(n);
    for (LossToken& t : documents.back()) {
      t = next | (next % 5 == 0 ? 0 : kLossBit);
      ++next;
    }
  }
  return documents;
}

std::vector<std::size_t> any_lengths() {
  const auto lengths =
      *rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(2, 90));
  RC_PRE(!lengths.empty());
  return lengths;
}

/// (token, target) of every row that has a loss, and how often.
std::map<std::pair<TokenId, TokenId>, int> learnt_in(const TokenBatch& batch) {
  std::map<std::pair<TokenId, TokenId>, int> pairs;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (batch.targets[i] != kNoTarget) ++pairs[{batch.tokens[i], batch.targets[i]}];
  }
  return pairs;
}

RC_GTEST_PROP(Packing, EveryLearntTokenOfSplitDocumentsIsThereOnce, ()) {
  const Documents documents = distinct_documents(any_lengths());
  const auto length = *rc::gen::inRange<std::int64_t>(1, 100);
  const RowStream rows =
      test::stream_of(documents, {.length = length,
                                  .seed = *rc::gen::arbitrary<std::uint32_t>(),
                                  .window = *rc::gen::inRange<std::size_t>(1, 9)});
  TokenBatch epoch;
  for (std::int64_t r = 0; r < rows.rows_per_epoch(); ++r) {
    const std::size_t before = epoch.size();
    rows.append_row(r, epoch);
    RC_ASSERT(static_cast<std::int64_t>(epoch.size() - before) <= length);
    RC_ASSERT(epoch.size() > before);
  }
  std::map<std::pair<TokenId, TokenId>, int> expected;
  for (const auto& d : documents) {
    for (std::size_t i = 1; i < d.size(); ++i) {
      if (has_loss(d[i])) ++expected[{token_of(d[i - 1]), token_of(d[i])}];
    }
  }
  RC_ASSERT(learnt_in(epoch) == expected);
}

RC_GTEST_PROP(Packing, DocumentsNeverCross, ()) {
  const Documents documents = distinct_documents(any_lengths());
  const RowStream rows =
      test::stream_of(documents, {.length = *rc::gen::inRange<std::int64_t>(1, 60)});
  TokenBatch batch;
  for (std::int64_t r = 0; r < std::min<std::int64_t>(4, rows.rows_per_epoch()); ++r) {
    rows.append_row(r, batch);
  }
  RC_ASSERT(batch.positions.size() == batch.size() && batch.targets.size() == batch.size());
  RC_ASSERT(batch.document_starts.front() == 0);
  std::size_t next = 0;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const bool starts = next < batch.document_starts.size() &&
                        static_cast<std::size_t>(batch.document_starts[next]) == i;
    next += starts ? 1 : 0;
    RC_ASSERT(batch.positions[i] == (starts ? 0 : batch.positions[i - 1] + 1));
    // Tokens of a document follow each other, as do its targets.
    if (!starts) RC_ASSERT(batch.tokens[i] == batch.tokens[i - 1] + 1);
    if (batch.targets[i] != kNoTarget) RC_ASSERT(batch.targets[i] == batch.tokens[i] + 1);
  }
  RC_ASSERT(next == batch.document_starts.size());
}

RC_GTEST_PROP(Packing, TruncatedAndSkippedTokensAreCounted, ()) {
  const Documents documents = distinct_documents(any_lengths());
  const auto length = *rc::gen::inRange<std::int64_t>(20, 60);
  const TooLong too_long = *rc::gen::element(TooLong::kTruncate, TooLong::kSkip, TooLong::kSplit);
  const Dataset data = test::dataset_of(documents);
  const PackedRows rows = pack_documents(*data.store, {.length = length, .too_long = too_long});
  std::int64_t inputs = 0, packed = 0, longer = 0;
  for (const auto& d : documents) {
    inputs += static_cast<std::int64_t>(d.size()) - 1;
    longer += static_cast<std::int64_t>(d.size()) - 1 > length ? 1 : 0;
  }
  for (std::size_t r = 0; r < rows.size(); ++r) {
    for (const PackedPiece& p : rows.row(r)) packed += p.length;
  }
  RC_ASSERT(packed + rows.counts().tokens_left_out == inputs);
  RC_ASSERT(rows.counts().too_long == longer);
}

TEST(Packing, FillsRowsWell) {
  const Dataset data = test::dataset_of(test::random_documents(2000, 300, 50, 3));
  const PackedRows rows = pack_documents(*data.store, {.length = 512});
  const double tokens = static_cast<double>(data.store->tokens() - data.store->documents());
  EXPECT_GT(tokens / (static_cast<double>(rows.size()) * 512), 0.95);
}

TEST(Packing, PiecesWithNothingToLearnAreLeftOut) {
  // Inputs 0-3 have their only targets without loss.
  const Dataset data = test::dataset_of({{1, 2, 3, 4, 5, 6 | kLossBit, 7, 8}});
  const PackedRows rows = pack_documents(*data.store, {.length = 4});
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows.row(0)[0], (PackedPiece{.document = 0, .length = 3, .begin = 4}));
  EXPECT_EQ(rows.counts(), (PackingCounts{.too_long = 1, .tokens_left_out = 4}));
}

TokenBatch row_of(const RowStream& stream, std::int64_t row) {
  TokenBatch batch;
  stream.append_row(row, batch);
  return batch;
}

TEST(RowStream, AnyRowIsTheSameWhereverReadingBegins) {
  const auto documents = test::random_documents(60, 40, 1000, 5);
  const PackingOptions options{.length = 64, .seed = 9};
  const RowStream a = test::stream_of(documents, options), b = test::stream_of(documents, options);
  std::vector<TokenBatch> in_order;
  for (std::int64_t r = 0; r < 3 * a.rows_per_epoch(); ++r) in_order.push_back(row_of(a, r));
  for (std::int64_t r = 3 * a.rows_per_epoch(); r-- > 0;) {
    const TokenBatch batch = row_of(b, r);
    EXPECT_EQ(batch.tokens, in_order[static_cast<std::size_t>(r)].tokens);
    EXPECT_EQ(batch.targets, in_order[static_cast<std::size_t>(r)].targets);
    EXPECT_EQ(batch.target_count(), b.row_targets(r));
  }
  EXPECT_EQ(a.digest(), b.digest());
}

TEST(RowStream, EpochsAreShuffledAndSeedsDiffer) {
  const auto documents = test::random_documents(60, 40, 1000, 5);
  const RowStream a = test::stream_of(documents, {.length = 64, .seed = 1});
  const RowStream b = test::stream_of(documents, {.length = 64, .seed = 2});
  const auto epoch = [](const RowStream& s, std::int64_t e) {
    std::vector<std::vector<TokenId>> rows;
    for (std::int64_t r = 0; r < s.rows_per_epoch(); ++r) {
      rows.push_back(row_of(s, e * s.rows_per_epoch() + r).tokens);
    }
    return rows;
  };
  auto first = epoch(a, 0), second = epoch(a, 1);
  EXPECT_NE(first, second);
  EXPECT_NE(first, epoch(b, 0));
  std::ranges::sort(first);
  std::ranges::sort(second);
  EXPECT_EQ(first, second);
  EXPECT_NE(a.digest(), b.digest());
}

TEST(RowStream, WeightsSayHowOftenASourceIsRead) {
  // One document fills a row; sources are told apart by their tokens.
  const auto source = [](LossToken base, std::size_t n) {
    Documents documents;
    for (std::size_t i = 0; i < n; ++i) {
      const auto t = static_cast<LossToken>(base + 10 * i);
      documents.push_back({t | kLossBit, (t + 1) | kLossBit, (t + 2) | kLossBit});
    }
    return documents;
  };
  std::vector<Dataset> data;
  data.push_back(test::dataset_of(source(0, 8), 0.5));
  data.push_back(test::dataset_of(source(1000, 5), 2));
  const RowStream rows(std::move(data), {.length = 2});
  ASSERT_EQ(rows.rows_per_epoch(), 4 + 10);
  std::map<TokenId, int> count;
  for (std::int64_t r = 0; r < 2 * rows.rows_per_epoch(); ++r) ++count[row_of(rows, r).tokens[0]];
  for (TokenId t = 0; t < 80; t += 10) EXPECT_EQ(count[t], 1) << t;
  for (TokenId t = 1000; t < 1050; t += 10) EXPECT_EQ(count[t], 4) << t;
}

TEST(RowStream, ASourceWithoutRowsIsRefused) {
  PANGU_EXPECT_ERROR(
      test::stream_of({{1, 2 | kLossBit, 3 | kLossBit}}, {.length = 1, .too_long = TooLong::kSkip}),
      InputError, "numbers.jsonl", "sequence_length");
}

}  // namespace
}  // namespace pangu
