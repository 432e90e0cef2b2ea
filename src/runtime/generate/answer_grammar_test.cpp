// SPDX-License-Identifier: Apache-2.0
// Replies that a grammar holds, whose model wants something else; no model is behind them.
#include "runtime/generate/answer_grammar.h"

#include <gmock/gmock.h>

#include <cmath>
#include <memory>

#include "runtime/generate/reply.h"
#include "tests/support/letters_tokenizer.h"
#include "tests/support/predicate_grammar.h"
#include "tests/support/support.h"

namespace pangu {
namespace {

using test::LettersTokenizer;
using test::PredicateGrammar;

constexpr TokenId kEnd = 258;

std::shared_ptr<const Tokenizer> thinking_letters() {
  return std::make_shared<LettersTokenizer>(
      std::vector<std::string>{"[unused16]", "[unused17]", "<end>"});
}

std::shared_ptr<const OutputGrammar> words(const std::shared_ptr<const Tokenizer>& tokenizer,
                                           std::vector<std::string> list) {
  return std::make_shared<PredicateGrammar>(tokenizer, test::one_of_words(std::move(list)));
}

/// What a model would say: at each place the tokens that it likes, best first.
using Wishes = std::vector<std::vector<TokenId>>;

Wishes wishes(std::string_view text) {
  Wishes out;
  for (const TokenId id : LettersTokenizer({"[unused16]", "[unused17]", "<end>"}).encode(text)) {
    out.push_back({id});
  }
  return out;
}

/// The greedy reply of such a model, which past its wishes likes the end best.
Generation held_reply(const std::shared_ptr<const Tokenizer>& tokenizer, const Wishes& likes,
                      GenerateOptions options, std::string_view prompt = "q") {
  Model model;
  model.tokenizer = tokenizer;
  check_generate_options(model, options);
  const std::vector<TokenId> eos = {kEnd};
  const Sampler sampler({.temperature = 0.0f});
  TokenHistory history = sampler.make_history();
  SamplerScratch scratch;
  Reply reply(model, options, eos, tokenizer->encode(prompt), 40, {});
  for (bool more = true; more;) {
    std::vector<float> logits(static_cast<std::size_t>(tokenizer->vocab_size()));
    const std::size_t at = reply.result.ids.size();
    float wish = 10;
    for (const TokenId id : at < likes.size() ? likes[at] : std::vector{kEnd}) {
      logits[static_cast<std::size_t>(id)] = wish--;
    }
    const TokenId id = reply.choose(sampler, logits, history, scratch);
    history.push(id);
    more = reply.push(id, logits);
  }
  reply.finish();
  return std::move(reply.result);
}

TEST(AnswerGrammar, OnlyAllowedTokensComeAndTheReplyEndsWhereNothingElseCan) {
  const auto t = thinking_letters();
  const Generation g = held_reply(t, wishes("maybe"), {.grammar = words(t, {"yes", "no"})});
  EXPECT_EQ(g.text, "no");  // no wish is allowed at first: the lowest id of equal ones
  EXPECT_EQ(g.ids.size(), 2u);
  EXPECT_EQ(g.finish_reason, FinishReason::kStop);
  EXPECT_FALSE(g.context_full);
}

TEST(AnswerGrammar, TheEndComesOnlyWhereTheGrammarMayEnd) {
  const auto t = thinking_letters();
  // The model wants to end at once, then likes 'x'.
  const Wishes eager = {{kEnd, 'a'}, {kEnd, 'b'}, {kEnd}};
  EXPECT_EQ(held_reply(t, eager, {.grammar = words(t, {"ab", "abc"})}).text, "ab");
  const Generation g = held_reply(t, eager, {.grammar = words(t, {"ab", "abc"})});
  EXPECT_EQ(g.ids, (std::vector<TokenId>{'a', 'b', kEnd}));
  // Without the end-of-text token it goes on as long as it can.
  EXPECT_EQ(held_reply(t, eager, {.ignore_eos = true, .grammar = words(t, {"ab", "abc"})}).text,
            "abc");
  // A stop token is one, though the grammar could read it.
  const Generation stopped =
      held_reply(t, wishes("abb"), {.stop_tokens = {'b'}, .grammar = words(t, {"abc", "ad"})});
  EXPECT_EQ(stopped.text, "ad");
}

TEST(AnswerGrammar, ThinkingIsFreeAndTheGrammarBeginsBehindIt) {
  const auto t = thinking_letters();
  GenerateOptions o{.split_reasoning = true, .grammar = words(t, {"yes", "no"})};
  const Generation g = held_reply(t, wishes("[unused16]hm, no?[unused17]yup"), o);
  EXPECT_EQ(g.reasoning, "hm, no?");
  EXPECT_EQ(g.text, "yes");
  EXPECT_EQ(g.ids.size(), 1 + 7 + 1 + 3u);
  // Thinking does not end the reply, which would then have no answer.
  const Generation tired = held_reply(t, wishes("[unused16]hm<end>?[unused17]yup"), o);
  EXPECT_EQ(tired.text, "yes");
  // A line break may stand before the answer, one that no grammar speaks of.
  const Generation broken = held_reply(t, wishes("[unused16]hm[unused17]\n\nyup"), o);
  EXPECT_EQ(broken.text, "no");  // the second one was not to come, nor 'y' then
  EXPECT_EQ(broken.ids[4], '\n');
  EXPECT_EQ(held_reply(t, wishes("[unused16]hm[unused17]\nyup"), o).text, "yes");
  EXPECT_EQ(held_reply(t, wishes("\nyup"), o).text, "no");
  // Once the answer has begun, or was thought about, there is no more thinking.
  EXPECT_EQ(held_reply(t, wishes("y[unused16]a[unused17]"), o).text, "yes");
  const Generation twice = held_reply(t, wishes("[unused16]a[unused17][unused16]n"), o);
  EXPECT_EQ(twice.reasoning, "a");
  EXPECT_EQ(twice.text, "no");
  // The prompt may have opened it; a budget closes it.
  EXPECT_EQ(held_reply(t, wishes("so[unused17]y"), o, "q[unused16]").text, "yes");
  o.think_budget = 2;
  const Generation closed = held_reply(t, wishes("abcdyup"), o, "q[unused16]");
  EXPECT_EQ(closed.reasoning, "ab");
  EXPECT_EQ(closed.text, "yes");  // behind a line break, the lowest id of those liked alike
}

TEST(AnswerGrammar, MarkersThatAreTextMayComeOrTurnOutToBeTheAnswer) {
  const auto t = std::make_shared<LettersTokenizer>(std::vector<std::string>{"x", "y", "<end>"},
                                                    "a template with </think>");
  GenerateOptions o{.split_reasoning = true, .grammar = words(t, {"<this>", "no"})};
  const Wishes thinks = wishes("<think>no!</think>no");
  const Generation g = held_reply(t, thinks, o);
  EXPECT_EQ(g.reasoning, "no!");
  EXPECT_EQ(g.text, "no");
  EXPECT_EQ(held_reply(t, wishes("<this>"), o).text, "<this>");
  // A template that knows of no thinking opens none.
  const auto plain =
      std::make_shared<LettersTokenizer>(std::vector<std::string>{"x", "y", "<end>"});
  o.grammar = words(plain, {"no"});
  EXPECT_EQ(held_reply(plain, thinks, o).text, "no");
}

/// A vocabulary with a token that has the end of a marker in it.
class JoinedTokenizer : public LettersTokenizer {
 public:
  JoinedTokenizer() : LettersTokenizer({">so", ">\n", "<end>"}, "a template with </think>") {}
  bool is_special(TokenId id) const override { return id == kEnd; }
  bool ends_run(TokenId id) const override { return id == kEnd; }
};

TEST(AnswerGrammar, NothingOfTheAnswerEscapesItBehindAMarker) {
  const auto t = std::make_shared<JoinedTokenizer>();
  GenerateOptions o{.split_reasoning = true, .grammar = words(t, {"no"})};
  Wishes thinks = wishes("<think>so</think");
  thinks.push_back({256, '>'});
  EXPECT_EQ(held_reply(t, thinks, o).text, "no");
  EXPECT_EQ(held_reply(t, thinks, o).reasoning, "so");
  thinks.back() = {257, '>'};  // blanks may be there
  const Generation g = held_reply(t, thinks, o);
  EXPECT_EQ(g.ids[thinks.size() - 1], 257);
  EXPECT_EQ(g.text, "no");
  o.grammar = nullptr;
  thinks.back() = {256, '>'};
  EXPECT_EQ(held_reply(t, thinks, o).text, "so");
}

TEST(AnswerGrammar, LogProbabilitiesAreThoseOfTheModel) {
  const auto t = thinking_letters();
  Model model;
  model.tokenizer = t;
  const GenerateOptions o{.top_logprobs = 1, .grammar = words(t, {"b"})};
  std::vector<GeneratedToken> tokens;
  Reply reply(model, o, {}, t->encode("q"), 10,
              [&](const GeneratedToken& token) { tokens.push_back(token); });
  std::vector<float> logits(static_cast<std::size_t>(t->vocab_size()), -1000.0f);
  logits['a'] = logits['b'] = 1.0f;
  const Sampler sampler({.temperature = 0.0f});
  TokenHistory history = sampler.make_history();
  SamplerScratch scratch;
  ASSERT_EQ(reply.choose(sampler, logits, history, scratch), 'b');
  reply.push('b', logits);
  ASSERT_EQ(tokens.size(), 1u);
  EXPECT_NEAR(tokens[0].logprob.value(), std::log(0.5), 1e-6);
  EXPECT_EQ(tokens[0].top.at(0).id, 'a');
}

TEST(AnswerGrammar, WhatCannotBeIsRefused) {
  const auto t = thinking_letters();
  Model model;
  model.tokenizer = t;
  const auto other = std::make_shared<LettersTokenizer>();
  PANGU_EXPECT_ERROR(check_generate_options(model, {.grammar = words(other, {"a"})}), ConfigError,
                     "256 tokens", "has 259");
  PANGU_EXPECT_ERROR(check_generate_options(model, {.grammar = words(t, {"a"}), .replay = {1}}),
                     ConfigError, "`replay`");
  const auto nothing = std::make_shared<PredicateGrammar>(
      t, [](std::string_view text) { return test::TextState{.may_go_on = text == "a"}; });
  PANGU_EXPECT_ERROR(held_reply(t, {}, {.grammar = nothing}), InputError,
                     "no token of the vocabulary goes on");
}

}  // namespace
}  // namespace pangu
