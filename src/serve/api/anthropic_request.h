// SPDX-License-Identifier: Apache-2.0
// What a request in Anthropic's form asks for (https://docs.anthropic.com/en/api/messages).
#pragma once

#include "serve/api/chat_messages.h"
#include "serve/api/generation_fields.h"

namespace pangu::serve {

/// Reads messages, system, tools, tool_choice, thinking and its budget, into `options` where it is
/// one of tokens.
/// System blocks that begin with x-anthropic- are left out: they tell Anthropic who pays, change
/// with every request, and would make every prompt a new one. Throws ApiError.
ChatRequest read_anthropic_chat(Fields& body, GenerateOptions& options);

/// Reads output_config.format, or output_format as it was called before: the schema that a reply is
/// held to; null where there is none. Throws ApiError.
std::shared_ptr<const OutputGrammar> read_anthropic_format(Fields& body, const ServedModel& model);

/// Reads max_tokens, stop_sequences, stream and how tokens are drawn; the rest is as in `advised`.
/// Throws ApiError.
ReplyWishes read_anthropic_wishes(Fields& body, const SamplingOptions& advised,
                                  const RequestLimits& limits);

}  // namespace pangu::serve
