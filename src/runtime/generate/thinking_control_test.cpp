// SPDX-License-Identifier: Apache-2.0
// Thinking that is closed, on replies whose tokens come from a recording.
#include "runtime/generate/thinking_control.h"

#include <gmock/gmock.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "runtime/generate/reply.h"
#include "tests/support/letters_tokenizer.h"
#include "tests/support/support.h"

namespace pangu {
namespace {

using test::LettersTokenizer;
constexpr TokenId kThoughtEnd = 257;

std::shared_ptr<const Tokenizer> pangu_letters() {
  return std::make_shared<LettersTokenizer>(std::vector<std::string>{"[unused16]", "[unused17]"});
}

/// For a model whose markers are text.
std::shared_ptr<const Tokenizer> spelling_letters() {
  return std::make_shared<LettersTokenizer>(std::vector<std::string>{}, "</think>");
}

/// A reply whose model would choose `ids`, place by place, whatever came before. `before` is called
/// with the number of each.
Generation written(
    const std::shared_ptr<const Tokenizer>& tokenizer, std::vector<TokenId> ids,
    GenerateOptions options, std::string_view prompt = "q",
    const std::function<void(std::size_t)>& before = [](std::size_t) {}) {
  Model model;
  model.tokenizer = tokenizer;
  const std::vector<float> logits(static_cast<std::size_t>(tokenizer->vocab_size()));
  const std::size_t most = ids.size();
  options.replay = std::move(ids);
  check_generate_options(model, options);
  const Sampler sampler({.temperature = 0.0f});
  TokenHistory history = sampler.make_history();
  SamplerScratch scratch;
  std::string text, reasoning;
  Reply reply(model, options, {}, tokenizer->encode(prompt), 100000,
              [&](const GeneratedToken& token) {
                text += token.text;
                reasoning += token.reasoning;
              });
  for (std::size_t i = 0; i < most; ++i) {
    before(i);
    const TokenId id = reply.choose(sampler, logits, history, scratch);
    history.push(id);
    if (!reply.push(id, logits)) break;
  }
  reply.finish();
  EXPECT_EQ(text, reply.result.text);
  EXPECT_EQ(reasoning, reply.result.reasoning);
  return std::move(reply.result);
}

std::vector<TokenId> letters(std::string_view text) {
  return LettersTokenizer({"[unused16]", "[unused17]"}).encode(text);
}

TEST(ThinkBudget, ClosesThinkingAndTheAnswerFollows) {
  const auto ids = letters("[unused16]abcdefghijk");
  const Generation g = written(pangu_letters(), ids, {.split_reasoning = true, .think_budget = 4});
  EXPECT_EQ(g.ids, letters("[unused16]abcd[unused17]fghijk"));
  EXPECT_EQ(g.reasoning, "abcd");
  EXPECT_EQ(g.text, "fghijk");
  EXPECT_EQ(g.thinking_tokens, 4);
  EXPECT_EQ(g.answer_tokens, 6);
  EXPECT_EQ(g.thinking_end, ThinkingEnd::kBudget);
  // It is known from the tokens, split or not.
  const Generation whole = written(pangu_letters(), ids, {.think_budget = 4});
  EXPECT_EQ(whole.ids, g.ids);
  EXPECT_EQ(whole.thinking_end, ThinkingEnd::kBudget);
  EXPECT_EQ(whole.text, "abcdfghijk");
}

TEST(ThinkBudget, OfNoneClosesAtOnce) {
  EXPECT_EQ(written(pangu_letters(), letters("[unused16]abc"), {.think_budget = 0}).ids,
            letters("[unused16][unused17]bc"));
  const Generation g =
      written(pangu_letters(), letters("abc"), {.think_budget = 0}, "q[unused16]\n");
  EXPECT_EQ(g.ids, letters("[unused17]bc"));
  EXPECT_EQ(g.thinking_tokens, 0);
  EXPECT_EQ(g.thinking_end, ThinkingEnd::kBudget);
}

TEST(ThinkBudget, LeavesThinkingThatEndsInTimeAlone) {
  for (const std::int64_t budget : {-1, 4, 100}) {
    const auto ids = letters("[unused16]abc[unused17]and the answer");
    const Generation g = written(pangu_letters(), ids, {.think_budget = budget});
    EXPECT_EQ(g.ids, ids) << budget;
    EXPECT_EQ(g.thinking_end, ThinkingEnd::kModel);
    EXPECT_EQ(g.thinking_tokens, 3);
    EXPECT_EQ(g.answer_tokens, 14);
  }
  const Generation g = written(pangu_letters(), letters("no thinking"), {.think_budget = 0});
  EXPECT_EQ(g.text, "no thinking");
  EXPECT_EQ(g.thinking_end, ThinkingEnd::kNone);
  EXPECT_EQ(g.answer_tokens, 11);
}

TEST(ThinkBudget, CountsAllThinkingOfAReply) {
  const auto ids = letters("[unused16]ab[unused17]c[unused16]defgh");
  const Generation g = written(pangu_letters(), ids, {.think_budget = 3});
  EXPECT_EQ(g.ids, letters("[unused16]ab[unused17]c[unused16]d[unused17]fgh"));
  EXPECT_EQ(g.thinking_tokens, 3);
}

TEST(ThinkBudget, CountsIntoTheReply) {
  const auto ids = letters("[unused16]abcdef");
  const Generation g = written(pangu_letters(), ids, {.max_tokens = 4, .think_budget = 2});
  EXPECT_EQ(g.ids, letters("[unused16]ab[unused17]"));
  EXPECT_EQ(g.finish_reason, FinishReason::kLength);
  EXPECT_EQ(g.thinking_end, ThinkingEnd::kBudget);
  const Generation cut = written(pangu_letters(), ids, {.max_tokens = 3, .think_budget = 2});
  EXPECT_EQ(cut.ids, letters("[unused16]ab"));
  EXPECT_EQ(cut.thinking_end, ThinkingEnd::kUnfinished);
  EXPECT_EQ(cut.answer_tokens, 0);
}

TEST(ThinkBudget, StopsAreThoseOfAMarkerThatTheModelWrote) {
  const auto ids = letters("[unused16]abcdef");
  const Generation token =
      written(pangu_letters(), ids, {.stop_tokens = {kThoughtEnd}, .think_budget = 2});
  EXPECT_EQ(token.ids, letters("[unused16]ab[unused17]"));
  EXPECT_EQ(token.finish_reason, FinishReason::kStop);
  // What might have become a stop text is thought, and is not lost at the marker.
  const Generation held =
      written(pangu_letters(), ids, {.stop = {"bz"}, .split_reasoning = true, .think_budget = 2});
  EXPECT_EQ(held.reasoning, "ab");
  EXPECT_EQ(held.text, "def");
  const Generation stopped =
      written(pangu_letters(), ids, {.stop = {"ef"}, .split_reasoning = true, .think_budget = 2});
  EXPECT_EQ(stopped.text, "d");
}

TEST(ThinkBudget, FinishesACharacterFirst) {
  const auto ids = letters("[unused16]a\xe6\x80\x9d\xe6\x80\x9d");
  for (const std::int64_t budget : {2, 3, 4}) {
    const Generation g =
        written(pangu_letters(), ids, {.split_reasoning = true, .think_budget = budget});
    EXPECT_EQ(g.reasoning, "a\xe6\x80\x9d") << budget;
    EXPECT_EQ(g.ids[5], kThoughtEnd);
    EXPECT_EQ(g.thinking_tokens, 4);
  }
}

TEST(ThinkBudget, SpellsAMarkerOfSeveralTokens) {
  const auto ids = letters("<think>ab, cdefghijklmnopqrstuvw");
  const Generation g =
      written(spelling_letters(), ids, {.split_reasoning = true, .think_budget = 3});
  EXPECT_EQ(g.ids, letters("<think>ab,</think>jklmnopqrstuvw"));
  EXPECT_EQ(g.reasoning, "ab,");
  EXPECT_EQ(g.text, "jklmnopqrstuvw");
  EXPECT_EQ(g.thinking_tokens, 3);
  EXPECT_EQ(g.answer_tokens, 14);
  EXPECT_EQ(g.thinking_end, ThinkingEnd::kBudget);
  const Generation raw =
      written(spelling_letters(), ids, {.stop = {"</think>"}, .think_budget = 3});
  EXPECT_EQ(raw.text, "<think>ab,");
  EXPECT_EQ(raw.finish_reason, FinishReason::kStop);
}

TEST(ThinkBudget, GoesOnWithAMarkerThatIsBegun) {
  const Generation g = written(spelling_letters(), letters("<think>ab</th and so on and on"),
                               {.split_reasoning = true, .think_budget = 6});
  EXPECT_EQ(g.ids, letters("<think>ab</think> so on and on"));
  EXPECT_EQ(g.reasoning, "ab");
  EXPECT_EQ(g.thinking_tokens, 2);
}

TEST(ThinkBudget, IsRefusedWhereItCannotBeKept) {
  const auto plain = std::make_shared<LettersTokenizer>();
  PANGU_EXPECT_ERROR(written(plain, {'a'}, {.think_budget = 5}), ConfigError,
                     "no markers of thinking");
  PANGU_EXPECT_ERROR(check_think_budget(nullptr, 0), ConfigError, "no markers of thinking");
  PANGU_EXPECT_ERROR(written(pangu_letters(), {'a'}, {.think_budget = -2}), ConfigError,
                     "think_budget is -2");
  check_think_budget(nullptr, -1);
  /// Knows no '>', as a vocabulary of words may not.
  class Mute : public LettersTokenizer {
   public:
    Mute() : LettersTokenizer({}, "</think>") {}
    std::vector<TokenId> encode(std::span<const TextPiece>, const EncodeOptions&) const override {
      return {'?'};
    }
  };
  PANGU_EXPECT_ERROR(check_think_budget(std::make_unique<Mute>().get(), 3), ConfigError,
                     "cannot spell </think>");
}

/// What is thought before a loop: numbers, so that no stretch is there twice. Where it is cut, no
/// blank is at its end, which a splitter would leave out.
std::string honest_thought(std::size_t size) {
  std::string out;
  for (int i = 0; out.size() < size; ++i) out += "step_" + std::to_string(i * 7919) + ";+";
  out.resize(size);
  return out;
}

std::string cycle(int period, std::size_t size) {
  const std::string once = honest_thought(3000).substr(1000, static_cast<std::size_t>(period));
  std::string out;
  while (out.size() < size) out += once;
  out.resize(size);
  return out;
}

TEST(ThinkLoops, AreClosed) {
  for (const std::size_t before : {0, 20, 700}) {
    for (const int period : {1, 7, 40, 150, 512}) {
      const std::string honest = honest_thought(before);
      const auto ids = letters("[unused16]" + honest + cycle(period, 3000));
      const Generation g = written(pangu_letters(), ids, {.split_reasoning = true});
      EXPECT_EQ(g.thinking_end, ThinkingEnd::kLoop) << before << " before " << period;
      // The end of what came before may look like a part of the loop.
      const auto latest = std::ssize(honest) + std::max(256, 4 * period);
      EXPECT_LE(g.thinking_tokens, latest);
      EXPECT_GT(g.thinking_tokens, latest - 40);
      EXPECT_EQ(g.ids[static_cast<std::size_t>(g.thinking_tokens) + 1], kThoughtEnd);
      EXPECT_EQ(std::ssize(g.ids), std::ssize(ids));
      EXPECT_EQ(std::ssize(g.reasoning), g.thinking_tokens);
      EXPECT_THAT(g.reasoning, testing::StartsWith(honest));
    }
  }
}

TEST(ThinkLoops, AreLeftAloneWhereThatIsAskedForAndInAnswers) {
  const auto loop = letters("[unused16]" + cycle(7, 1000));
  const Generation kept = written(pangu_letters(), loop, {.end_think_loops = false});
  EXPECT_EQ(kept.ids, loop);
  EXPECT_EQ(kept.thinking_end, ThinkingEnd::kUnfinished);
  const auto answer = letters("[unused16]ab[unused17]" + cycle(7, 1000));
  const Generation g = written(pangu_letters(), answer, {});
  EXPECT_EQ(g.ids, answer);
  EXPECT_EQ(g.thinking_end, ThinkingEnd::kModel);
}

TEST(ThinkLoops, AreToldFromABudget) {
  const auto loop = letters("[unused16]" + cycle(7, 1000));
  EXPECT_EQ(written(pangu_letters(), loop, {.think_budget = 255}).thinking_end,
            ThinkingEnd::kBudget);
  EXPECT_EQ(written(pangu_letters(), loop, {.think_budget = 257}).thinking_end, ThinkingEnd::kLoop);
  const Generation spelled =
      written(spelling_letters(), letters("<think>" + cycle(7, 1000)), {.split_reasoning = true});
  EXPECT_EQ(spelled.thinking_end, ThinkingEnd::kLoop);
  EXPECT_EQ(spelled.thinking_tokens, 256);
}

TEST(ThinkLoops, BeginAnewWithEachThinking) {
  std::string text;
  for (int i = 0; i < 3; ++i) text += "[unused16]" + cycle(7, 200) + "[unused17]ok";
  const auto ids = letters(text);
  const Generation g = written(pangu_letters(), ids, {});
  EXPECT_EQ(g.ids, ids);
  EXPECT_EQ(g.thinking_tokens, 600);
}

TEST(ThinkRequests, CloseThinkingFromThereOn) {
  std::stop_source end;
  const auto ids = letters("[unused16]abcdef[unused17]gh[unused16]ij");
  const Generation g =
      written(pangu_letters(), ids, {.end_thinking = end.get_token()}, "q", [&](std::size_t i) {
        if (i == 3) end.request_stop();
      });
  // The token that was being computed comes first; what would be thought later is closed at once.
  EXPECT_EQ(g.ids, letters("[unused16]abc[unused17]ef[unused17]gh[unused16][unused17]j"));
  EXPECT_EQ(g.thinking_end, ThinkingEnd::kRequest);
  // An answer goes on, and so does what a model without markers writes.
  std::stop_source at_once;
  at_once.request_stop();
  const GenerateOptions o{.end_thinking = at_once.get_token()};
  EXPECT_EQ(written(pangu_letters(), letters("abc"), o).ids, letters("abc"));
  const auto plain = std::make_shared<LettersTokenizer>(std::vector<std::string>{});
  EXPECT_EQ(written(plain, letters("abc"), o).ids, letters("abc"));
}

TEST(ThinkingEnds, HaveNames) {
  EXPECT_EQ(name(ThinkingEnd::kNone), "none");
  EXPECT_EQ(name(ThinkingEnd::kModel), "model");
  EXPECT_EQ(name(ThinkingEnd::kBudget), "budget");
  EXPECT_EQ(name(ThinkingEnd::kLoop), "loop");
  EXPECT_EQ(name(ThinkingEnd::kRequest), "request");
  EXPECT_EQ(name(ThinkingEnd::kUnfinished), "unfinished");
}

}  // namespace
}  // namespace pangu
