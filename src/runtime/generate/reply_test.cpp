// SPDX-License-Identifier: Apache-2.0
// How a reply takes its tokens, without a model behind them.
#include "runtime/generate/reply.h"

#include <memory>

#include "tests/support/letters_tokenizer.h"
#include "tests/support/support.h"

namespace pangu {
namespace {

constexpr TokenId kThink = 256, kAnswer = 257, kCall = 258, kCallEnd = 259;

/// What openPangu's vocabulary has.
std::shared_ptr<const Tokenizer> reply_letters() {
  const std::vector<std::string> markers = {"[unused16]", "[unused17]", "[unused11]", "[unused12]"};
  return std::make_shared<test::LettersTokenizer>(markers, "{{ '[unused9]' }}");
}

/// A reply to `prompt` that took the letters and markers of `ids`.
Generation reply_of(const std::vector<TokenId>& ids, GenerateOptions options,
                    std::string_view prompt = "q", int64_t room = 1000) {
  Model model;
  model.tokenizer = reply_letters();
  check_generate_options(model, options);
  const auto prompt_ids = model.tokenizer->encode(prompt);
  std::string text, reasoning;
  std::vector<ToolCall> calls;
  Reply reply(model, options, {}, prompt_ids, room, [&](const GeneratedToken& token) {
    text += token.text;
    reasoning += token.reasoning;
    for (const ToolCallDelta& delta : token.tool_calls) add_delta(calls, delta);
  });
  for (const TokenId id : ids) {
    if (!reply.push(id, {})) break;
  }
  reply.finish();
  // What came token by token is what there is in the end.
  EXPECT_EQ(text, reply.result.text);
  EXPECT_EQ(reasoning, reply.result.reasoning);
  EXPECT_EQ(calls, reply.result.tool_calls);
  return std::move(reply.result);
}

const std::vector<TokenId> kThought = {kThink, 'a', ' ', 'b', '\n', kAnswer, '\n', 'y', 'e', 's'};

TEST(ReplyParts, AreToldApartWhereThatIsAskedFor) {
  const Generation g = reply_of(kThought, {.split_reasoning = true});
  EXPECT_EQ(g.reasoning, "a b");
  EXPECT_EQ(g.text, "yes");
  const Generation whole = reply_of(kThought, {});
  EXPECT_EQ(whole.reasoning, "");
  EXPECT_EQ(whole.text, "a b\n\nyes");  // markers are special here, and leave no trace
}

TEST(ReplyParts, StopTextsCountInBothAndNeverAcross) {
  EXPECT_EQ(reply_of(kThought, {.stop = {"ye"}, .split_reasoning = true}).text, "");
  const Generation thought = reply_of(kThought, {.stop = {" b"}, .split_reasoning = true});
  EXPECT_EQ(thought.reasoning, "a");
  EXPECT_EQ(thought.text, "");
  EXPECT_EQ(thought.stop_text, " b");
  EXPECT_EQ(reply_of(kThought, {.stop = {"es", "ye"}, .split_reasoning = true}).stop_text, "ye");
  EXPECT_EQ(reply_of(kThought, {.stop = {"no"}, .split_reasoning = true}).stop_text, "");
  EXPECT_EQ(reply_of(kThought, {.stop = {"b\n\ny"}, .split_reasoning = true}).text, "yes");
  // What might have been the beginning of one is not lost at the marker.
  EXPECT_EQ(reply_of({kThink, 'a', 'x', kAnswer, 'y'}, {.stop = {"xz"}, .split_reasoning = true})
                .reasoning,
            "ax");
}

TEST(ReplyParts, AContextThatIsFullIsNotAskedForLength) {
  const std::vector<TokenId> ids(10, 'x');
  EXPECT_FALSE(reply_of(ids, {.max_tokens = 4}).context_full);
  EXPECT_FALSE(reply_of(ids, {.max_tokens = 4}, "q", 4).context_full);
  for (const std::int64_t most : {-1, 5}) {
    const Generation g = reply_of(ids, {.max_tokens = most}, "q", 4);
    EXPECT_TRUE(g.context_full) << most;
    EXPECT_EQ(g.finish_reason, FinishReason::kLength);
    EXPECT_EQ(g.text, "xxxx");
  }
}

/// Letters as ids, behind others.
std::vector<TokenId> with_letters(std::vector<TokenId> ids, std::string_view text) {
  for (const char c : text) ids.push_back(static_cast<unsigned char>(c));
  return ids;
}

GenerateOptions with_tools() {
  GenerateOptions options;
  options.split_reasoning = options.split_tool_calls = true;
  return options;
}

TEST(ReplyToolCalls, AreToldFromTextWhereThatIsAskedFor) {
  std::vector<TokenId> ids = with_letters(kThought, "\n");
  ids.push_back(kCall);
  ids = with_letters(ids, R"([{"name": "f", "arguments": {"a": "é"}}])");
  ids.push_back(kCallEnd);
  const Generation g = reply_of(ids, with_tools());
  EXPECT_EQ(g.reasoning, "a b");
  EXPECT_EQ(g.text, "yes");
  ASSERT_EQ(g.tool_calls.size(), 1u);
  EXPECT_EQ(g.tool_calls[0].name, "f");
  EXPECT_EQ(g.tool_calls[0].arguments, R"({"a": "é"})");
  EXPECT_TRUE(g.tool_calls[0].is_complete);
  // Without it the markers are special tokens, which leave no trace.
  const Generation whole = reply_of(ids, {.split_reasoning = true});
  EXPECT_EQ(whole.text, "yes\n[{\"name\": \"f\", \"arguments\": {\"a\": \"é\"}}]");
  EXPECT_TRUE(whole.tool_calls.empty());
}

TEST(ReplyToolCalls, HaveIdsThatPromptAndSeedDecide) {
  std::vector<TokenId> ids = with_letters({kCall}, "f|{}");
  const auto id = [&](std::string_view prompt, std::uint64_t seed) {
    GenerateOptions options = with_tools();
    options.sampling.seed = seed;
    return reply_of(ids, options, prompt).tool_calls.at(0).id;
  };
  EXPECT_EQ(id("q", 1), id("q", 1));
  EXPECT_NE(id("q", 1), id("q", 2));
  EXPECT_NE(id("q", 1), id("r", 1));
}

TEST(ReplyToolCalls, AreNoneWhileTheModelThinks) {
  std::vector<TokenId> ids = with_letters({kThink, kCall}, "f|{}");
  ids.push_back(kAnswer);
  const Generation g = reply_of(with_letters(ids, "x"), with_tools());
  EXPECT_EQ(g.reasoning, "f|{}");
  EXPECT_EQ(g.text, "x");
  EXPECT_TRUE(g.tool_calls.empty());
}

TEST(ReplyToolCalls, EndWithThinkingThatFollows) {
  std::vector<TokenId> ids = with_letters({kCall}, "f|{\"a\":");
  ids.push_back(kThink);
  const Generation g = reply_of(with_letters(ids, "hm"), with_tools());
  ASSERT_EQ(g.tool_calls.size(), 1u);
  EXPECT_FALSE(g.tool_calls[0].is_complete);
  EXPECT_EQ(g.reasoning, "hm");
}

TEST(ReplyToolCalls, ThatAreNoneAreTextAndNothingIsHeldBackAtTheEnd) {
  EXPECT_EQ(reply_of(with_letters({kCall}, "what"), with_tools()).text, "[unused11]what");
  EXPECT_EQ(reply_of(with_letters({kCall}, "[{\"na"), with_tools()).text, "[unused11][{\"na");
  // A stop text counts in arguments, too, and never across a marker.
  GenerateOptions options = with_tools();
  options.stop = {"END", "x{"};
  const Generation cut = reply_of(with_letters({kCall}, "f|{\"a\":\"END\"}"), options);
  EXPECT_EQ(cut.tool_calls.at(0).arguments, "{\"a\":\"");
  EXPECT_EQ(cut.finish_reason, FinishReason::kStop);
  const std::vector<TokenId> across = {'x', kCall};
  EXPECT_EQ(reply_of(with_letters(across, "{\"name\":\"f\"}"), options).tool_calls.size(), 1u);
}

TEST(ReplyToolCalls, AreRefusedWhereNobodyKnowsHowTheyAreWritten) {
  Model model;
  model.tokenizer = std::make_shared<test::LettersTokenizer>();
  PANGU_EXPECT_ERROR(check_generate_options(model, with_tools()), Unsupported, "calls of tools");
}

}  // namespace
}  // namespace pangu
