// SPDX-License-Identifier: Apache-2.0
#include "serve/api/responses_request.h"

#include <gtest/gtest.h>

#include "serve/testing/refused_key.h"

namespace pangu::serve {
namespace {

struct ResponsesRead {
  ChatRequest chat;
  ReplyWishes wishes;
  Json head;
  std::string unused;
};

ResponsesRead read_responses(const char* text) {
  const OrderedJson json = OrderedJson::parse(text);
  Fields body(json);
  body.ignore({"model"});
  refuse_responses_unsupported(body);
  ResponsesRead out;
  out.wishes = read_responses_wishes(body, {.temperature = 0.7f, .top_p = 0.9f}, {});
  out.chat = read_responses_chat(body);
  out.head = response_head(body, "m", out.wishes);
  out.unused = body.unused();
  return out;
}

std::string responses_refusal(const char* text) {
  return test::refused_key([&] { read_responses(text); });
}

TEST(ResponsesRequest, ATextIsAMessageOfTheUsers) {
  const ResponsesRead r = read_responses(
      R"({"input": "Hi", "instructions": "Be short.", "max_output_tokens": 9, "stream": true})");
  ASSERT_EQ(r.chat.messages.size(), 2u);
  EXPECT_EQ(r.chat.messages[0].role, "system");
  EXPECT_EQ(r.chat.messages[0].content, "Be short.");
  EXPECT_EQ(r.chat.messages[1].role, "user");
  EXPECT_EQ(r.chat.messages[1].content, "Hi");
  EXPECT_EQ(r.wishes.options.max_tokens, 9);
  EXPECT_TRUE(r.wishes.stream);
  EXPECT_TRUE(r.wishes.options.split_reasoning);
  EXPECT_EQ(r.head["instructions"], "Be short.");
  EXPECT_EQ(r.head["max_output_tokens"], 9);
  EXPECT_EQ(r.head["temperature"].dump(), "0.7");
  EXPECT_EQ(r.head["store"], false);
}

// The keys that Codex sends.
TEST(ResponsesRequest, TakesWhatCodexSends) {
  const ResponsesRead r = read_responses(R"({
    "client_metadata": {"a": "b"}, "include": ["reasoning.encrypted_content"],
    "instructions": "You are", "model": "m", "parallel_tool_calls": false,
    "prompt_cache_key": "k", "reasoning": {"effort": "high", "summary": "auto"}, "store": false,
    "stream": true, "tool_choice": "auto", "tools": [
      {"type": "web_search"},
      {"type": "function", "name": "ls", "description": "Lists", "strict": false,
       "parameters": {"type": "object", "properties": {"path": {"type": "string"}, "all": {}}}},
      {"type": "namespace"}],
    "input": [
      {"type": "message", "role": "developer", "content": [{"type": "input_text", "text": "D"}]},
      {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "List"}]},
      {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "S"}],
       "content": [{"type": "reasoning_text", "text": "R"}], "encrypted_content": null},
      {"type": "message", "role": "assistant",
       "content": [{"type": "output_text", "text": "I will."}]},
      {"type": "function_call", "call_id": "c", "name": "ls", "arguments": "{}"},
      {"type": "function_call_output", "call_id": "c", "output": "a b"}]})");
  ASSERT_EQ(r.chat.messages.size(), 5u);
  EXPECT_EQ(r.chat.messages[1].role, "system");
  EXPECT_EQ(r.chat.messages[1].content, "D");
  EXPECT_EQ(r.chat.messages[3].content, "I will.");
  EXPECT_EQ(Json::parse(r.chat.messages[3].extra)["reasoning_content"], "R");
  EXPECT_EQ(Json::parse(r.chat.messages[3].tool_calls)[0]["function"]["name"], "ls");
  EXPECT_EQ(r.chat.messages[4].role, "tool");
  EXPECT_EQ(r.chat.messages[4].content, "a b");
  EXPECT_EQ(r.chat.options.thinking, Thinking::kSlow);
  EXPECT_EQ(r.head["reasoning"], Json({{"effort", "high"}, {"summary", "auto"}}));
  EXPECT_EQ(r.chat.options.tools,
            R"([{"type":"function","function":{"name":"ls","description":"Lists","parameters":)"
            R"({"type":"object","properties":{"path":{"type":"string"},"all":{}}}}}])");
  ASSERT_EQ(r.chat.tools.each.size(), 1u);
  EXPECT_FALSE(r.chat.tool_choice.is_parallel);
  ASSERT_EQ(r.head["tools"].size(), 1u);
  EXPECT_EQ(r.head["tools"][0]["name"], "ls");
  EXPECT_EQ(r.head["parallel_tool_calls"], false);
  EXPECT_EQ(r.head["prompt_cache_key"], "k");
  EXPECT_EQ(r.unused, "tools.0.web_search, tools.2.namespace");
}

TEST(ResponsesRequest, ACallMayBeRequired) {
  const auto choice = [](const std::string& text) {
    return read_responses((R"({"input": "Hi", "tools": [{"type": "function", "name": "f"}],
                              "tool_choice": )" +
                           text + "}")
                              .c_str())
        .chat.tool_choice;
  };
  EXPECT_TRUE(choice("\"required\"").must_call);
  EXPECT_FALSE(choice("\"auto\"").must_call);
  EXPECT_FALSE(choice("\"none\"").may_call);
  EXPECT_EQ(choice(R"({"type": "function", "name": "f"})").only, "f");
}

// As @ai-sdk/openai sends a second turn, whose first it takes for stored.
TEST(ResponsesRequest, PassesOverReferencesToReasoning) {
  const ResponsesRead r = read_responses(R"({"input": [
    {"role": "user", "content": [{"type": "input_text", "text": "a"}]},
    {"type": "item_reference", "id": "rs_1"},
    {"role": "assistant", "id": "msg_1", "content": [{"type": "output_text", "text": "b"}]},
    {"role": "user", "content": "c"}], "truncation": "auto", "odd": 1})");
  ASSERT_EQ(r.chat.messages.size(), 3u);
  EXPECT_EQ(r.chat.messages[1].content, "b");
  EXPECT_EQ(r.unused, "odd");
}

TEST(ResponsesRequest, AnEmptyInputIsAProbe) {
  for (const char* input :
       {R"({"input": [], "max_output_tokens": 1})", R"({"input": "", "max_output_tokens": 1})"}) {
    const ResponsesRead r = read_responses(input);
    ASSERT_EQ(r.chat.messages.size(), 1u);
    EXPECT_EQ(r.chat.messages[0].role, "user");
    EXPECT_EQ(r.chat.messages[0].content, "");
  }
}

TEST(ResponsesRequest, RefusesWhatItCannotDo) {
  const auto with = [](const std::string& more) {
    return responses_refusal((R"({"input": "Hi", )" + more + "}").c_str());
  };
  EXPECT_EQ(with(R"("previous_response_id": "resp_1")"), "previous_response_id");
  EXPECT_EQ(with(R"("conversation": "conv_1")"), "conversation");
  EXPECT_EQ(with(R"("background": true)"), "background");
  EXPECT_EQ(with(R"("prompt": {"id": "p"})"), "prompt");
  EXPECT_EQ(with(R"("tools": [{"type": "mcp"}, {"type": "function"}])"), "tools.1.name");
  EXPECT_EQ(with(R"("tools": [{"type": "local_shell"}])"), "tools.0.type");
  EXPECT_EQ(with(R"("tools": [{"type": "custom", "name": "apply_patch"}])"), "tools.0.type");
  EXPECT_EQ(with(R"("tool_choice": "required")"), "tool_choice");
  EXPECT_EQ(with(R"("tool_choice": {"type": "web_search"})"), "tool_choice.type");
  EXPECT_EQ(with(R"("include": ["message.output_text.logprobs"])"), "include");
  EXPECT_EQ(with(R"("top_logprobs": 2)"), "top_logprobs");
  EXPECT_EQ(with(R"("reasoning": {"effort": "much"})"), "reasoning.effort");
  EXPECT_EQ(responses_refusal("{}"), "input");
  EXPECT_EQ(responses_refusal(R"({"input": 3})"), "input");
  EXPECT_EQ(responses_refusal(R"({"input": [{"role": "tool", "content": ""}]})"), "input.0.role");
  EXPECT_EQ(responses_refusal(R"({"input": [{"type": "item_reference", "id": "msg_1"}]})"),
            "input.0.id");
  EXPECT_EQ(responses_refusal(R"({"input": [{"type": "computer_call"}]})"), "input.0.type");
  EXPECT_EQ(
      responses_refusal(R"({"input": [{"role": "user", "content": [{"type": "input_image"}]}]})"),
      "input.0.content.0.type");
}

}  // namespace
}  // namespace pangu::serve
