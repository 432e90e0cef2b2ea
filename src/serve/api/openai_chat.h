// SPDX-License-Identifier: Apache-2.0
// POST /v1/chat/completions
// (https://platform.openai.com/docs/api-reference/chat/create).
#pragma once

#include "serve/api/generation_fields.h"
#include "serve/api/reply_run.h"

namespace pangu::serve {

/// Reads the body of a request and asks `model` for the replies. Throws ApiError.
void chat_completions(ServedModel& model, Fields& body, const RequestLimits& limits,
                      ReplyContext context);

}  // namespace pangu::serve
