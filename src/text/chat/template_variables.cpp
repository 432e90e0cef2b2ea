// SPDX-License-Identifier: Apache-2.0
#include "text/chat/template_variables.h"

#include <algorithm>
#include <span>
#include <string>
#include <string_view>

#include "base/clipped.h"
#include "base/error.h"
#include "io/json.h"

namespace pangu {
namespace {

/// What the prompt itself is made of.
constexpr std::string_view kReserved[] = {"messages",  "tools",     "add_generation_prompt",
                                          "bos_token", "eos_token", "unk_token",
                                          "pad_token"};
constexpr std::string_view kModeNames[] = {"enable_thinking", "thinking"};

ChatJson variables_from(const std::string& json) {
  if (json.empty()) return ChatJson::object();
  try {
    parse_json(json, "the variables of the chat template");
  } catch (const FileError& error) {
    fail<InputError>("[chat] {}", error.what());
  }
  ChatJson variables = ChatJson::parse(json);
  if (!variables.is_object()) {
    fail<InputError>(
        "[chat] the variables of the chat template are of type {}, expected an object.",
        variables.type_name());
  }
  return variables;
}

bool is_one_of(std::string_view name, std::span<const std::string_view> names) {
  return std::ranges::find(names, name) != names.end();
}

/// Modes that are asked for twice must be the same.
Thinking agreed(Thinking asked, bool thinks, std::string_view name) {
  const Thinking mode = thinks ? Thinking::kSlow : Thinking::kFast;
  if (asked == Thinking::kDefault || asked == mode) return mode;
  fail<InputError>("[chat] '{}' is {}, but another mode of thinking was asked for. Leave one out.",
                   name, thinks);
}

}  // namespace

Thinking apply_variables(const ChatTemplate& chat_template, bool can_think, const ChatOptions& chat,
                         RenderOptions& options) {
  Thinking thinking = chat.thinking;
  const ChatJson variables = variables_from(chat.variables);
  for (const auto& [name, value] : variables.items()) {
    if (is_one_of(name, kReserved)) {
      fail<InputError>("[chat] '{}' is not a variable to give: it is made of the request.", name);
    }
    const bool is_mode = is_one_of(name, kModeNames) && value.is_boolean();
    if (chat_template.names(name)) {
      if (is_mode && thinking != Thinking::kDefault) agreed(thinking, value.get<bool>(), name);
      options.extra[name] = value;
    } else if (is_mode && chat_template.thinking_style() != ThinkingStyle::kNone) {
      thinking = agreed(thinking, value.get<bool>(), name);
    } else if (!is_mode || value.get<bool>() || can_think) {
      fail<Unsupported>("[chat] {} does not name '{}': that variable would change nothing.",
                        chat_template.origin(), clipped(name, 40));
    }
  }
  return thinking;
}

}  // namespace pangu
