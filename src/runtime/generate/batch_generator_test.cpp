// SPDX-License-Identifier: Apache-2.0
// Replies in a batch against the same replies one by one, bit for bit, whatever the limits.
#include "runtime/generate/batch_generator.h"

#include <gtest/gtest.h>

#include <map>
#include <stdexcept>
#include <string>

#include "runtime/generate/generator.h"
#include "tests/support/predicate_grammar.h"
#include "tests/support/reply_record.h"
#include "tests/support/support.h"

namespace pangu {
namespace {

constexpr int64_t kContext = 200;

class BatchGeneratorTest : public testing::Test {
 protected:
  void SetUp() override {
    PANGU_NEEDS_SHARED_DATA();
    model_ = load_model(test::shared_dir() / "models" / "stories260K", {}, ctx_);
    for (const char* text :
         {"Once upon a time", "Once upon a time, there was a big dog named Max. He", "Lily",
          "The little boy wanted to play with the red ball, but his mother said that it was late "
          "and "
          "that he must go to bed, so the little boy was very sad and",
          "The little boy wanted to play with the red ball, but his mother said that it was late "
          "and "
          "that he must go to school, so the little boy",
          "Tom and"}) {
      prompts_.push_back(model_.tokenizer->encode(text));
    }
  }

  static GenerateOptions options(std::size_t i) {
    GenerateOptions o;
    o.max_tokens = 60 + static_cast<int64_t>(i) * 7;
    o.ignore_eos = true;
    o.top_logprobs = 1;
    if (i % 2 == 1) o.sampling = {.temperature = 1.0f, .top_p = 0.9f, .seed = i};
    if (i % 3 == 2) o.stop = {"."};
    return o;
  }

  using Record = test::ReplyRecord;

  std::vector<Record> one_by_one(int64_t context = kContext) {
    std::vector<Record> out(prompts_.size());
    Generator generator(model_, ctx_, context, KvFormat::kBF16);
    for (std::size_t i = 0; i < prompts_.size(); ++i) {
      out[i].finish(generator.generate(prompts_[i], options(i), out[i].on_token()));
    }
    return out;
  }

  std::vector<Record> together(const BatchGeneratorOptions& o, BatchStats* stats = nullptr) {
    std::vector<Record> out(prompts_.size());
    BatchGenerator generator(model_, ctx_, o);
    for (std::size_t i = 0; i < prompts_.size(); ++i) {
      EXPECT_EQ(generator.submit(prompts_[i], options(i), out[i].on_token()),
                static_cast<int64_t>(i));
    }
    for (bool more = true; more;) {
      more = generator.step();
      EXPECT_LE(static_cast<int64_t>(generator.running()), o.max_replies);
      for (auto& [number, g] : generator.take_finished()) {
        out[static_cast<std::size_t>(number)].finish(g);
        EXPECT_EQ(g.prompt_tokens,
                  static_cast<int64_t>(prompts_[static_cast<std::size_t>(number)].size()));
      }
    }
    if (stats) *stats = generator.stats();
    return out;
  }

  Context ctx_{ContextOptions{.threads = 2}};
  Model model_;
  std::vector<std::vector<TokenId>> prompts_;
};

TEST_F(BatchGeneratorTest, RepliesAreThoseOfOneByOneWhateverTheBatch) {
  const auto want = one_by_one();
  EXPECT_NE(want[0].text, want[1].text);
  for (const int64_t replies : {1, 2, 3, 16}) {
    if (test::takes_fewer() && replies != 3 && replies != 16) continue;
    for (const int64_t pass : {1, 7, 512}) {
      EXPECT_EQ(together({.max_replies = replies, .context = kContext, .pass_tokens = pass}), want)
          << replies << " replies, " << pass << " tokens per pass";
    }
  }
}

TEST_F(BatchGeneratorTest, RepliesThatAGrammarHoldsAreTheSameInEveryBatch) {
  // Words of small letters, ended by a full stop; how many characters depends on who asks.
  std::vector<std::shared_ptr<const OutputGrammar>> grammars;
  for (std::size_t i = 0; i < prompts_.size(); ++i) {
    grammars.push_back(std::make_shared<test::PredicateGrammar>(
        model_.tokenizer, [most = 30 + 10 * i](std::string_view text) {
          const std::size_t letters =
              std::min(text.find_first_not_of("abcdefghijklmnopqrstuvwxyz "), text.size());
          const bool ends = letters + 1 == text.size() && text.back() == '.' && letters > 5;
          return test::TextState{.may_go_on = letters <= most && (letters == text.size() || ends),
                                 .may_end = ends};
        }));
  }
  const auto held = [&](std::size_t i) {
    GenerateOptions o = options(i);
    o.stop = {};
    o.grammar = grammars[i];
    return o;
  };
  std::vector<Record> want(prompts_.size());
  Generator alone(model_, ctx_, kContext, KvFormat::kBF16);
  for (std::size_t i = 0; i < want.size(); ++i) {
    want[i].finish(alone.generate(prompts_[i], held(i), want[i].on_token()));
    EXPECT_EQ(want[i].reason, FinishReason::kStop);
    EXPECT_EQ(want[i].text.back(), '.');
  }
  for (const SpeculationMode mode : {SpeculationMode::kOff, SpeculationMode::kLookup}) {
    std::vector<Record> got(prompts_.size());
    BatchGenerator batch(model_, ctx_,
                         {.max_replies = 4, .context = kContext, .speculation = {.mode = mode}});
    for (std::size_t i = 0; i < got.size(); ++i) {
      batch.submit(prompts_[i], held(i), got[i].on_token());
    }
    for (bool more = true; more;) {
      more = batch.step();
      for (auto& [number, g] : batch.take_finished()) {
        got[static_cast<std::size_t>(number)].finish(g);
      }
    }
    EXPECT_EQ(got, want) << name(mode);
  }
}

TEST_F(BatchGeneratorTest, PromptsShareWhatTheyHaveInCommon) {
  BatchStats stats;
  together({.max_replies = 16, .context = kContext}, &stats);
  const auto common =
      std::mismatch(prompts_[3].begin(), prompts_[3].end(), prompts_[4].begin(), prompts_[4].end())
          .first -
      prompts_[3].begin();
  ASSERT_GE(common, 32);
  EXPECT_EQ(stats.shared_tokens, common / 32 * 32);
  EXPECT_EQ(stats.evictions, 0);
}

TEST_F(BatchGeneratorTest, ASmallCacheEvictsAndChangesNothing) {
  const auto want = one_by_one(128);
  BatchStats stats;
  EXPECT_EQ(together({.max_replies = 16, .context = 128, .cache_positions = 1}, &stats), want);
  EXPECT_GT(stats.evictions, 0);
}

TEST_F(BatchGeneratorTest, CancellingEndsOneReplyAndNoOther) {
  const auto want = one_by_one();
  BatchGenerator generator(model_, ctx_, {.max_replies = 2, .context = kContext});
  std::stop_source stop;
  for (std::size_t i = 0; i < 3; ++i) {
    GenerateOptions o = options(i);
    if (i == 0) o.cancel = stop.get_token();
    generator.submit(prompts_[i], o);
  }
  generator.step();
  generator.step();
  stop.request_stop();
  EXPECT_TRUE(generator.cancel(2));  // it waits
  EXPECT_FALSE(generator.cancel(2));
  EXPECT_FALSE(generator.cancel(77));
  std::map<int64_t, Generation> got;
  for (bool more = true; more;) {
    more = generator.step();
    for (auto& f : generator.take_finished()) got[f.request] = f.generation;
  }
  EXPECT_EQ(got[0].finish_reason, FinishReason::kCancelled);
  EXPECT_EQ(got[0].ids.size(), 2u);
  EXPECT_EQ(got[1].ids, want[1].ids);
  EXPECT_EQ(got[2].finish_reason, FinishReason::kCancelled);
  EXPECT_TRUE(got[2].ids.empty());
}

TEST_F(BatchGeneratorTest, WhatACallbackThrowsEndsItsOwnReplyAlone) {
  const auto want = one_by_one();
  BatchGenerator generator(model_, ctx_, {.max_replies = 4, .context = kContext});
  int calls = 0;
  generator.submit(prompts_[0], options(0), [&](const GeneratedToken&) {
    if (++calls == 3) throw std::runtime_error("enough");
  });
  generator.submit(prompts_[1], options(1));
  std::map<int64_t, Generation> got;
  int thrown = 0;
  for (bool more = true; more;) {
    try {
      more = generator.step();
    } catch (const std::runtime_error& error) {
      EXPECT_STREQ(error.what(), "enough");
      ++thrown;
    }
    for (auto& f : generator.take_finished()) got[f.request] = f.generation;
  }
  EXPECT_EQ(thrown, 1);
  EXPECT_EQ(got[0].finish_reason, FinishReason::kCancelled);
  EXPECT_EQ(got[0].ids.size(), 3u);
  EXPECT_EQ(got[1].ids, want[1].ids);
}

TEST_F(BatchGeneratorTest, KeptRepliesServeLaterPromptsAndChangeNothing) {
  const auto want = one_by_one(128);
  for (const auto kept : {KeepPrefixes::kNo, KeepPrefixes::kYes}) {
    for (const int64_t cache : {128, 16 * 128}) {
      if (test::takes_fewer() && kept == KeepPrefixes::kNo) continue;
      SCOPED_TRACE(testing::Message() << (kept == KeepPrefixes::kYes ? "kept, " : "not kept, ")
                                      << cache << " positions");
      BatchGenerator generator(
          model_, ctx_, {.max_replies = 3, .context = 128, .cache_positions = cache, .keep = kept});
      int64_t shared_at_first = 0;
      for (int round = 0; round < 2; ++round) {
        std::vector<Record> got(prompts_.size());
        int64_t first = 0;
        for (std::size_t i = 0; i < got.size(); ++i) {
          const int64_t number = generator.submit(prompts_[i], options(i), got[i].on_token());
          if (i == 0) first = number;
        }
        for (bool more = true; more;) {
          more = generator.step();
          for (auto& [number, g] : generator.take_finished()) {
            got[static_cast<std::size_t>(number - first)].finish(g);
          }
        }
        EXPECT_EQ(got, want);
        if (round == 0) shared_at_first = generator.stats().shared_tokens;
      }
      const int64_t shared_later = generator.stats().shared_tokens - shared_at_first;
      if (kept == KeepPrefixes::kYes && cache > 128) {
        EXPECT_GT(shared_later, shared_at_first);
      }
    }
  }
}

TEST_F(BatchGeneratorTest, DiscardingSaysNothingAndKeepsNothing) {
  const auto want = one_by_one();
  BatchGenerator generator(model_, ctx_, {.max_replies = 2, .context = kContext});
  int calls = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    generator.submit(prompts_[i], options(i), [&calls, i](const GeneratedToken&) {
      if (i != 1) ++calls;
    });
  }
  generator.step();
  EXPECT_EQ(calls, 1);
  generator.discard(0);
  generator.discard(2);  // it waits
  generator.discard(77);
  while (generator.step()) {
  }
  EXPECT_EQ(calls, 1);
  auto done = generator.take_finished();
  ASSERT_EQ(done.size(), 1u);
  EXPECT_EQ(done[0].request, 1);
  EXPECT_EQ(done[0].generation.ids, want[1].ids);
  generator.submit(prompts_[0], {.max_tokens = 1});
  generator.step();
  generator.discard(3);  // it is over
  EXPECT_TRUE(generator.take_finished().empty());
}

TEST_F(BatchGeneratorTest, ACallbackThatThrowsWhenItsReplyIsCancelledLosesNothing) {
  BatchGenerator generator(model_, ctx_, {.max_replies = 2, .context = kContext});
  GenerateOptions o{.max_tokens = 50};
  // All text might be the beginning of the stop string, and is held back.
  o.stop = {one_by_one()[0].text + "~"};
  generator.submit(prompts_[0], o, [](const GeneratedToken& token) {
    if (token.id < 0) throw std::runtime_error("enough");
  });
  for (int i = 0; i < 5; ++i) generator.step();
  EXPECT_THROW(generator.cancel(0), std::runtime_error);
  EXPECT_EQ(generator.running(), 0u);
  const auto done = generator.take_finished();
  ASSERT_EQ(done.size(), 1u);
  EXPECT_EQ(done[0].generation.finish_reason, FinishReason::kCancelled);
  EXPECT_EQ(done[0].generation.ids.size(), 5u);
}

TEST_F(BatchGeneratorTest, RefusesWhatCannotRun) {
  PANGU_EXPECT_ERROR(BatchGenerator(model_, ctx_, {.max_replies = 0}), ConfigError, "0 replies");
  PANGU_EXPECT_ERROR(BatchGenerator(model_, ctx_, {.context = 0}), ConfigError, "0 positions");
  BatchGenerator generator(model_, ctx_, {.context = 4});
  const std::vector<TokenId> long_prompt(4, 1), wrong(2, 512);
  PANGU_EXPECT_ERROR(generator.submit({}, {}), InputError, "prompt is empty");
  PANGU_EXPECT_ERROR(generator.submit(long_prompt, {}), InputError, "4 tokens", "holds 4");
  PANGU_EXPECT_ERROR(generator.submit(wrong, {}), InputError, "id 512");
  PANGU_EXPECT_ERROR(generator.submit(std::span(wrong).first(1), {.top_logprobs = -2}), Error, "");
  EXPECT_FALSE(generator.step());
}

TEST_F(BatchGeneratorTest, NoTokensAskedForMeansThePromptAlone) {
  BatchGenerator generator(model_, ctx_, {.context = kContext});
  generator.submit(prompts_[0], {.max_tokens = 0});
  while (generator.step()) {
  }
  const auto done = generator.take_finished();
  ASSERT_EQ(done.size(), 1u);
  EXPECT_EQ(done[0].generation.finish_reason, FinishReason::kLength);
  EXPECT_TRUE(done[0].generation.ids.empty());
}

}  // namespace
}  // namespace pangu
