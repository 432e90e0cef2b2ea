// SPDX-License-Identifier: Apache-2.0
// Pieces that answers of OpenAI's endpoints have in common.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "pangu/generation.h"
#include "pangu/tokenizer.h"
#include "serve/api/reply_run.h"

namespace pangu::serve {

/// "data: {...}\n\n"
std::string sse(const Json& event);
/// "event: TYPE\ndata: {...}\n\n" with the event's own type.
std::string typed_sse(const Json& event);
inline constexpr std::string_view kSseDone = "data: [DONE]\n\n";

/// Seconds since 1970.
std::int64_t unix_time();
/// When the program began to tell the time: what models are said to be created at.
std::int64_t start_time();

/// "stop", "length", "tool_calls"
std::string finish_reason(const Generation& generation);

/// prompt_tokens, completion_tokens, total_tokens, prompt_tokens_details.cached_tokens,
/// completion_tokens_details.reasoning_tokens. Prompts that choices share count once.
Json usage_json(const std::vector<Choice>& choices, std::size_t choices_per_prompt);

/// How long the choices took, in llama.cpp's form, with the seed that repeats them, and what was
/// decided of NAME:auto.
Json timings_json(const std::vector<Choice>& choices, std::uint64_t seed);

/// [{"id", "type", "function": {"name", "arguments"}}, ...]
Json calls_json(const std::vector<ToolCall>& calls);
/// The same of what a token adds to a call, with its index; names come with the first part alone.
Json call_delta_json(const ToolCallDelta& call);

/// {"token", "logprob", "bytes", "top_logprobs": [...]}
Json logprob_json(const Tokenizer& tokenizer, const GeneratedToken& token);

/// A number as people write it: 0.7 stays 0.7 on its way through single precision.
Json short_number(float value);

/// A probability of nothing, as vLLM writes it: JSON has no infinity.
inline constexpr double kNoLogprob = -9999.0;
double finite_logprob(float logprob);

}  // namespace pangu::serve
