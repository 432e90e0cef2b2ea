// SPDX-License-Identifier: Apache-2.0
// Answers in Anthropic's form (https://docs.anthropic.com/en/api/messages-streaming).
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "serve/api/reply_run.h"

namespace pangu::serve {

/// One message of the assistant's, in blocks: what it thought, what it says, and each call of a
/// tool. A stream has a new block wherever the one turns into the other.
std::unique_ptr<Protocol> anthropic_protocol(std::string model, std::int64_t prompt_tokens,
                                             std::uint64_t seed);

/// {"type": "error", "error": {"type", "message", ...}}
Json anthropic_error_json(const ApiError& error);
HttpResponse anthropic_error(const ApiError& error);

}  // namespace pangu::serve
