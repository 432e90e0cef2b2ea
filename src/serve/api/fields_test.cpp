// SPDX-License-Identifier: Apache-2.0
#include "serve/api/fields.h"

#include <gmock/gmock.h>

#include "serve/api/chat_messages.h"
#include "serve/api_error.h"

namespace pangu::serve {
namespace {

using testing::HasSubstr;

/// The key that is blamed and the message.
template <class Work>
std::pair<std::string, std::string> refusal(Work work) {
  try {
    work();
  } catch (const ApiError& error) {
    EXPECT_EQ(error.status, 400);
    return {error.param, error.what()};
  }
  ADD_FAILURE() << "nothing was refused";
  return {};
}

TEST(Fields, ValuesAreReadWithinTheirRanges) {
  const OrderedJson json =
      OrderedJson::parse(R"({"i": 5, "whole": 100.0, "n": 0.5, "b": true, "s": "x",
                                    "l": ["a", "b"], "o": {"k": 1}, "null": null})");
  Fields fields(json);
  EXPECT_EQ(fields.integer("i", 0, 9), 5);
  EXPECT_EQ(fields.integer("whole", 0, 100), 100);
  EXPECT_EQ(fields.number("n", 0, 1), 0.5);
  EXPECT_EQ(fields.boolean("b"), true);
  EXPECT_EQ(fields.text("s"), "x");
  EXPECT_THAT(fields.texts("l", 2), testing::ElementsAre("a", "b"));
  EXPECT_THAT(fields.texts("s", 2), testing::ElementsAre("x"));
  EXPECT_EQ(fields.integer("null", 0, 1), std::nullopt);
  EXPECT_EQ(fields.text("absent"), std::nullopt);
  EXPECT_EQ(fields.object("o")->integer("k", 0, 1), 1);
  EXPECT_EQ(fields.unused(), "");
}

TEST(Fields, WrongValuesAreRefusedByName) {
  const OrderedJson json = OrderedJson::parse(
      R"({"i": 5, "f": 1.5, "s": "5", "big": 1e300, "huge": 18446744073709551615, "l": ["a", 1],
          "o": {"k": "x"}})");
  Fields fields(json);
  EXPECT_EQ(refusal([&] { fields.integer("i", 6, 9); }).first, "i");
  EXPECT_EQ(refusal([&] { fields.integer("f", 0, 9); }).first, "f");
  EXPECT_EQ(refusal([&] { fields.integer("s", 0, 9); }).first, "s");
  EXPECT_EQ(refusal([&] { fields.integer("big", 0, INT64_MAX); }).first, "big");
  EXPECT_EQ(refusal([&] { fields.integer("huge", 0, INT64_MAX); }).first, "huge");
  EXPECT_EQ(refusal([&] { fields.number("s", 0, 9); }).first, "s");
  EXPECT_EQ(refusal([&] { fields.boolean("i"); }).first, "i");
  EXPECT_EQ(refusal([&] { fields.text("i"); }).first, "i");
  EXPECT_EQ(refusal([&] { fields.texts("l", 5); }).first, "l");
  EXPECT_EQ(refusal([&] { fields.object("i"); }).first, "i");
  EXPECT_EQ(refusal([&] { fields.object("o")->integer("k", 0, 1); }).first, "o.k");
  EXPECT_THAT(refusal([&] { fields.integer("i", 6, 9); }).second, HasSubstr("6 to 9"));
}

TEST(Fields, TellWhatNobodyAskedFor) {
  const OrderedJson json =
      OrderedJson::parse(R"({"known": 1, "other": 2, "third": 3, "bad\r\nkey": 4})");
  Fields fields(json);
  fields.integer("known", 0, 9);
  fields.ignore({"third"});
  EXPECT_EQ(fields.unused(), "other");
  fields.note_unused("tools.1", "web_search");
  fields.note_unused("tools.2", "odd\r\nname");
  EXPECT_EQ(fields.unused(), "other, tools.1.web_search, tools.2.?");
  for (int i = 0; i < 1000; ++i) fields.note_unused("tools.3", "web_search");
  EXPECT_LE(fields.unused().size(), 2000u + 100);
}

TEST(Fields, BodiesAreObjectsOfJson) {
  for (const char* body : {"", "[]", "1", "{", "{\"a\": 1, \"a\": 2}", "\xff"}) {
    refusal([&] { parse_body(body); });
  }
  refusal([&] { parse_body(std::string(100'000, '[')); });
  // In time for the square of its keys, an object with many would hold a thread for minutes.
  Json wide = Json::object();
  for (int i = 0; i < 1000; ++i) wide["k" + std::to_string(i)] = i;
  EXPECT_EQ(parse_body(wide.dump()).size(), 1000u);
  wide["one more"] = 1;
  EXPECT_THAT(refusal([&] { parse_body(wide.dump()); }).second, HasSubstr("more than 1000 keys"));
  EXPECT_EQ(parse_body("{\"a\": 1}")["a"], 1);
}

ChatRequest chat(const char* text) {
  const OrderedJson json = OrderedJson::parse(text);
  Fields body(json);
  return read_chat(body);
}

TEST(ChatMessages, AllFormsOfContentAreRead) {
  const ChatRequest request = chat(R"({"messages": [
      {"role": "developer", "content": "rules"},
      {"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "input_text", "text": "b"}]},
      {"role": "assistant", "content": null, "tool_calls": [{"id": "1"}]},
      {"role": "tool", "content": "r", "tool_call_id": "1", "name": "f"},
      {"role": "assistant", "content": "The answer"}],
      "reasoning_effort": "none"})");
  ASSERT_EQ(request.messages.size(), 4u);
  EXPECT_EQ(request.messages[0].role, "system");
  EXPECT_EQ(request.messages[1].content, "ab");
  EXPECT_EQ(request.messages[2].tool_calls, R"([{"id":"1"}])");
  EXPECT_EQ(request.messages[3].extra, R"({"tool_call_id":"1"})");
  EXPECT_EQ(request.answer, "The answer");
  EXPECT_EQ(request.options.thinking, Thinking::kFast);
}

TEST(ChatMessages, ToolsKeepTheOrderOfTheirKeys) {
  const std::string tools =
      R"([{"type":"function","function":{"name":"f","description":"d","arguments":{"z":1,"a":2}}}])";
  const std::string body =
      R"({"messages": [{"role": "user", "content": "x"}], "tools": )" + tools + "}";
  EXPECT_EQ(chat(body.c_str()).options.tools, tools);
  const std::string none = body.substr(0, body.size() - 1) + R"(, "tool_choice": "none"})";
  EXPECT_EQ(chat(none.c_str()).options.tools, "");
}

TEST(ChatMessages, WrongConversationsAreRefusedByName) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({})", "messages"},
      {R"({"messages": []})", "messages"},
      {R"({"messages": "x"})", "messages"},
      {R"({"messages": ["x"]})", "messages.0"},
      {R"({"messages": [{"content": "x"}]})", "messages.0.role"},
      {R"({"messages": [{"role": "king", "content": "x"}]})", "messages.0.role"},
      {R"({"messages": [{"role": "user"}]})", "messages.0.content"},
      {R"({"messages": [{"role": "user", "content": 5}]})", "messages.0.content"},
      {R"({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]})",
       "messages.0.content.0.type"},
      {R"({"messages": [{"role": "user", "content": [{"type": "text"}]}]})",
       "messages.0.content.0.text"},
      {R"({"messages": [{"role": "assistant", "content": "x"}]})", "messages"},
      {R"({"messages": [{"role": "user", "content": "x"}], "reasoning_effort": "huge"})",
       "reasoning_effort"},
      {R"({"messages": [{"role": "user", "content": "x"}], "chat_template_kwargs": 1})",
       "chat_template_kwargs"},
      {R"({"messages": [{"role": "user", "content": "x"}], "tools": 1})", "tools"},
      {R"({"messages": [{"role": "user", "content": "x"}], "tools": [{"type": "web"}]})",
       "tools.0.type"},
      {R"({"messages": [{"role": "user", "content": "x"}], "tools": [{"type": "function"}]})",
       "tools.0.function.name"},
      {R"({"messages": [{"role": "user", "content": "x"}], "tool_choice": "must"})", "tool_choice"},
      {R"({"messages": [{"role": "user", "content": "x"}], "tool_choice": "required"})",
       "tool_choice"},
      {R"({"messages": [{"role": "user", "content": "x"}],
           "tools": [{"type": "function", "function": {"name": "f", "parameters": "x"}}]})",
       "tools.0.function.parameters"},
  };
  for (const auto& [body, param] : cases) {
    EXPECT_EQ(refusal([&, text = body] { chat(text); }).first, param) << body;
  }
}

}  // namespace
}  // namespace pangu::serve
