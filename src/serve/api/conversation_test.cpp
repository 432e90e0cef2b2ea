// SPDX-License-Identifier: Apache-2.0
#include "serve/api/conversation.h"

#include <gtest/gtest.h>

#include "serve/testing/refused_key.h"

namespace pangu::serve {
namespace {

TEST(Conversation, PiecesOfOneTurnAreOneMessage) {
  Conversation c;
  EXPECT_TRUE(c.empty());
  c.add("user", "Where?");
  c.add_reasoning("a");
  c.add_reasoning("b");
  c.add_answer("I look.");
  c.add_call("1", "find", R"({"x": 1})");
  c.add_call("2", "find", "{}");
  c.add_result("1", "there");
  c.add_result("2", "nowhere");
  c.add_reasoning("c");
  const ChatRequest chat = c.finish("messages");
  ASSERT_EQ(chat.messages.size(), 4u);
  const Message& turn = chat.messages[1];
  EXPECT_EQ(turn.role, "assistant");
  EXPECT_EQ(turn.content, "I look.");
  EXPECT_EQ(Json::parse(turn.extra), Json({{"reasoning_content", "a\nb"}}));
  const Json calls = Json::parse(turn.tool_calls);
  ASSERT_EQ(calls.size(), 2u);
  EXPECT_EQ(calls[0], Json({{"id", "1"},
                            {"type", "function"},
                            {"function", {{"name", "find"}, {"arguments", R"({"x": 1})"}}}}));
  EXPECT_EQ(chat.messages[3].role, "tool");
  EXPECT_EQ(chat.messages[3].content, "nowhere");
  EXPECT_EQ(Json::parse(chat.messages[3].extra), Json({{"tool_call_id", "2"}}));
  EXPECT_EQ(chat.answer, "");
}

TEST(Conversation, ATurnEndsWhereItsPiecesComeOutOfOrder) {
  Conversation c;
  c.add("user", "q");
  c.add_call("1", "f", "{}");
  c.add_answer("said later");
  c.add_reasoning("thought later");
  c.add_answer("and");
  c.add_answer("so on");
  c.add("user", "r");
  const ChatRequest chat = c.finish("messages");
  ASSERT_EQ(chat.messages.size(), 5u);
  EXPECT_EQ(Json::parse(chat.messages[1].extra), Json({{"content", nullptr}}));
  EXPECT_EQ(chat.messages[2].content, "said later");
  EXPECT_EQ(chat.messages[3].content, "and\nso on");
}

TEST(Conversation, ALastTextOfTheAssistantBeginsTheReply) {
  Conversation c;
  c.add("user", "q");
  c.add_answer("It is");
  const ChatRequest chat = c.finish("messages");
  EXPECT_EQ(chat.messages.size(), 1u);
  EXPECT_EQ(chat.answer, "It is");

  Conversation alone;
  alone.add_answer("It is");
  EXPECT_EQ(test::refused_key([&] { alone.finish("input"); }), "input");
}

}  // namespace
}  // namespace pangu::serve
