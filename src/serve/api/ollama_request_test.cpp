// SPDX-License-Identifier: Apache-2.0
#include "serve/api/ollama_request.h"

#include <gtest/gtest.h>

#include "serve/testing/refused_key.h"

namespace pangu::serve {
namespace {

/// Reads with `read`, and tells what had no effect.
template <class Read>
auto read_ollama(const char* text, Read read, std::string* unused = nullptr) {
  const OrderedJson json = OrderedJson::parse(text);
  Fields body(json);
  body.ignore({"model"});
  auto out = read(body);
  if (unused != nullptr) *unused = body.unused();
  return out;
}

ReplyWishes ollama_wishes(const char* text, std::string* unused = nullptr) {
  return read_ollama(
      text, [](Fields& body) { return read_ollama_wishes(body, {.temperature = 0.5f}, {}); },
      unused);
}

TEST(OllamaRequest, OptionsSayHowTokensAreDrawn) {
  std::string unused;
  const ReplyWishes w = ollama_wishes(R"({"model": "m", "options": {
    "temperature": 0, "top_p": 0.5, "top_k": 3, "min_p": 0.25, "seed": 9, "num_predict": 12,
    "stop": ["x"], "repeat_penalty": 1.5, "presence_penalty": 0.5, "frequency_penalty": -0.5,
    "repeat_last_n": 64, "num_ctx": 8192}, "odd": 1})",
                                      &unused);
  const SamplingOptions& s = w.options.sampling;
  EXPECT_EQ(s.temperature, 0);
  EXPECT_EQ(s.top_p, 0.5f);
  EXPECT_EQ(s.top_k, 3);
  EXPECT_EQ(s.min_p, 0.25f);
  EXPECT_EQ(s.seed, 9u);
  EXPECT_EQ(s.repetition_penalty, 1.5f);
  EXPECT_EQ(s.presence_penalty, 0.5f);
  EXPECT_EQ(s.frequency_penalty, -0.5f);
  EXPECT_EQ(s.penalty_last_n, 64);
  EXPECT_EQ(w.options.max_tokens, 12);
  EXPECT_EQ(w.options.stop, std::vector<std::string>{"x"});
  EXPECT_TRUE(w.stream);
  EXPECT_EQ(unused, "odd, options.num_ctx");
}

TEST(OllamaRequest, StreamsUnlessToldOtherwise) {
  EXPECT_TRUE(ollama_wishes("{}").stream);
  EXPECT_FALSE(ollama_wishes(R"({"stream": false})").stream);
  EXPECT_EQ(ollama_wishes("{}").options.sampling.temperature, 0.5f);
  for (const char* all :
       {R"({"options": {"num_predict": -1}})", R"({"options": {"num_predict": -2}})"}) {
    EXPECT_EQ(ollama_wishes(all).options.max_tokens, -1);
  }
}

TEST(OllamaRequest, AConversationHasThoughtsAndCalls) {
  std::string unused;
  const ChatRequest chat = read_ollama(R"({"model": "m", "think": "high", "keep_alive": "5m",
    "tools": [{"type": "function", "function": {"name": "f", "parameters": {"z": 1, "a": 2}}}],
    "messages": [
    {"role": "system", "content": "S"},
    {"role": "user", "content": "U", "images": []},
    {"role": "assistant", "content": "", "thinking": "T",
     "tool_calls": [{"function": {"name": "f", "arguments": {"x": 1, "b": 2}}}]},
    {"role": "tool", "content": "R", "tool_name": "f"}]})",
                                       read_ollama_chat, &unused);
  ASSERT_EQ(chat.messages.size(), 4u);
  EXPECT_EQ(chat.options.thinking, Thinking::kSlow);
  const Json call = Json::parse(chat.messages[2].tool_calls)[0];
  EXPECT_EQ(call["function"], Json({{"name", "f"}, {"arguments", R"({"x":1,"b":2})"}}));
  EXPECT_EQ(Json::parse(chat.messages[2].extra),
            Json({{"reasoning_content", "T"}, {"content", nullptr}}));
  EXPECT_EQ(chat.messages[3].role, "tool");
  EXPECT_EQ(chat.messages[3].name, "f");
  EXPECT_EQ(chat.options.tools,
            R"([{"type":"function","function":{"name":"f","parameters":{"z":1,"a":2}}}])");
  EXPECT_EQ(unused, "");
  EXPECT_TRUE(read_ollama("{}", read_ollama_chat).messages.empty());
  EXPECT_EQ(read_ollama(R"({"think": false})", read_ollama_chat).options.thinking, Thinking::kFast);
  EXPECT_EQ(read_ollama(R"({"think": true})", read_ollama_chat).options.thinking, Thinking::kSlow);
}

TEST(OllamaRequest, APromptIsAMessageUnlessItIsRaw) {
  const OllamaPrompt prompt =
      read_ollama(R"({"prompt": "P", "system": "S", "context": []})", read_ollama_prompt);
  ASSERT_EQ(prompt.chat.messages.size(), 2u);
  EXPECT_EQ(prompt.chat.messages[0].content, "S");
  EXPECT_EQ(prompt.chat.messages[1].content, "P");
  EXPECT_FALSE(prompt.empty);
  const OllamaPrompt raw = read_ollama(R"({"prompt": "P", "raw": true})", read_ollama_prompt);
  EXPECT_TRUE(raw.is_raw);
  EXPECT_EQ(raw.raw, "P");
  EXPECT_TRUE(read_ollama("{}", read_ollama_prompt).empty);
}

TEST(OllamaRequest, RefusesWhatItCannotDo) {
  const auto chat = [](const char* text) {
    return test::refused_key([&] { read_ollama(text, read_ollama_chat); });
  };
  EXPECT_EQ(chat(R"({"tools": [{"type": "function"}]})"), "tools.0.function.name");
  EXPECT_EQ(chat(R"({"tools": [{"type": "shell"}]})"), "tools.0.type");
  EXPECT_EQ(chat(R"({"think": "much"})"), "think");
  EXPECT_EQ(chat(R"({"think": 3})"), "think");
  EXPECT_EQ(chat(R"({"messages": [{"role": "robot"}]})"), "messages.0.role");
  EXPECT_EQ(chat(R"({"messages": [{"role": "user", "images": ["aGk="]}]})"), "messages.0.images");
  EXPECT_EQ(chat(R"({"messages": [{"role": "assistant", "tool_calls": [{"function": {}}]}]})"),
            "messages.0.tool_calls.0.function.name");
  const auto generate = [](const char* text) {
    return test::refused_key([&] { read_ollama(text, read_ollama_prompt); });
  };
  EXPECT_EQ(generate(R"({"prompt": "P", "suffix": "S"})"), "suffix");
  EXPECT_EQ(generate(R"({"prompt": "P", "template": "{{ .Prompt }}"})"), "template");
  EXPECT_EQ(generate(R"({"prompt": "P", "context": [1, 2]})"), "context");
  EXPECT_EQ(generate(R"({"prompt": "P", "raw": true, "system": "S"})"), "system");
  EXPECT_EQ(test::refused_key([] { ollama_wishes(R"({"options": {"num_predict": -3}})"); }),
            "options.num_predict");
}

}  // namespace
}  // namespace pangu::serve
