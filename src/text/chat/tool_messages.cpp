// SPDX-License-Identifier: Apache-2.0
#include "text/chat/tool_messages.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "io/json.h"

namespace pangu {
namespace {

/// Refuses what is malformed, too large or ambiguous; `what` names it in messages.
void check_json(const std::string& text, std::string_view what) {
  try {
    parse_json(text, what);
  } catch (const FileError& error) {
    fail<InputError>("[chat] {}", error.what());
  }
}

/// A name that nothing else has; invisible separators keep it from being a word of a message.
std::string marked_name(std::size_t number) {
  return fmt::format("pangu\u2063mark\u2063of\u2063a\u2063tool\u2063{}\u2063", number);
}

/// The object that has the name of a tool or of a call: "function" in the OpenAI form, else itself.
template <class Object>
Object& described(Object& tool) {
  return tool.contains("function") && tool["function"].is_object() ? tool["function"] : tool;
}

bool is_named(const ChatJson& tool) {
  if (!tool.is_object()) return false;
  const ChatJson& description = described(tool);
  const auto name = description.find("name");
  return name != description.end() && name->is_string() &&
         !name->get_ref<const std::string&>().empty();
}

/// Writes a mark in place of the name of each tool; returns how many were marked.
std::size_t mark_names(ChatJson& tools, std::size_t number) {
  std::size_t marked = 0;
  if (!tools.is_array()) return 0;
  for (ChatJson& tool : tools) {
    if (!is_named(tool)) continue;
    described(tool)["name"] = marked_name(number);
    ++marked;
  }
  return marked;
}

bool shows_mark(const std::vector<Segment>& prompt, std::size_t number) {
  const std::string mark = marked_name(number);
  return std::ranges::any_of(
      prompt, [&](const Segment& s) { return s.text.find(mark) != std::string::npos; });
}

}  // namespace

ChatJson with_object_arguments(ChatJson calls) {
  if (!calls.is_array()) return calls;
  for (ChatJson& call : calls) {
    if (!call.is_object()) continue;
    ChatJson& function = described(call);
    const auto arguments = function.find("arguments");
    if (arguments == function.end() || !arguments->is_string()) continue;
    const std::string text = *arguments;
    ChatJson parsed = ChatJson::parse(text, nullptr, false);
    if (!parsed.is_object()) continue;
    check_json(text, "the arguments of a call");
    *arguments = std::move(parsed);
  }
  return calls;
}

ChatJson tools_from(const std::string& json) {
  if (json.empty()) return nullptr;
  check_json(json, "the tools");
  ChatJson tools = ChatJson::parse(json);
  if (!tools.is_array()) {
    fail<InputError>("[chat] the tools are of type {}, expected an array of objects.",
                     tools.type_name());
  }
  for (std::size_t i = 0; i < tools.size(); ++i) {
    if (is_named(tools[i])) continue;
    fail<InputError>(
        "[chat] tool {} has no name. Expected: {{\"type\": \"function\", \"function\": {{\"name\": "
        "..., \"description\": ..., \"parameters\": ...}}}}.",
        i + 1);
  }
  return tools.empty() ? ChatJson(nullptr) : tools;
}

bool uses_tools(std::span<const Message> messages, const RenderOptions& options) {
  return (options.tools.is_array() && !options.tools.empty()) ||
         std::ranges::any_of(messages, [](const Message& m) { return !m.tool_calls.empty(); });
}

void require_tools_shown(const ChatTemplate& chat_template, std::span<const Message> messages,
                         const RenderOptions& options) {
  RenderOptions marked = options;
  const bool has_tools = mark_names(marked.tools, 0) > 0;
  std::vector<Message> conversation(messages.begin(), messages.end());
  std::vector<std::size_t> calling;
  for (std::size_t i = 0; i < conversation.size(); ++i) {
    if (conversation[i].tool_calls.empty()) continue;
    ChatJson calls = ChatJson::parse(conversation[i].tool_calls, nullptr, false);
    if (mark_names(calls, i + 1) == 0) continue;  // render() says what is wrong, or the template
    conversation[i].tool_calls = calls.dump();
    calling.push_back(i + 1);
  }
  if (!has_tools && calling.empty()) return;
  const std::vector<Segment> prompt = chat_template.render_segments(conversation, marked);
  if (has_tools && !shows_mark(prompt, 0)) {
    fail<Unsupported>(
        "[chat] tools were given, but {} does not show them to the model: it knows no tools. Ask "
        "without tools, or describe them in a system message.",
        chat_template.origin());
  }
  for (const std::size_t number : calling) {
    if (shows_mark(prompt, number)) continue;
    fail<Unsupported>(
        "[chat] message {} calls a tool, but {} leaves that out: it knows no tools. Write the call "
        "into the content of the message.",
        number, chat_template.origin());
  }
}

}  // namespace pangu
