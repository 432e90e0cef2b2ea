// SPDX-License-Identifier: Apache-2.0
// Tools of a request in Anthropic's form
// (https://docs.anthropic.com/en/docs/build-with-claude/tool-use).
#pragma once

#include "serve/api/chat_messages.h"
#include "serve/api/fields.h"

namespace pangu::serve {

/// Reads tools (name, description, input_schema) and tool_choice into `chat`. Tools of Anthropic's
/// own, whose schema only its models know, are refused by name. Throws ApiError.
void read_anthropic_tools(Fields& body, ChatRequest& chat);

}  // namespace pangu::serve
