// SPDX-License-Identifier: Apache-2.0
// POST /v1/completions (https://platform.openai.com/docs/api-reference/completions/create).
#pragma once

#include "serve/api/generation_fields.h"
#include "serve/api/reply_run.h"

namespace pangu::serve {

/// Reads the body of a request and asks `model` for the replies. A prompt is a
/// text, tokens, or a list of either; choice `c` of prompt `p` has the index p * n + c. Throws
/// ApiError.
void completions(ServedModel& model, Fields& body, const RequestLimits& limits,
                 ReplyContext context);

}  // namespace pangu::serve
