// SPDX-License-Identifier: Apache-2.0
#include "serve/api/chat_messages.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "serve/api/tool_fields.h"
#include "serve/api_error.h"

namespace pangu::serve {
namespace {

constexpr std::array<std::string_view, 6> kRoles = {"system",    "developer", "user",
                                                    "assistant", "tool",      "function"};

std::string read_content(Fields& message) {
  const OrderedJson* content = message.find("content");
  if (content == nullptr) return {};
  if (content->is_string()) return content->get<std::string>();
  if (!content->is_array()) message.reject("content", "a string, or an array of parts of text");
  std::string out;
  for (std::size_t i = 0; i < content->size(); ++i) {
    Fields part((*content)[i], fmt::format("{}.{}.", message.name("content"), i));
    const auto type = part.text("type");
    if (type && *type != "text" && *type != "input_text" && *type != "output_text") {
      part.reject("type", "text: this model reads nothing else");
    }
    const auto text = part.text("text");
    if (!text) throw bad_request(part.name("text"), part.name("text") + " is missing.");
    out += *text;
  }
  return out;
}

Message read_message(Fields message) {
  const auto role = message.text("role");
  if (!role) throw bad_request(message.name("role"), message.name("role") + " is missing.");
  if (std::ranges::find(kRoles, *role) == kRoles.end()) {
    message.reject("role", fmt::format("{}", fmt::join(kRoles, ", ")));
  }
  Message out{.role = *role == "developer" ? "system" : *role, .content = read_content(message)};
  out.name = message.text("name").value_or("");
  Json extra = Json::object();
  if (const auto id = message.text("tool_call_id")) extra["tool_call_id"] = *id;
  for (const std::string_view key : {"reasoning_content", "reasoning"}) {
    if (const auto reasoning = message.text(key)) extra["reasoning_content"] = *reasoning;
  }
  if (const OrderedJson* calls = message.find("tool_calls")) {
    if (!calls->is_array()) message.reject("tool_calls", "an array of calls");
    if (!calls->empty()) out.tool_calls = json_text(*calls);
    if (!message.has("content")) extra["content"] = nullptr;
  } else if (!message.has("content")) {
    throw bad_request(message.name("content"), message.name("content") + " is missing.");
  }
  if (!extra.empty()) out.extra = json_text(extra);
  return out;
}

}  // namespace

Thinking read_effort(Fields& fields, std::string_view key) {
  static constexpr std::array<std::pair<std::string_view, Thinking>, 7> kEfforts = {
      {{"none", Thinking::kFast},
       {"minimal", Thinking::kFast},
       {"low", Thinking::kDefault},
       {"medium", Thinking::kDefault},
       {"high", Thinking::kSlow},
       {"xhigh", Thinking::kSlow},
       {"max", Thinking::kSlow}}};
  const auto effort = fields.text(key);
  if (!effort) return Thinking::kDefault;
  const auto at =
      std::ranges::find(kEfforts, *effort, &std::pair<std::string_view, Thinking>::first);
  if (at == kEfforts.end()) {
    fields.reject(key, "none, minimal, low, medium, high, xhigh or max");
  }
  return at->second;
}

void take_answer(ChatRequest& chat, std::string_view key) {
  const auto is_assistant = [](const Message& m) {
    return m.role == "assistant" && m.tool_calls.empty();
  };
  if (chat.messages.empty() || !is_assistant(chat.messages.back())) return;
  chat.answer = std::move(chat.messages.back().content);
  chat.messages.pop_back();
  if (chat.messages.empty() || is_assistant(chat.messages.back())) {
    throw bad_request(std::string(key),
                      "The conversation ends with two messages of the assistant, or has nothing "
                      "else. A last one is the beginning of the reply; before it a user's message "
                      "was expected.");
  }
}

ChatRequest read_chat(Fields& body) {
  const OrderedJson& messages = body.needed("messages");
  if (!messages.is_array() || messages.empty()) {
    body.reject("messages", "an array of at least one message");
  }
  ChatRequest out;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    out.messages.push_back(read_message(Fields(messages[i], fmt::format("messages.{}.", i))));
  }
  take_answer(out, "messages");
  out.options.thinking = read_effort(body, "reasoning_effort");
  offer_tools(out, read_openai_tools(body), read_openai_tool_choice(body));
  if (const OrderedJson* variables = body.find("chat_template_kwargs")) {
    if (!variables->is_object()) body.reject("chat_template_kwargs", "an object");
    if (!variables->empty()) out.options.variables = json_text(*variables);
  }
  return out;
}

}  // namespace pangu::serve
