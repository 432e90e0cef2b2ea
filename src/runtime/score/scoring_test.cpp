// SPDX-License-Identifier: Apache-2.0
// Scores against sums over logits that are computed one text at a time, and against a reference.
#include "runtime/score/scoring.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "ops/host.h"
#include "runtime/score/logprobs.h"
#include "tests/support/support.h"

namespace pangu {
namespace {

class ScorerTest : public testing::Test {
 protected:
  void SetUp() override {
    PANGU_NEEDS_SHARED_DATA();
    model_ = load_model(test::shared_dir() / "models" / "stories260K", {}, ctx_);
    rng_.seed(test::seed());
  }

  std::vector<TokenId> random_ids(int64_t n) {
    std::vector<TokenId> ids(static_cast<std::size_t>(n));
    for (TokenId& id : ids) id = static_cast<TokenId>(rng_() % 512);
    return ids;
  }

  /// One pass over one text, and the sum of what its logits say.
  TextScore plain(const ScoredText& text) {
    KvCache cache(model_.network->kv_shape(KvFormat::kF32), 512, ctx_.shared_device());
    Batch batch;
    cache.append(cache.create(), text.ids, Logits::kAll, batch);
    const Tensor logits = to_host(model_.network->forward(batch, cache.storage(), ctx_));
    TextScore score;
    for (std::size_t i = static_cast<std::size_t>(text.from); i < text.ids.size(); ++i) {
      const std::span<const float> row(logits.data<float>() + (i - 1) * 512, 512);
      const auto next = static_cast<std::size_t>(text.ids[i]);
      double sum = 0;
      for (const float logit : row) sum += std::exp(static_cast<double>(logit) - row[next]);
      score.logprob -= std::log(sum);
      score.greedy_tokens += argmax(row) == text.ids[i] ? 1 : 0;
      ++score.tokens;
    }
    return score;
  }

  /// Groups of all shapes: lone texts, texts that end where others go on, equal ones, and a
  /// beginning that all share.
  std::vector<Scorer::Group> groups() {
    const auto trunk = random_ids(70);
    std::vector<Scorer::Group> out;
    for (int g = 0; g < 9; ++g) {
      std::vector<TokenId> prompt = trunk;
      const auto own = random_ids(1 + static_cast<int64_t>(rng_() % 90));
      prompt.insert(prompt.end(), own.begin(), own.end());
      Scorer::Group group;
      for (int c = 0; c < 1 + g % 4; ++c) {
        ScoredText text{.ids = prompt, .from = static_cast<int64_t>(prompt.size())};
        const auto rest = random_ids(1 + static_cast<int64_t>(rng_() % (g == 0 ? 100 : 5)));
        text.ids.insert(text.ids.end(), rest.begin(), rest.end());
        group.push_back(text);
      }
      if (group.size() > 2) group[1].ids.resize(prompt.size() + 1);
      if (group.size() > 2) group[2] = group[1];
      out.push_back(group);
    }
    out.push_back({{.ids = random_ids(150), .from = 1}});
    out.push_back({});
    return out;
  }

  Context ctx_{ContextOptions{.threads = 2, .dtype = DType::kF32}};
  Model model_;
  std::mt19937_64 rng_;
};

TEST_F(ScorerTest, ScoresAreSumsOverLogits) {
  const auto all = groups();
  Scorer scorer(model_, ctx_, {.context = 512, .kv = KvFormat::kF32});
  const auto scores = scorer.score(all);
  ASSERT_EQ(scores.size(), all.size());
  for (std::size_t g = 0; g < all.size(); ++g) {
    ASSERT_EQ(scores[g].size(), all[g].size());
    for (std::size_t t = 0; t < all[g].size(); ++t) {
      const TextScore want = plain(all[g][t]);
      EXPECT_NEAR(scores[g][t].logprob, want.logprob, 1e-12 * std::abs(want.logprob));
      EXPECT_EQ(scores[g][t].tokens, want.tokens);
      EXPECT_EQ(scores[g][t].greedy_tokens, want.greedy_tokens);
    }
  }
  EXPECT_GT(scorer.stats().shared_tokens, 500);
}

TEST_F(ScorerTest, AVisitHandsOverTheLogitsOfEveryScoredTokenOnceAndInOrder) {
  const auto all = groups();
  Scorer scorer(model_, ctx_, {.context = 512, .cache_positions = 3000, .kv = KvFormat::kF32});
  const auto want = scorer.score(all);
  std::vector<std::vector<TextScore>> got(all.size());
  for (std::size_t g = 0; g < all.size(); ++g) got[g].resize(all[g].size());
  std::size_t passes = 0;
  const auto take = [&](const PassLogits& pass) {
    EXPECT_EQ(pass.vocab_size, 512);
    for (const PassLogits::Asked& a : pass.asked) {
      const ScoredText& text = all[a.group][a.text];
      TextScore& score = got[a.group][a.text];
      EXPECT_EQ(a.index, text.from + score.tokens);
      const TokenId next = text.ids[static_cast<std::size_t>(a.index)];
      const auto row = pass.row(a.row);
      score.logprob += row[static_cast<std::size_t>(next)] - log_sum_exp(row);
      score.greedy_tokens += argmax(row) == next ? 1 : 0;
      ++score.tokens;
    }
  };
  scorer.visit(all, take, [&] { ++passes; });
  EXPECT_GT(passes, 1u);
  for (std::size_t g = 0; g < all.size(); ++g) {
    for (std::size_t t = 0; t < all[g].size(); ++t) {
      EXPECT_EQ(got[g][t].logprob, want[g][t].logprob);
      EXPECT_EQ(got[g][t].greedy_tokens, want[g][t].greedy_tokens);
      EXPECT_EQ(got[g][t].tokens, std::ssize(all[g][t].ids) - all[g][t].from);
    }
  }
}

TEST_F(ScorerTest, TheSameBitsAloneTogetherAndInAnyCache) {
  const auto all = groups();
  Scorer large(model_, ctx_, {.context = 512, .kv = KvFormat::kF32});
  const auto want = large.score(all);
  for (const int64_t positions : {0, 1500, 3000}) {
    Scorer small(model_, ctx_,
                 {.context = 400, .cache_positions = positions, .kv = KvFormat::kF32});
    std::size_t passes = 0;
    for (std::size_t g = 0; g < all.size(); ++g) {
      if (positions == 0 && all[g].size() > 1) continue;  // needs more than one text
      const auto got = small.score(std::span(all).subspan(g, 1), [&] { ++passes; });
      for (std::size_t t = 0; t < all[g].size(); ++t) {
        EXPECT_EQ(got[0][t].logprob, want[g][t].logprob) << g << " " << t;
      }
    }
    EXPECT_GT(passes, 0u);
    if (positions == 0) continue;
    const auto waves = small.score(all);
    for (std::size_t g = 0; g < all.size(); ++g) {
      for (std::size_t t = 0; t < all[g].size(); ++t) {
        EXPECT_EQ(waves[g][t].logprob, want[g][t].logprob) << g << " " << t;
      }
    }
  }
}

TEST_F(ScorerTest, AGreedyReplyIsGreedy) {
  // The ids of "Once upon a time, there was" as the model goes on by itself.
  const ScoredText greedy{.ids = {1, 403, 407, 261, 378, 432, 383, 286}, .from = 5};
  ScoredText other = greedy;
  other.ids.back() = 287;
  Scorer scorer(model_, ctx_, {.context = 64, .kv = KvFormat::kF32});
  const std::vector<Scorer::Group> group{{greedy, other}};
  const auto scores = scorer.score(group);
  EXPECT_TRUE(scores[0][0].is_greedy());
  EXPECT_FALSE(scores[0][1].is_greedy());
  EXPECT_GT(scores[0][0].logprob, scores[0][1].logprob);
}

TEST_F(ScorerTest, AnExceptionFromTheCallerLeavesItUsable) {
  const auto all = groups();
  Scorer scorer(model_, ctx_, {.context = 512, .cache_positions = 3000, .kv = KvFormat::kF32});
  const auto want = scorer.score(all);
  int calls = 0;
  EXPECT_THROW(scorer.score(all,
                            [&] {
                              if (++calls == 3) throw Cancelled("stop");
                            }),
               Cancelled);
  const auto again = scorer.score(all);
  for (std::size_t g = 0; g < all.size(); ++g) {
    for (std::size_t t = 0; t < all[g].size(); ++t) {
      EXPECT_EQ(again[g][t].logprob, want[g][t].logprob);
    }
  }
}

TEST_F(ScorerTest, RefusesWhatCannotBeScored) {
  Scorer scorer(model_, ctx_, {.context = 8, .cache_positions = 1, .kv = KvFormat::kF32});
  const auto score = [&](const Scorer::Group& group) { scorer.score(std::span(&group, 1)); };
  PANGU_EXPECT_ERROR(score({{.ids = {}, .from = 1}}), InputError, "0 tokens");
  PANGU_EXPECT_ERROR(score({{.ids = {1, 2}, .from = 0}}), InputError, "token 0 on");
  PANGU_EXPECT_ERROR(score({{.ids = {1, 2}, .from = 2}}), InputError, "token 2 on");
  PANGU_EXPECT_ERROR(score({{.ids = {1, 512}}}), InputError, "512", "0 to 511");
  PANGU_EXPECT_ERROR(score({{.ids = std::vector<TokenId>(10, 1)}}), InputError, "10 tokens",
                     "--ctx");
  const Scorer::Group many(9, {.ids = std::vector<TokenId>(8, 1)});
  PANGU_EXPECT_ERROR(score(many), OutOfMemory, "9 texts");
}

}  // namespace
}  // namespace pangu
