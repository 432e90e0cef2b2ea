// SPDX-License-Identifier: Apache-2.0
// Conversations of OpenAI's chat endpoint.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pangu/chat.h"
#include "serve/api/fields.h"
#include "serve/api/tool_choice.h"

namespace pangu::serve {

struct ChatRequest {
  std::vector<Message> messages;
  std::string answer;  ///< the beginning of the reply: a last message of the assistant's
  ChatOptions options;
  OfferedTools tools;  ///< options.tools, and what the request calls their parts
  ToolChoice tool_choice;
};

/// Takes a last message of the assistant's as the beginning of the reply. Throws ApiError naming
/// `key` where nothing comes before it, or another one does.
void take_answer(ChatRequest& chat, std::string_view key);

/// What an effort means: none and minimal answer at once, high and above think first. Throws
/// ApiError for another word; the default where there is none.
Thinking read_effort(Fields& fields, std::string_view key);

/// Reads messages, tools, tool_choice, reasoning_effort and chat_template_kwargs. Content in parts
/// is joined; parts that are no text, unknown roles and messages without content are refused.
/// Throws ApiError.
ChatRequest read_chat(Fields& body);

}  // namespace pangu::serve
