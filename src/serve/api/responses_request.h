// SPDX-License-Identifier: Apache-2.0
// What a request of OpenAI's Responses API asks for
// (https://platform.openai.com/docs/api-reference/responses/create), as far as nothing need be kept
// between requests.
#pragma once

#include "serve/api/chat_messages.h"
#include "serve/api/generation_fields.h"

namespace pangu::serve {

/// Reads input, instructions, tools, tool_choice and reasoning.effort. Developers speak as the
/// system does; items of reasoning, calls and what they gave become the assistant's turns and
/// tools' messages; references to earlier reasoning are passed over, as reasoning of earlier turns
/// is. An input without items is an empty message of the user's. Throws ApiError.
ChatRequest read_responses_chat(Fields& body);

/// Reads max_output_tokens, stream and how tokens are drawn; the rest is as in `advised`. Throws
/// ApiError.
ReplyWishes read_responses_wishes(Fields& body, const SamplingOptions& advised,
                                  const RequestLimits& limits);

/// Reads text.format: what the reply is held to; null where it is free. Throws ApiError.
std::shared_ptr<const OutputGrammar> read_responses_format(Fields& body, const ServedModel& model);

/// Refuses what needs a store or is not done: previous_response_id, conversation, background,
/// log-probabilities. Throws ApiError.
void refuse_responses_unsupported(Fields& body);

/// The response as far as the request says it, status, output and usage left to the reply.
Json response_head(Fields& body, const std::string& model, const ReplyWishes& wishes);

}  // namespace pangu::serve
