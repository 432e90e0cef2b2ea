// SPDX-License-Identifier: Apache-2.0
// Tools and calls in the form in which templates expect them, and whether a template shows them.
#pragma once

#include <span>

#include "pangu/chat.h"
#include "text/chat/chat_template.h"

namespace pangu {

/// Calls whose arguments are objects, as templates print them, where they are the text of one, as
/// the OpenAI form has them. What is not of that form is left as it is.
ChatJson with_object_arguments(ChatJson calls);

/// The text of a JSON array of tools in the OpenAI form; null for an empty text or array.
/// throws InputError unless it is an array of objects that each name their tool.
ChatJson tools_from(const std::string& json);

/// Whether a conversation needs a template that knows tools.
bool uses_tools(std::span<const Message> messages, const RenderOptions& options);

/// throws Unsupported if the prompt would leave out the tools of `options` or calls of a message,
///        which is found out by rendering with other names in their place; else as render().
void require_tools_shown(const ChatTemplate& chat_template, std::span<const Message> messages,
                         const RenderOptions& options);

}  // namespace pangu
