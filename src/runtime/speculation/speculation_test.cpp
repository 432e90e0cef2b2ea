// SPDX-License-Identifier: Apache-2.0
// Replies with speculation are those without, bit for bit, whoever drafts and however right or
// wrong; and `auto` learns what pays.
#include "runtime/speculation/speculation.h"

#include <gtest/gtest.h>

#include <array>
#include <stdexcept>
#include <stop_token>

#include "runtime/generate/batch_generator.h"
#include "runtime/generate/generator.h"
#include "tests/support/random_checkpoint.h"
#include "tests/support/reply_record.h"
#include "tests/support/support.h"

namespace pangu {
namespace {

constexpr int64_t kSpeculationContext = 300;
constexpr std::array kModes = {SpeculationMode::kLookup, SpeculationMode::kSuffix,
                               SpeculationMode::kDraft, SpeculationMode::kSelf,
                               SpeculationMode::kAuto};

class SpeculationTest : public testing::Test {
 protected:
  void SetUp() override {
    PANGU_NEEDS_SHARED_DATA();
    const auto folder = test::shared_dir() / "models" / "stories260K";
    model_ = load_model(folder, {}, ctx_);
    // Its own draft, but for the weights' format: nearly always right, never the same arithmetic.
    draft_ = load_model(folder, {.formats = WeightFormats::parse("q4_0", "", "")}, ctx_);
    for (const char* text : {"Once upon a time", "Lily and Tom, Lily and Tom, Lily and", "A",
                             "The dog ran. The cat ran. The dog ran. The cat ran. The dog"}) {
      prompts_.push_back(model_.tokenizer->encode(text));
    }
  }

  /// Greedy, sampled, and with every option that changes what may be drawn.
  static std::vector<GenerateOptions> all_options() {
    std::vector<GenerateOptions> out(5);
    out[1].sampling = {.temperature = 1.0f, .seed = 1};
    out[2].sampling = {.temperature = 0.8f, .top_k = 20, .top_p = 0.9f, .seed = 2};
    out[3].sampling = {.temperature = 1.2f, .min_p = 0.05f, .repetition_penalty = 1.3f, .seed = 3};
    out[4].sampling = {.temperature = 0.7f,
                       .presence_penalty = 0.5f,
                       .frequency_penalty = 0.3f,
                       .penalty_last_n = 20,
                       .seed = 4};
    for (GenerateOptions& o : out) {
      o.max_tokens = test::takes_fewer() ? 16 : 120;
      o.ignore_eos = true;
      o.top_logprobs = 1;
    }
    return out;
  }

  Generator generator(SpeculationMode mode, int64_t context = kSpeculationContext) {
    return Generator(model_, ctx_, context, KvFormat::kBF16, {.mode = mode}, draft_of(mode));
  }
  const Model* draft_of(SpeculationMode mode) const {
    const bool drafts = mode == SpeculationMode::kDraft || mode == SpeculationMode::kAuto;
    return drafts ? &draft_ : nullptr;
  }

  using Record = test::ReplyRecord;
  static Record record(Generator& generator, const std::vector<TokenId>& prompt,
                       const GenerateOptions& options, SpeculationStats* stats = nullptr) {
    Record out;
    const Generation g = generator.generate(prompt, options, out.on_token());
    out.finish(g);
    if (stats) stats->add(g.speculation);
    return out;
  }

  /// Plain decoding of every prompt with the first options, then with the next, and so on.
  std::vector<Record> plain_records() {
    std::vector<Record> out;
    Generator plain = generator(SpeculationMode::kOff);
    for (const GenerateOptions& options : all_options()) {
      for (const auto& prompt : prompts_) out.push_back(record(plain, prompt, options));
    }
    return out;
  }

  Context ctx_{{.threads = 2}};
  Model model_, draft_;
  std::vector<std::vector<TokenId>> prompts_;
};

TEST_F(SpeculationTest, RepliesAreThoseOfPlainDecoding) {
  const std::vector<Record> want = plain_records();
  for (const SpeculationMode mode : kModes) {
    Generator fast = generator(mode);
    SpeculationStats stats;
    auto expected = want.begin();
    for (const GenerateOptions& options : all_options()) {
      for (const auto& prompt : prompts_) {
        SCOPED_TRACE(std::string(name(mode)));
        ASSERT_EQ(record(fast, prompt, options, &stats), *expected++);
      }
    }
    // Or nothing was tested. `auto` goes by the clock: on a machine that is busy it may not draft.
    if (mode != SpeculationMode::kAuto) {
      if (mode != SpeculationMode::kSelf) {
        EXPECT_GT(stats.accepted, 0) << name(mode);
      }
      EXPECT_GT(stats.drafted, stats.accepted) << name(mode);
    }
    EXPECT_GE(stats.tokens, stats.accepted + stats.passes - 1) << name(mode);
  }
}

TEST_F(SpeculationTest, TurnsOfAChatBeginWhereTheLastOneEnded) {
  Generator plain = generator(SpeculationMode::kOff);
  for (const SpeculationMode mode : kModes) {
    Generator fast = generator(mode);
    std::vector<TokenId> chat = prompts_[0];
    for (int turn = 0; turn < 4; ++turn) {
      SCOPED_TRACE(std::string(name(mode)) + " " + std::to_string(turn));
      GenerateOptions options{.max_tokens = 30, .ignore_eos = true};
      const Record want = record(plain, chat, options);
      ASSERT_EQ(record(fast, chat, options), want);
      chat.insert(chat.end(), want.ids.begin(), want.ids.end() - turn);  // not all of it
      chat.insert(chat.end(), prompts_[1].begin(), prompts_[1].begin() + 4);
    }
  }
}

TEST_F(SpeculationTest, RepliesInABatchAreThoseOfPlainDecoding) {
  const auto options = all_options();
  const std::vector<Record> want = plain_records();
  for (const SpeculationMode mode : kModes) {
    for (const int64_t cache :
         {int64_t{4} * kSpeculationContext, kSpeculationContext}) {  // with evictions, too
      SCOPED_TRACE(std::string(name(mode)) + " " + std::to_string(cache));
      BatchGenerator together(model_, ctx_,
                              {.max_replies = 4,
                               .context = kSpeculationContext,
                               .cache_positions = cache,
                               .kv = KvFormat::kBF16,
                               .speculation = {.mode = mode}},
                              draft_of(mode));
      std::vector<std::vector<TokenId>> got(prompts_.size() * options.size());
      for (std::size_t i = 0; i < got.size(); ++i) {
        together.submit(prompts_[i % prompts_.size()], options[i / prompts_.size()]);
      }
      SpeculationStats stats;
      for (bool more = true; more;) {
        more = together.step();
        for (auto& [number, generation] : together.take_finished()) {
          got[static_cast<std::size_t>(number)] = generation.ids;
          stats.add(generation.speculation);
        }
      }
      for (std::size_t i = 0; i < got.size(); ++i) {
        ASSERT_EQ(got[i], want[i].ids) << i;
      }
      if (mode == SpeculationMode::kDraft) {
        EXPECT_GT(stats.accepted, 0);
      }
    }
  }
}

TEST_F(SpeculationTest, ABatchMayBeAbandonedWhileItIsWritten) {
  for (const SpeculationMode mode : kModes) {
    BatchGenerator together(
        model_, ctx_,
        {.max_replies = 2, .context = kSpeculationContext, .speculation = {.mode = mode}},
        draft_of(mode));
    for (const auto& prompt : prompts_) together.submit(prompt, all_options()[0]);
    for (int step = 0; step < 6; ++step) EXPECT_TRUE(together.step());
  }
}

TEST_F(SpeculationTest, LimitsEndAReplyInTheMiddleOfADraft) {
  Generator plain = generator(SpeculationMode::kOff, 40);
  for (const SpeculationMode mode : kModes) {
    Generator fast = generator(mode, 40);
    for (int64_t n = 0; n < 12; ++n) {
      GenerateOptions options{.max_tokens = n};
      ASSERT_EQ(record(fast, prompts_[1], options), record(plain, prompts_[1], options)) << n;
    }
    const GenerateOptions full{.ignore_eos = true};  // until the context is full
    ASSERT_EQ(record(fast, prompts_[1], full), record(plain, prompts_[1], full));
    const GenerateOptions stop{.max_tokens = 30, .stop = {"."}};
    ASSERT_EQ(record(fast, prompts_[3], stop), record(plain, prompts_[3], stop));
    ASSERT_EQ(record(fast, prompts_[0], full), record(plain, prompts_[0], full));
  }
}

TEST_F(SpeculationTest, CancellingOrThrowingInTheMiddleOfADraftLeavesTheCacheUsable) {
  Generator plain = generator(SpeculationMode::kOff);
  const GenerateOptions options{.max_tokens = 60};
  const Record want = record(plain, prompts_[1], options);
  for (const SpeculationMode mode : kModes) {
    Generator fast = generator(mode);
    for (const int at : {1, 4, 9, 17, 18, 19, 20}) {
      if (test::takes_fewer() && at % 9 != 0) continue;
      std::stop_source source;
      GenerateOptions cancelled = options;
      cancelled.cancel = source.get_token();
      int tokens = 0;
      const Generation g = fast.generate(prompts_[1], cancelled, [&](const GeneratedToken&) {
        if (++tokens == at) source.request_stop();
      });
      EXPECT_EQ(g.finish_reason, FinishReason::kCancelled);
      EXPECT_TRUE(std::equal(g.ids.begin(), g.ids.end(), want.ids.begin()));
      tokens = 0;
      EXPECT_THROW(fast.generate(prompts_[1], options,
                                 [&](const GeneratedToken&) {
                                   if (++tokens == at) throw std::runtime_error("enough");
                                 }),
                   std::runtime_error);
      ASSERT_EQ(record(fast, prompts_[1], options), want) << name(mode) << " at " << at;
    }
  }
}

TEST_F(SpeculationTest, ARecordingReplacesTheChoicesAndNothingElse) {
  Generator fast = generator(SpeculationMode::kLookup);
  GenerateOptions options{.max_tokens = 64, .ignore_eos = true};
  for (int i = 0; i < 64; ++i) options.replay.push_back(10 + i % 8);
  SpeculationStats stats;
  EXPECT_EQ(record(fast, prompts_[0], options, &stats).ids, options.replay);
  EXPECT_GT(stats.tokens_per_pass(), 3);
  EXPECT_GT(stats.acceptance(), 0.8);
}

TEST_F(SpeculationTest, AutoStopsAskingADrafterThatIsAlwaysWrong) {
  Generator fast = generator(SpeculationMode::kAuto);
  GenerateOptions options{.max_tokens = 250, .ignore_eos = true};
  // Every token follows each other token once: what came before says nothing.
  for (int i = 0; i < 250; ++i) options.replay.push_back(10 + (i * i / 2 + i * 7) % 400);
  SpeculationStats stats;
  record(fast, prompts_[0], options, &stats);
  EXPECT_LT(stats.drafted, stats.tokens / 4);
}

TEST_F(SpeculationTest, WhatCannotWorkIsRefused) {
  const auto make = [&](SpeculationOptions o, const Model* draft = nullptr) {
    Generator(model_, ctx_, kSpeculationContext, KvFormat::kBF16, o, draft);
  };
  PANGU_EXPECT_ERROR(make({.mode = SpeculationMode::kLookup, .tokens = 0}), ConfigError, "0 tokens",
                     "1 to 32");
  PANGU_EXPECT_ERROR(make({.mode = SpeculationMode::kLookup, .tokens = 33}), ConfigError, "33");
  PANGU_EXPECT_ERROR(make({.mode = SpeculationMode::kLookup, .ngram = 0}), ConfigError, "0 tokens");
  PANGU_EXPECT_ERROR(make({.mode = SpeculationMode::kDraft}), ConfigError, "needs a draft model");
  PANGU_EXPECT_ERROR(make({.mode = SpeculationMode::kSelf, .self_layers = 99}), ConfigError,
                     "first 99 layers");
  PANGU_EXPECT_ERROR(make({.mode = SpeculationMode::kSelf, .self_layers = -1}), ConfigError, "-1");
  const ModelConfig config = test::odd_config();
  const auto source = random_source(config, DType::kF32, 1);
  Model other;
  other.network = load_language_model(config, *source, {}, ctx_);
  PANGU_EXPECT_ERROR(make({.mode = SpeculationMode::kDraft}, &other), ConfigError,
                     "cannot draft for", "same tokenizer");
  PANGU_EXPECT_ERROR(require_speculation_mode("medusa"), ConfigError, "'medusa'", "pld");
}

}  // namespace
}  // namespace pangu
