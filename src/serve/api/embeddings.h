// SPDX-License-Identifier: Apache-2.0
// POST /v1/embeddings (https://platform.openai.com/docs/api-reference/embeddings/create).
#pragma once

#include "serve/api/fields.h"
#include "serve/api/generation_fields.h"
#include "serve/http/exchange.h"
#include "serve/scheduler/served_model.h"

namespace pangu::serve {

/// {"input": a text, tokens, or a list of either, "encoding_format": "float" or "base64",
/// "pooling": "mean" or "last"} to one vector of length 1 for each. They are computed on the
/// model's thread, between passes over replies; the answer comes from there. Throws ApiError.
void embeddings(ServedModel& model, Fields& body, const RequestLimits& limits,
                const ExchangePtr& exchange);

}  // namespace pangu::serve
