// SPDX-License-Identifier: Apache-2.0
// POST /v1/responses (https://platform.openai.com/docs/api-reference/responses/create), without a
// memory of earlier ones.
#pragma once

#include "serve/api/generation_fields.h"
#include "serve/api/reply_run.h"

namespace pangu::serve {

/// Reads the body of a request and asks `model` for the reply. Throws ApiError.
void openai_responses(ServedModel& model, Fields& body, const RequestLimits& limits,
                      ReplyContext context);

}  // namespace pangu::serve
