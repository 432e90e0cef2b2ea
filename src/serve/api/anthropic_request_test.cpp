// SPDX-License-Identifier: Apache-2.0
#include "serve/api/anthropic_request.h"

#include <gtest/gtest.h>

#include "serve/testing/refused_key.h"

namespace pangu::serve {
namespace {

struct AnthropicRead {
  ChatRequest chat;
  ReplyWishes wishes;
  std::string unused;
};

AnthropicRead read_anthropic(const char* text) {
  const OrderedJson json = OrderedJson::parse(text);
  Fields body(json);
  body.ignore({"model"});
  AnthropicRead out;
  out.wishes = read_anthropic_wishes(body, {.temperature = 0.5f, .top_p = 0.9f}, {});
  out.chat = read_anthropic_chat(body, out.wishes.options);
  out.unused = body.unused();
  return out;
}

std::string anthropic_refusal(const char* text) {
  return test::refused_key([&] { read_anthropic(text); });
}

TEST(AnthropicRequest, HasItsKeysAndTheRestAsAdvised) {
  const AnthropicRead r = read_anthropic(R"({
    "model": "m", "max_tokens": 7, "temperature": 0.25, "top_k": 5, "stream": true,
    "stop_sequences": ["a", "b"], "thinking": {"type": "enabled", "budget_tokens": 2048},
    "messages": [{"role": "user", "content": "Hi"}], "metadata": {"user_id": "u"}})");
  EXPECT_EQ(r.wishes.options.max_tokens, 7);
  EXPECT_EQ(r.wishes.options.sampling.temperature, 0.25f);
  EXPECT_EQ(r.wishes.options.sampling.top_p, 0.9f);
  EXPECT_EQ(r.wishes.options.sampling.top_k, 5);
  EXPECT_EQ(r.wishes.options.stop, (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(r.wishes.options.split_reasoning);
  EXPECT_EQ(r.wishes.options.think_budget, 2048);
  EXPECT_TRUE(r.wishes.stream);
  EXPECT_EQ(r.chat.options.thinking, Thinking::kSlow);
  ASSERT_EQ(r.chat.messages.size(), 1u);
  EXPECT_EQ(r.chat.messages[0].content, "Hi");
  EXPECT_EQ(r.unused, "");
}

TEST(AnthropicRequest, TellsWhatHasNoEffect) {
  const AnthropicRead r = read_anthropic(R"({
    "messages": [{"role": "user", "content": "Hi"}], "thinking": {"type": "disabled", "odd": 1},
    "tools": [{"name": "f", "input_schema": {}, "input_examples": []}], "betas": ["x"]})");
  EXPECT_EQ(r.chat.options.thinking, Thinking::kFast);
  EXPECT_EQ(r.wishes.options.max_tokens, -1);
  EXPECT_EQ(r.unused, "betas, thinking.odd, tools.0.input_examples");
}

TEST(AnthropicRequest, SystemBlocksAreJoinedWithoutWhatOnlyAnthropicReads) {
  const AnthropicRead r = read_anthropic(R"({
    "system": [{"type": "text", "text": "x-anthropic-billing-header: cch=1f2e3;"},
               {"type": "text", "text": "Be short.", "cache_control": {"type": "ephemeral"}},
               {"type": "text", "text": "Be kind."}],
    "messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"},
                 {"role": "user", "content": [{"type": "text", "text": "a"},
                                              {"type": "text", "text": "b"}]},
                 {"role": "system", "content": "9 tokens left"}]})");
  ASSERT_EQ(r.chat.messages.size(), 5u);
  EXPECT_EQ(r.chat.messages[0].role, "system");
  EXPECT_EQ(r.chat.messages[0].content, "Be short.\nBe kind.");
  EXPECT_EQ(r.chat.messages[3].content, "a\nb");
  EXPECT_EQ(r.chat.messages[4].role, "system");
  EXPECT_EQ(r.chat.messages[4].content, "9 tokens left");
  const AnthropicRead none = read_anthropic(R"({
    "system": [{"type": "text", "text": "x-anthropic-billing-header: 1"}],
    "messages": [{"role": "user", "content": "Hi"}]})");
  EXPECT_EQ(none.chat.messages.size(), 1u);
}

TEST(AnthropicRequest, ThoughtsCallsAndResultsKeepTheirPlaces) {
  const AnthropicRead r = read_anthropic(R"({"messages": [
    {"role": "user", "content": "Weather?"},
    {"role": "assistant", "content": [
      {"type": "thinking", "thinking": "Look it up.", "signature": ""},
      {"type": "redacted_thinking", "data": "?"},
      {"type": "text", "text": "One moment."},
      {"type": "tool_use", "id": "t1", "name": "weather", "input": {"city": "Bern"}}]},
    {"role": "user", "content": [
      {"type": "tool_result", "tool_use_id": "t1", "content": [{"type": "text", "text": "Sun"}]},
      {"type": "tool_result", "tool_use_id": "t2"},
      {"type": "text", "text": "And?"}]}]})");
  ASSERT_EQ(r.chat.messages.size(), 5u);
  const Message& turn = r.chat.messages[1];
  EXPECT_EQ(turn.content, "One moment.");
  EXPECT_EQ(Json::parse(turn.extra)["reasoning_content"], "Look it up.");
  const Json call = Json::parse(turn.tool_calls)[0];
  EXPECT_EQ(call["function"]["name"], "weather");
  EXPECT_EQ(Json::parse(call["function"]["arguments"].get<std::string>())["city"], "Bern");
  EXPECT_EQ(r.chat.messages[2].role, "tool");
  EXPECT_EQ(r.chat.messages[2].content, "Sun");
  EXPECT_EQ(r.chat.messages[3].content, "");
  EXPECT_EQ(r.chat.messages[4].content, "And?");
}

TEST(AnthropicRequest, ToolsReachTheModelInOpenAIsForm) {
  const auto with = [](const std::string& choice) {
    return read_anthropic((R"({"messages": [{"role": "user", "content": "Hi"}], "tools": [
      {"name": "f", "input_schema": {"type": "object", "properties": {"z": {}, "a": {}}},
       "description": "d", "cache_control": {"type": "ephemeral"}},
      {"type": "custom", "name": "g", "strict": true, "input_schema": {"type": "object"}}])" +
                           choice + "}")
                              .c_str())
        .chat;
  };
  const ChatRequest chat = with("");
  EXPECT_EQ(chat.options.tools,
            R"([{"type":"function","function":{"name":"f","description":"d",)"
            R"("parameters":{"type":"object","properties":{"z":{},"a":{}}}}},)"
            R"({"type":"function","function":{"name":"g","parameters":{"type":"object"}}}])");
  ASSERT_EQ(chat.tools.each.size(), 2u);
  EXPECT_FALSE(chat.tools.each[0].is_strict);
  EXPECT_TRUE(chat.tools.each[1].is_strict);
  EXPECT_FALSE(chat.tool_choice.must_call);
  EXPECT_TRUE(with(R"(, "tool_choice": {"type": "any"})").tool_choice.must_call);
  const ToolChoice named =
      with(R"(, "tool_choice": {"type": "tool", "name": "g", "disable_parallel_tool_use": true})")
          .tool_choice;
  EXPECT_TRUE(named.must_call);
  EXPECT_EQ(named.only, "g");
  EXPECT_FALSE(named.is_parallel);
  EXPECT_EQ(with(R"(, "tool_choice": {"type": "none"})").options.tools, "");
}

// What a model reads again must be what it wrote, or nothing of it is in the cache.
TEST(AnthropicRequest, CallsKeepTheOrderOfTheirArguments) {
  const AnthropicRead r = read_anthropic(R"({"messages": [{"role": "user", "content": "Hi"},
    {"role": "assistant", "content": [
      {"type": "tool_use", "id": "t", "name": "f", "input": {"z": 1, "a": {"y": 2, "b": 3}}}]},
    {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t", "content": "ok"}]}]})");
  EXPECT_EQ(r.chat.messages[1].tool_calls, R"([{"id":"t","type":"function","function":{"name":"f",)"
                                           R"("arguments":"{\"z\":1,\"a\":{\"y\":2,\"b\":3}}"}}])");
}

TEST(AnthropicRequest, RefusesWhatItCannotDo) {
  const auto with = [](const std::string& more) {
    return anthropic_refusal(
        (R"({"messages": [{"role": "user", "content": "Hi"}], )" + more + "}").c_str());
  };
  EXPECT_EQ(with(R"("tools": [{"name": "f"}])"), "tools.0.input_schema");
  EXPECT_EQ(with(R"("tools": [{"input_schema": {}}])"), "tools.0.name");
  EXPECT_EQ(with(R"("tools": [{"name": "f", "input_schema": []}])"), "tools.0.input_schema");
  EXPECT_EQ(with(R"("tools": [{"type": "web_search_20250305", "name": "web_search"}])"),
            "tools.0.type");
  EXPECT_EQ(with(R"("tools": {})"), "tools");
  EXPECT_EQ(with(R"("tool_choice": {"type": "any"})"), "tool_choice");
  EXPECT_EQ(with(R"("tool_choice": {"type": "tool"})"), "tool_choice.name");
  EXPECT_EQ(with(R"("tool_choice": {"type": "must"})"), "tool_choice.type");
  EXPECT_EQ(with(R"("tool_choice": "any")"), "tool_choice");
  EXPECT_EQ(with(R"("mcp_servers": [{"url": "http://x"}])"), "mcp_servers");
  EXPECT_EQ(with(R"("thinking": {"type": "sometimes"})"), "thinking.type");
  EXPECT_EQ(with(R"("max_tokens": -1)"), "max_tokens");
  EXPECT_EQ(with(R"("stop_sequences": [""])"), "stop_sequences");
  EXPECT_EQ(with(R"("system": [{"type": "image"}])"), "system.0.type");
  EXPECT_EQ(anthropic_refusal("{}"), "messages");
  EXPECT_EQ(anthropic_refusal(R"({"messages": []})"), "messages");
  EXPECT_EQ(anthropic_refusal(R"({"messages": [{"role": "user"}]})"), "messages.0.content");
  EXPECT_EQ(anthropic_refusal(R"({"messages": [{"role": "tool", "content": "x"}]})"),
            "messages.0.role");
  EXPECT_EQ(
      anthropic_refusal(
          R"({"messages": [{"role": "user", "content": [{"type": "image", "source": {}}]}]})"),
      "messages.0.content.0.type");
}

}  // namespace
}  // namespace pangu::serve
