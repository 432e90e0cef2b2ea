// SPDX-License-Identifier: Apache-2.0
// Answers of a trained model that a grammar holds: always of the language, and the same with and
// without speculation, alone and in a batch, greedy and drawn.
#include <gtest/gtest.h>

#include <filesystem>
#include <regex>
#include <string>
#include <vector>

#include "io/json.h"
#include "pangu/grammar.h"
#include "runtime/generate/chat_prompt.h"
#include "runtime/generate/generator.h"
#include "runtime/model.h"
#include "tests/support/reply_record.h"
#include "tests/support/support.h"

namespace pangu {
namespace {

constexpr int64_t kGrammarContext = 1024;

class GrammarOfAModel : public testing::Test {
 protected:
  std::vector<TokenId> prompt(const char* question, Thinking thinking = Thinking::kFast) const {
    const Message message{.role = "user", .content = question};
    return chat_prompt(model_, std::span(&message, 1), thinking, {}, kGrammarContext);
  }

  Generation reply(const std::vector<TokenId>& ids, const GenerateOptions& options) {
    Generator generator(model_, ctx_, kGrammarContext, KvFormat::kBF16);
    return generator.generate(ids, options, {});
  }

  Context ctx_{ContextOptions{.threads = 2}};
  Model model_ = load_model(std::filesystem::path(PANGU_MODELS_DIR) / "pangu-nano", {}, ctx_);
  GrammarCompiler compiler_{model_.tokenizer};
};

constexpr const char* kSum =
    "Kate buys 5 flowers for 4 yuan each and pays with 82 yuan. How much change does Kate get?";

constexpr const char* kReport = R"({"type": "object", "properties": {
    "answer": {"type": "integer", "minimum": 0, "maximum": 999},
    "unit": {"enum": ["yuan", "flowers"]},
    "sure": {"type": "boolean"},
    "why": {"type": "string", "maxLength": 30},
    "steps": {"type": "array", "items": {"type": "string", "maxLength": 9}, "maxItems": 2}},
  "required": ["answer", "unit", "sure", "why", "steps"], "additionalProperties": false})";

TEST_F(GrammarOfAModel, AnswersAreOfTheSchemaBehindFreeThinking) {
  GenerateOptions o{.max_tokens = 300, .split_reasoning = true};
  const Generation free = reply(prompt(kSum, Thinking::kSlow), o);
  o.grammar = compiler_.json_schema(kReport);
  const Generation g = reply(prompt(kSum, Thinking::kSlow), o);
  EXPECT_EQ(g.reasoning, free.reasoning);
  EXPECT_FALSE(g.reasoning.empty());
  EXPECT_EQ(g.finish_reason, FinishReason::kStop);
  const Json json = Json::parse(g.text, nullptr, false);
  ASSERT_FALSE(json.is_discarded()) << g.text;
  EXPECT_LE(json["answer"].get<int>(), 999);
  EXPECT_LE(json["steps"].size(), 2u);
  EXPECT_EQ(json.size(), 5u);
  o.max_tokens = 800;
  o.think_budget = 20;
  for (std::uint64_t seed = 1; seed < 4; ++seed) {
    o.sampling = {.temperature = 1.5f, .seed = seed};
    const Generation drawn = reply(prompt(kSum), o);
    EXPECT_FALSE(Json::parse(drawn.text, nullptr, false).is_discarded()) << drawn.text;
  }
}

TEST_F(GrammarOfAModel, OtherNotationsHoldAnswers) {
  GenerateOptions o{.max_tokens = 60, .split_reasoning = true};
  o.grammar = compiler_.regex("#### \\d{1,3}");
  EXPECT_TRUE(
      std::regex_match(reply(prompt(kSum, Thinking::kSlow), o).text, std::regex("#### 62")));
  o.grammar = compiler_.choices(std::vector<std::string>{"small", "large", "大"});
  const std::string choice = reply(prompt("Say the opposite: big"), o).text;
  EXPECT_TRUE(choice == "small" || choice == "large" || choice == "大") << choice;
  o.grammar =
      compiler_.gbnf("root ::= \"def \" [a-z_]+ \"(x):\\n    return \" [^\\n]{1,20} \"\\n\"?");
  const std::string code = reply(prompt("写一个函数，返回x加3后再乘3。"), o).text;
  EXPECT_TRUE(code.starts_with("def ")) << code;
}

TEST_F(GrammarOfAModel, WhatASchemaForcesTakesFewPasses) {
  GenerateOptions o{.max_tokens = 200, .grammar = compiler_.json_schema(kReport)};
  const auto stats = [&](SpeculationMode mode) {
    Generator generator(model_, ctx_, kGrammarContext, KvFormat::kBF16,
                        {.mode = mode, .tokens = 16});
    return generator.generate(prompt(kSum), o, {}).speculation;
  };
  const SpeculationStats off = stats(SpeculationMode::kOff);
  EXPECT_GT(off.forced, 5);
  EXPECT_EQ(off.tokens, off.passes + off.forced);
  const SpeculationStats guessed = stats(SpeculationMode::kLookup);
  EXPECT_LT(guessed.passes, off.tokens * 2 / 3);
}

TEST_F(GrammarOfAModel, RepliesAreTheSameHoweverTheyAreComputed) {
  const Model draft = load_model(std::filesystem::path(PANGU_MODELS_DIR) / "pangu-pico", {}, ctx_);
  const std::vector<std::shared_ptr<const OutputGrammar>> grammars = {
      compiler_.json_schema(kReport), compiler_.json_object(),
      compiler_.regex("([a-z]{1,8} ?|\\d){1,60}\\."), nullptr};
  const auto options = [&](std::size_t i) {
    GenerateOptions o{.max_tokens = 80, .top_logprobs = 0, .split_reasoning = true};
    if (i % 2 == 1) o.sampling = {.temperature = 0.9f, .top_p = 0.95f, .seed = i};
    o.grammar = grammars[i % grammars.size()];
    return o;
  };
  std::vector<std::vector<TokenId>> prompts;
  for (std::size_t i = 0; i < (test::takes_fewer() ? 3u : 8u); ++i) {
    prompts.push_back(prompt(i % 3 == 0 ? kSum : "Say the opposite: big",
                             i % 4 < 2 ? Thinking::kFast : Thinking::kSlow));
  }
  std::vector<test::ReplyRecord> want(prompts.size());
  Generator alone(model_, ctx_, kGrammarContext, KvFormat::kBF16);
  for (std::size_t i = 0; i < prompts.size(); ++i) {
    want[i].finish(alone.generate(prompts[i], options(i), want[i].on_token()));
  }
  for (const SpeculationMode mode :
       {SpeculationMode::kOff, SpeculationMode::kLookup, SpeculationMode::kDraft,
        SpeculationMode::kSelf, SpeculationMode::kAuto}) {
    std::vector<test::ReplyRecord> got(prompts.size());
    BatchGenerator batch(
        model_, ctx_, {.max_replies = 3, .context = kGrammarContext, .speculation = {.mode = mode}},
        &draft);
    for (std::size_t i = 0; i < prompts.size(); ++i) {
      batch.submit(prompts[i], options(i), got[i].on_token());
    }
    for (bool more = true; more;) {
      more = batch.step();
      for (auto& [number, g] : batch.take_finished())
        got[static_cast<std::size_t>(number)].finish(g);
    }
    for (std::size_t i = 0; i < want.size(); ++i) EXPECT_EQ(got[i], want[i]) << name(mode) << i;
  }
}

}  // namespace
}  // namespace pangu
