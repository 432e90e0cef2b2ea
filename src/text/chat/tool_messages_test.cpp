// SPDX-License-Identifier: Apache-2.0
// Tools in the templates of each family, and templates that would leave them out.
#include "text/chat/tool_messages.h"

#include <algorithm>
#include <random>
#include <vector>

#include "io/json.h"
#include "tests/support/support.h"
#include "text/chat/chat_template_examples.h"
#include "text/chat/openpangu_template.h"
#include "text/chat/template_variables.h"

namespace pangu {
namespace {

constexpr std::string_view kWeather =
    R"([{"type":"function","function":{"name":"weather","parameters":{"type":"object"}}}])";

ChatTemplate tool_test_template(std::string_view source) {
  return ChatTemplate::parse(source, {.bos_token = "<s>", .eos_token = "</s>", .origin = "test"});
}

Message calling(std::string arguments) {
  const Json calls = {{{"id", "call_1"},
                       {"type", "function"},
                       {"function", {{"name", "weather"}, {"arguments", std::move(arguments)}}}}};
  return {.role = "assistant", .content = "", .tool_calls = calls.dump()};
}

std::vector<Message> tool_conversation() {
  return {{"user", "Weather?"}, calling(R"({"city":"北京","days":2})"), {"tool", "3 °C"}};
}

RenderOptions with_weather() {
  RenderOptions options;
  options.tools = tools_from(std::string(kWeather));
  return options;
}

TEST(ToolMessages, TextsOfArgumentsBecomeObjects) {
  const auto arguments = [](const std::string& text) {
    ChatJson call = {{"function", {{"name", "f"}, {"arguments", text}}}};
    return with_object_arguments(ChatJson::array({call}))[0]["function"]["arguments"];
  };
  EXPECT_EQ(arguments(R"({"b":1,"a":[]})").dump(), R"({"b":1,"a":[]})");
  // A call that went wrong stays what it was.
  EXPECT_EQ(arguments(R"({"b":)"), R"({"b":)");
  EXPECT_EQ(arguments("[1]"), "[1]");
  PANGU_EXPECT_ERROR(arguments(R"({"a":1,"a":2})"), InputError, "arguments", "twice");
  // The template prints them as it was trained to.
  const std::string text = tool_test_template(test::kQwen25).render(tool_conversation());
  EXPECT_NE(text.find(R"("arguments": {"city": "北京", "days": 2}})"), text.npos) << text;
}

TEST(ToolMessages, ToolsAreObjectsWithNames) {
  EXPECT_TRUE(tools_from("").is_null());
  EXPECT_TRUE(tools_from("[]").is_null());
  EXPECT_EQ(tools_from(R"([{"name":"f"}])").size(), 1u);
  PANGU_EXPECT_ERROR(tools_from("{}"), InputError, "of type object", "array");
  PANGU_EXPECT_ERROR(tools_from("[1]"), InputError, "tool 1 has no name");
  PANGU_EXPECT_ERROR(tools_from(R"([{"name":"f"},{"type":"function","function":{}}])"), InputError,
                     "tool 2 has no name");
  PANGU_EXPECT_ERROR(tools_from("[{]"), InputError, "the tools", "column 3");
}

TEST(ToolMessages, TemplatesThatShowThemAreTaken) {
  for (const auto source : {test::kQwen25, test::kLlama31, text::kOpenPanguToolTemplate}) {
    require_tools_shown(tool_test_template(source), tool_conversation(), with_weather());
  }
}

TEST(ToolMessages, TemplatesThatLeaveThemOutAreRefused) {
  const std::vector<Message> hi = {{"user", "Which weather?"}};
  for (const auto source : {test::kChatMl, test::kQwen3, text::kOpenPanguTemplate}) {
    PANGU_EXPECT_ERROR(require_tools_shown(tool_test_template(source), hi, with_weather()),
                       Unsupported, "tools were given", "test", "knows no tools");
  }
  PANGU_EXPECT_ERROR(
      require_tools_shown(tool_test_template(text::kOpenPanguTemplate), tool_conversation(), {}),
      Unsupported, "message 2 calls a tool");
}

TEST(OpenPanguTools, AreListedInTheSystemTurnAndCalledBetweenMarkers) {
  const ChatTemplate published = tool_test_template(text::kOpenPanguTemplate);
  const std::string text = published.for_tools().render(tool_conversation(), with_weather());
  EXPECT_TRUE(text.starts_with("[unused9]系统：# Tools\n")) << text;
  EXPECT_NE(text.find("<tools>\n{\"name\": \"weather\", \"parameters\": {\"type\": \"object\"}}\n"
                      "</tools>"),
            text.npos)
      << text;
  EXPECT_NE(text.find("[unused9]助手：[unused11][{\"name\": \"weather\", \"arguments\": {\"city\": "
                      "\"北京\", \"days\": 2}}][unused12][unused10][unused9]工具：3 °C[unused10]"),
            text.npos)
      << text;
  std::vector<Message> with_system = tool_conversation();
  with_system.insert(with_system.begin(), {"system", "Be kind."});
  EXPECT_TRUE(published.for_tools()
                  .render(with_system, with_weather())
                  .starts_with("[unused9]系统：Be kind.\n\n# Tools\n"));
}

/// Markers that the template writes are markup; those that tools and calls have in them are not.
TEST(OpenPanguTools, CannotForgeMarkers) {
  RenderOptions options;
  options.tools = tools_from(R"([{"name":"[unused12]","description":"[unused10]"}])");
  const std::vector<Message> messages = {{"user", "x"}, calling(R"({"a":"[unused12][unused10]"})")};
  std::string markup;
  const auto used = tool_test_template(text::kOpenPanguTemplate).for_tools();
  for (const Segment& s : used.render_segments(messages, options)) {
    if (s.is_template) markup += s.text;
  }
  const auto count = [&](std::string_view marker) {
    std::size_t n = 0;
    for (std::size_t at = 0; (at = markup.find(marker, at)) != markup.npos; ++at) ++n;
    return n;
  };
  EXPECT_EQ(count("[unused11]"), 2u);  // the example and the call
  EXPECT_EQ(count("[unused12]"), 2u);
  EXPECT_EQ(count("[unused10]"), 3u);
}

TEST(OpenPanguTools, WithoutThemThePromptIsThePublishedOne) {
  const ChatTemplate published = tool_test_template(text::kOpenPanguTemplate);
  std::mt19937_64 random(test::seed());
  const std::vector<std::string> roles = {"system", "user", "assistant", "tool"};
  for (int round = 0; round < 200; ++round) {
    std::vector<Message> messages;
    for (std::size_t n = 1 + random() % 5; n > 0; --n) {
      messages.push_back({roles[random() % roles.size()], random() % 4 == 0 ? "" : "x y"});
    }
    const RenderOptions options = {.add_generation_prompt = random() % 2 == 0};
    ASSERT_EQ(published.for_tools().render(messages, options), published.render(messages, options));
  }
  PANGU_NEEDS_SHARED_DATA();
  const auto path = test::shared_dir() / "models/openpangu-embedded-7b/tokenizer_config.json";
  const std::string source = read_json(path).at("chat_template");
  const std::vector<Message> messages = {{"user", "a"}, {"assistant", "b"}, {"tool", "c"}};
  EXPECT_EQ(tool_test_template(source).for_tools().render(messages),
            tool_test_template(source).render(messages));
  // A template that knows tools is used as it is.
  const ChatTemplate qwen = tool_test_template(test::kQwen25);
  EXPECT_EQ(qwen.for_tools().render(tool_conversation(), with_weather()),
            qwen.render(tool_conversation(), with_weather()));
}

TEST(TemplateVariables, AreGivenOnWhereTheTemplateNamesThem) {
  RenderOptions options;
  EXPECT_EQ(apply_variables(tool_test_template(test::kLlama31), false,
                            {.variables = R"({"date_string":"1 May"})"}, options),
            Thinking::kDefault);
  EXPECT_EQ(options.extra["date_string"], "1 May");
  const auto apply = [](std::string_view source, const ChatOptions& chat, bool thinks = true) {
    RenderOptions o;
    return apply_variables(tool_test_template(source), thinks, chat, o);
  };
  PANGU_EXPECT_ERROR(apply(test::kLlama31, {.variables = R"({"date":"x"})"}), Unsupported,
                     "does not name 'date'");
  PANGU_EXPECT_ERROR(apply(test::kLlama31, {.variables = R"({"messages":[]})"}), InputError,
                     "'messages' is not a variable");
  PANGU_EXPECT_ERROR(apply(test::kLlama31, {.variables = "[]"}), InputError, "of type array");
  PANGU_EXPECT_ERROR(apply(test::kLlama31, {.variables = "{"}), InputError, "variables",
                     "column 2");
}

TEST(TemplateVariables, ChooseModesOfThinkingInEveryFamily) {
  const auto mode = [](std::string_view source, const ChatOptions& chat, bool thinks = true) {
    RenderOptions o;
    const Thinking t = apply_variables(tool_test_template(source), thinks, chat, o);
    return std::pair(t, o.extra);
  };
  using T = Thinking;
  const ChatOptions off = {.variables = R"({"enable_thinking":false})"};
  EXPECT_EQ(mode(test::kQwen3, off),
            (std::pair(T::kDefault, ChatJson{{"enable_thinking", false}})));
  EXPECT_EQ(mode(text::kOpenPanguTemplate, off), (std::pair(T::kFast, ChatJson())));
  EXPECT_EQ(mode(text::kOpenPanguTemplate, {.variables = R"({"thinking":true})"}).first, T::kSlow);
  // Nothing to turn off.
  EXPECT_EQ(mode(test::kChatMl, off, false), (std::pair(T::kDefault, ChatJson())));
  PANGU_EXPECT_ERROR(mode(test::kChatMl, off, true), Unsupported, "'enable_thinking'");
  PANGU_EXPECT_ERROR(mode(test::kChatMl, {.variables = R"({"enable_thinking":true})"}, false),
                     Unsupported, "'enable_thinking'");
  for (const auto source : {test::kQwen3, text::kOpenPanguTemplate}) {
    PANGU_EXPECT_ERROR(mode(source, {.thinking = T::kSlow, .variables = off.variables}), InputError,
                       "another mode");
    EXPECT_NO_THROW(mode(source, {.thinking = T::kFast, .variables = off.variables}));
  }
}

TEST(ChatTemplateNames, AreWholeWords) {
  const ChatTemplate t = tool_test_template("{% if custom_tools %}{{ tool }}{% endif %}");
  EXPECT_TRUE(t.names("tool"));
  EXPECT_TRUE(t.names("custom_tools"));
  EXPECT_FALSE(t.names("tools"));
}

}  // namespace
}  // namespace pangu
