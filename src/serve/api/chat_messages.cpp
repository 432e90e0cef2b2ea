// SPDX-License-Identifier: Apache-2.0
#include "serve/api/chat_messages.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "serve/api_error.h"
#include "text/chat/chat_template.h"

namespace pangu::serve {
namespace {

constexpr std::array<std::string_view, 6> kRoles = {"system",    "developer", "user",
                                                    "assistant", "tool",      "function"};

std::string read_content(Fields& message) {
  const Json* content = message.find("content");
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

/// `ordered` is the same message with its keys in order.
Message read_message(Fields message, const ChatJson& ordered) {
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
  if (const Json* calls = message.find("tool_calls")) {
    if (!calls->is_array()) message.reject("tool_calls", "an array of calls");
    if (!calls->empty()) out.tool_calls = ordered["tool_calls"].dump();
    if (!message.has("content")) extra["content"] = nullptr;
  } else if (!message.has("content")) {
    throw bad_request(message.name("content"), message.name("content") + " is missing.");
  }
  if (!extra.empty()) out.extra = json_text(extra);
  return out;
}

/// Checks what a template and a parser of calls count on.
void check_tools(Fields& body, const Json& tools) {
  if (!tools.is_array()) body.reject("tools", "an array of tools");
  for (std::size_t i = 0; i < tools.size(); ++i) {
    Fields tool(tools[i], fmt::format("{}.{}.", body.name("tools"), i));
    if (tool.text("type").value_or("") != "function") tool.reject("type", "function");
    auto function = tool.object("function");
    if (!function || !function->text("name") || function->text("name")->empty()) {
      throw bad_request(tool.name("function.name"), "A tool has no name.");
    }
  }
}

/// Tools that the model is told of: none where it must not call any.
std::string read_tools(Fields& body, const ChatJson& ordered, ToolChoice& choice) {
  bool wanted = true;
  if (const Json* given = body.find("tool_choice")) {
    if (given->is_object()) {
      auto named = body.object("tool_choice");
      if (named->text("type") != "function") named->reject("type", "function");
      auto function = named->object("function");
      choice.only = (function ? function->text("name") : named->text("name")).value_or("");
      if (choice.only.empty()) {
        throw bad_request("tool_choice.function.name", "The tool to call has no name.");
      }
    } else if (*given != "auto" && *given != "none" && *given != "required") {
      body.reject("tool_choice", "auto, none, required or a function");
    }
    choice.must_call = given->is_object() || *given == "required";
    wanted = *given != "none";
  }
  choice.is_parallel = body.boolean("parallel_tool_calls").value_or(true);
  const Json* tools = body.find("tools");
  if (tools == nullptr || tools->empty()) {
    if (choice.must_call) {
      throw bad_request("tool_choice", "A call is required, and there are no tools.");
    }
    return {};
  }
  check_tools(body, *tools);
  return wanted ? ordered["tools"].dump() : std::string();
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

ChatRequest read_chat(Fields& body, std::string_view text) {
  const Json* messages = body.find("messages");
  if (messages == nullptr) throw bad_request("messages", "messages is missing.");
  if (!messages->is_array() || messages->empty()) {
    body.reject("messages", "an array of at least one message");
  }
  const ChatJson ordered = ChatJson::parse(text);  // checked before: this is JSON
  ChatRequest out;
  for (std::size_t i = 0; i < messages->size(); ++i) {
    Fields message((*messages)[i], fmt::format("messages.{}.", i));
    out.messages.push_back(read_message(std::move(message), ordered["messages"][i]));
  }
  take_answer(out, "messages");
  out.options.thinking = read_effort(body, "reasoning_effort");
  out.options.tools = read_tools(body, ordered, out.tool_choice);
  if (const Json* variables = body.find("chat_template_kwargs")) {
    if (!variables->is_object()) body.reject("chat_template_kwargs", "an object");
    if (!variables->empty()) out.options.variables = ordered["chat_template_kwargs"].dump();
  }
  return out;
}

}  // namespace pangu::serve
