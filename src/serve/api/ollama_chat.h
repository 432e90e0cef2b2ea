// SPDX-License-Identifier: Apache-2.0
// POST /api/chat and /api/generate (https://docs.ollama.com/api/chat).
#pragma once

#include "serve/api/generation_fields.h"
#include "serve/api/reply_run.h"

namespace pangu::serve {

// They read the body of a request and ask `model` for the reply. Throw ApiError.

void ollama_chat(ServedModel& model, Fields& body, const RequestLimits& limits,
                 ReplyContext context);
void ollama_generate(ServedModel& model, Fields& body, const RequestLimits& limits,
                     ReplyContext context);

}  // namespace pangu::serve
