// SPDX-License-Identifier: Apache-2.0
// How a reply takes its tokens, without a model behind them.
#include "runtime/generate/reply.h"

#include <memory>

#include "tests/support/letters_tokenizer.h"
#include "tests/support/support.h"

namespace pangu {
namespace {

constexpr TokenId kThink = 256, kAnswer = 257;

/// A reply to `prompt` that took the letters and markers of `ids`.
Generation reply_of(const std::vector<TokenId>& ids, GenerateOptions options,
                    std::string_view prompt = "q", int64_t room = 1000) {
  Model model;
  model.tokenizer = std::make_shared<test::LettersTokenizer>(
      std::vector<std::string>{"[unused16]", "[unused17]"});
  const auto prompt_ids = model.tokenizer->encode(prompt);
  std::string text, reasoning;
  Reply reply(model, options, {}, prompt_ids, room, [&](const GeneratedToken& token) {
    text += token.text;
    reasoning += token.reasoning;
  });
  for (const TokenId id : ids) {
    if (!reply.push(id, {})) break;
  }
  reply.finish();
  // What came token by token is what there is in the end.
  EXPECT_EQ(text, reply.result.text);
  EXPECT_EQ(reasoning, reply.result.reasoning);
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

}  // namespace
}  // namespace pangu
