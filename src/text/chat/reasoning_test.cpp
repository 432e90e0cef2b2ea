// SPDX-License-Identifier: Apache-2.0
// Whole texts by hand, and streams against whole texts.
#include "text/chat/reasoning.h"

#include <random>

#include "tests/support/letters_tokenizer.h"
#include "tests/support/support.h"

namespace pangu {
namespace {

using test::LettersTokenizer;

TEST(Reasoning, WholeTextsAreCutAtTheirMarkers) {
  EXPECT_EQ(split_reasoning("[unused16]5*4=20[unused17]#### 20"),
            (ReplyParts{"5*4=20", "#### 20"}));
  EXPECT_EQ(split_reasoning("<think>\nhm\n</think>\n\nyes\n"), (ReplyParts{"hm", "yes\n"}));
  EXPECT_EQ(split_reasoning(" \n[THINK]a\n\nb[/THINK] c"), (ReplyParts{"a\n\nb", "c"}));
  EXPECT_EQ(split_reasoning("[unused16][unused17]at once"), (ReplyParts{"", "at once"}));
  EXPECT_EQ(split_reasoning("<think>\n\n</think>\n\n"), (ReplyParts{"", ""}));
}

TEST(Reasoning, CodeKeepsTheIndentationOfItsFirstLine) {
  EXPECT_EQ(split_reasoning("<think>a</think>\n \n    x = 1\n    return x"),
            (ReplyParts{"a", "    x = 1\n    return x"}));
}

TEST(Reasoning, UnfinishedReasoningIsNoAnswer) {
  EXPECT_EQ(split_reasoning("<think>and so on"), (ReplyParts{"and so on", ""}));
  EXPECT_EQ(split_reasoning("[unused16]"), (ReplyParts{"", ""}));
}

TEST(Reasoning, MarkersWithinAnAnswerAreText) {
  for (const char* text : {"", "  plain \n", "write </think> after it", "a <think>b</think>",
                           "[unused17]x", "<thin"}) {
    EXPECT_EQ(split_reasoning(text), (ReplyParts{"", text})) << text;
  }
  EXPECT_EQ(split_reasoning("<think>a</think>b</think>c"), (ReplyParts{"a", "b</think>c"}));
}

/// The parts of a reply that comes in the given pieces.
ReplyParts streamed(ReasoningSplitter& splitter, const std::vector<std::string>& pieces) {
  ReplyParts out;
  const auto add = [&](const ReplyParts& parts) {
    out.reasoning += parts.reasoning;
    out.answer += parts.answer;
  };
  for (const std::string& piece : pieces) add(splitter.take(piece));
  add(splitter.flush());
  return out;
}

TEST(Reasoning, SpelledMarkersAreFoundHoweverTheTextIsCut) {
  const LettersTokenizer letters;
  std::mt19937_64 random(test::seed());
  const std::vector<std::string> parts = {"<think>", "</think>", "<think", "<", "</", "a",
                                          "b c",     "\n",       " ",      ">", "é"};
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    std::vector<std::string> pieces;
    for (std::size_t n = random() % 8; n > 0; --n) text += parts[random() % parts.size()];
    for (std::size_t at = 0; at < text.size(); at += pieces.back().size()) {
      pieces.push_back(text.substr(at, 1 + random() % 5));
    }
    ReasoningSplitter splitter(letters, {});
    EXPECT_EQ(streamed(splitter, pieces), split_reasoning(text)) << text;
  }
}

TEST(Reasoning, TokensCountAndTextsThatLookLikeThemDoNot) {
  const LettersTokenizer pangu({"[unused16]", "[unused17]"});
  const TokenId begin = 256, end = 257;
  ReasoningSplitter splitter(pangu, {});
  EXPECT_TRUE(splitter.is_marker(begin) && splitter.is_marker(end));
  EXPECT_FALSE(splitter.is_marker('a'));
  EXPECT_EQ(splitter.take(" [unused16]x"), (ReplyParts{"", " [unused16]x"}));
  splitter.turn(begin);
  EXPECT_TRUE(splitter.is_reasoning());
  EXPECT_EQ(splitter.take("\n[unused17]1 \n"), (ReplyParts{"[unused17]1", ""}));
  EXPECT_EQ(splitter.take("2 "), (ReplyParts{" \n2", ""}));
  EXPECT_EQ(splitter.flush(), (ReplyParts{"", ""}));  // the blank at its end
  splitter.turn(end);
  EXPECT_EQ(splitter.take(" \n"), (ReplyParts{"", ""}));
  EXPECT_EQ(splitter.take("y "), (ReplyParts{"", "y "}));
  // A second thought goes where the first went.
  splitter.turn(begin);
  EXPECT_EQ(splitter.take("z"), (ReplyParts{"z", ""}));
}

TEST(Reasoning, ATemplateMayHaveBegunIt) {
  const LettersTokenizer qwen({"<think>", "</think>"}), plain;
  const auto inside = [](const Tokenizer& t, std::string_view prompt) {
    const auto ids = t.encode(prompt);
    return ReasoningSplitter(t, ids).is_reasoning();
  };
  EXPECT_TRUE(inside(qwen, "Hi\nassistant<think>\n"));
  EXPECT_TRUE(inside(plain, "Hi\nassistant<think>\n"));
  EXPECT_FALSE(inside(qwen, "Hi\nassistant<think>\n\n</think>\n\n"));
  EXPECT_FALSE(inside(plain, "<think> is a tag. assistant:"));
  EXPECT_FALSE(inside(plain, ""));
  const auto ids = plain.encode("assistant<think>\n");
  ReasoningSplitter splitter(plain, ids);
  EXPECT_EQ(streamed(splitter, {"why", "</th", "ink>\n", "so"}), (ReplyParts{"why", "so"}));
}

}  // namespace
}  // namespace pangu
