// SPDX-License-Identifier: Apache-2.0
// Trees of drafts on a real decoder: every node sees what it would see in plain decoding, and the
// cache holds exactly the kept path afterwards.
#include "runtime/speculation/draft_rows.h"

#include <gtest/gtest.h>

#include <random>

#include "ops/host.h"
#include "tests/support/model_fixture.h"
#include "tests/support/random_checkpoint.h"

namespace pangu {
namespace {

constexpr int64_t kPositions = 200;

class DraftRowsTest : public testing::Test {
 protected:
  DraftRowsTest()
      : model_(test::random_model(test::odd_config(), {.threads = 2, .dtype = DType::kF32})),
        cache_(model_.network->kv_shape(KvFormat::kF32), kPositions + kForkPositions,
               model_.ctx->shared_device()) {}

  TokenId draw() { return static_cast<TokenId>(random_() % 131); }

  Draft random_draft() {
    Draft draft;
    const auto nodes = random_() % 12;
    while (draft.size() < nodes) {
      const auto parent = static_cast<Draft::Index>(random_() % (draft.size() + 1)) - 1;
      const TokenId token = draw();
      if (!draft.child(parent, token)) draft.add(parent, token, 0, 0.5);
    }
    return draft;
  }

  std::vector<float> row_of(const Tensor& logits, int64_t row) const {
    const auto vocab = model_.network->config().vocab_size;
    const float* first = logits.data<float>() + row * vocab;
    return {first, first + vocab};
  }

  /// Logits behind the last of some tokens, in plain decoding.
  std::vector<float> plain(const std::vector<TokenId>& tokens) {
    test::Runner runner(model_, kPositions);
    const auto all = runner.feed(tokens);
    const auto vocab = static_cast<std::ptrdiff_t>(model_.network->config().vocab_size);
    return {all.end() - vocab, all.end()};
  }

  std::mt19937_64 random_{test::seed()};
  test::LoadedModel model_;
  KvCache cache_;
};

TEST_F(DraftRowsTest, NodesSeeTheirPathAndTheKeptOneStays) {
  const int64_t free_at_first = cache_.free_positions();
  for (int round = 0; round < (test::takes_fewer() ? 2 : 25); ++round) {
    SequenceId sequence = cache_.create();
    std::vector<TokenId> tokens = {draw()};
    for (std::size_t i = random_() % 40; i > 0; --i) tokens.push_back(draw());
    Batch prompt;
    cache_.append(sequence, std::span(tokens).first(tokens.size() - 1), Logits::kNone, prompt);
    if (prompt.size() > 0) model_.network->forward(prompt, cache_.storage(), *model_.ctx);
    while (tokens.size() < 120) {
      const Draft draft = random_draft();
      Batch batch;
      DraftRows rows(cache_, sequence, tokens.back(), draft, batch);
      EXPECT_EQ(batch.size(), std::ssize(draft.nodes()) + 1);
      const Tensor logits = to_host(model_.network->forward(batch, cache_.storage(), *model_.ctx));
      // One node of the tree at random is what came.
      const auto node = static_cast<Draft::Index>(random_() % (draft.size() + 1)) - 1;
      std::vector<TokenId> path;
      for (auto at = node; at != Draft::kRoot; at = draft.at(at).parent) {
        path.insert(path.begin(), draft.at(at).token);
      }
      tokens.insert(tokens.end(), path.begin(), path.end());
      ASSERT_EQ(row_of(logits, rows.row(node)), plain(tokens));
      sequence = rows.keep(node);
      ASSERT_EQ(cache_.length(sequence), std::ssize(tokens));
      tokens.push_back(draw());
    }
    cache_.release(sequence);
    ASSERT_EQ(cache_.free_positions(), free_at_first);
  }
}

TEST_F(DraftRowsTest, AFailedPassLeavesTheSequenceAsItWas) {
  const SequenceId sequence = cache_.create();
  Batch prompt;
  cache_.append(sequence, std::vector<TokenId>{1, 2, 3}, Logits::kNone, prompt);
  const int64_t free = cache_.free_positions();
  Draft draft;
  draft.add(Draft::kRoot, 5, 0, 1);
  draft.add(Draft::kRoot, 6, 0, 1);
  Batch batch;
  DraftRows(cache_, sequence, 4, draft, batch).undo();
  EXPECT_EQ(cache_.length(sequence), 3);
  EXPECT_EQ(cache_.free_positions(), free);
}

TEST_F(DraftRowsTest, ACacheWithoutRoomIsLeftAsItWas) {
  KvCache small(model_.network->kv_shape(KvFormat::kF32), 32, model_.ctx->shared_device());
  const SequenceId sequence = small.create();
  Batch prompt;
  small.append(sequence, std::vector<TokenId>{1, 2, 3}, Logits::kNone, prompt);
  Draft draft;
  draft.add(Draft::kRoot, 5, 0, 1);
  draft.add(Draft::kRoot, 6, 0, 1);
  EXPECT_FALSE(DraftRows::has_room(small, draft));
  Batch batch;
  EXPECT_THROW(DraftRows(small, sequence, 4, draft, batch), OutOfMemory);
  EXPECT_EQ(small.length(sequence), 3);
  small.release(sequence);
  EXPECT_EQ(small.free_positions(), 32);
}

}  // namespace
}  // namespace pangu
