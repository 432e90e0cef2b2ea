// SPDX-License-Identifier: Apache-2.0
// Conversations, which a model's chat template turns into prompts. docs/chat-templates.md says how.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "pangu/token.h"

namespace pangu {

struct Message {
  std::string role;  ///< "system", "user", "assistant", "tool", ...
  std::string content;
  std::string name = {};  ///< absent when empty
  /// The calls of an assistant in the OpenAI form, a JSON array; absent when empty. Arguments may
  /// be objects or their text.
  std::string tool_calls = {};
  /// More keys of the message, such as reasoning_content or tool_call_id: a JSON object, or empty.
  /// A key named like one above replaces it: {"content": null} makes the content none.
  std::string extra = {};
};

/// How long a model that can think should do so before it answers.
enum class Thinking {
  kDefault,  ///< whatever the model does by itself
  kFast,     ///< answer at once
  kSlow,     ///< reason first
  kAuto      ///< let the model choose
};

/// What a prompt is made of beside the messages.
struct ChatOptions {
  Thinking thinking = Thinking::kDefault;
  /// What the model may call, in the OpenAI form: a JSON array of {"type": "function", "function":
  /// {"name": ..., "description": ..., "parameters": ...}}; none when empty.
  std::string tools = {};
  /// More variables of the chat template: a JSON object, or empty. "enable_thinking" and "thinking"
  /// choose the mode of openPangu's models, too, whose templates have tags for it.
  std::string variables = {};
};

/// A conversation as a prompt that leaves room for a reply.
struct FittedPrompt {
  std::vector<TokenId> ids;
  std::size_t dropped = 0;  ///< messages that were left out, the oldest after the system's
};

}  // namespace pangu
