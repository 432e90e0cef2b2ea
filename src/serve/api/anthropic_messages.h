// SPDX-License-Identifier: Apache-2.0
// POST /v1/messages and /v1/messages/count_tokens (https://docs.anthropic.com/en/api/messages).
#pragma once

#include "serve/api/generation_fields.h"
#include "serve/api/reply_run.h"

namespace pangu::serve {

/// Reads the body of a request and asks `model` for the reply. Throws ApiError.
void anthropic_messages(ServedModel& model, Fields& body, const RequestLimits& limits,
                        ReplyContext context);

/// {"input_tokens": N}: how many tokens the prompt has, whether it fits or not. Throws ApiError.
Json anthropic_count_json(const ServedModel& model, Fields& body);

}  // namespace pangu::serve
