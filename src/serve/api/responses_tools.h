// SPDX-License-Identifier: Apache-2.0
// Tools of a request of OpenAI's Responses API
// (https://platform.openai.com/docs/guides/function-calling?api-mode=responses).
#pragma once

#include "serve/api/chat_messages.h"
#include "serve/api/fields.h"

namespace pangu::serve {

/// Reads functions among tools, tool_choice and parallel_tool_calls into `chat`. Tools that OpenAI
/// runs (web_search and others) are not offered to the model, and counted among what has no effect:
/// clients name them whether there are any or not. Throws ApiError, for tools that a client runs
/// and that are no functions (local_shell, custom), too: the client would wait for their calls.
void read_responses_tools(Fields& body, ChatRequest& chat);

/// The tools that are offered, as the request has them.
OrderedJson offered_functions(Fields& body);

}  // namespace pangu::serve
