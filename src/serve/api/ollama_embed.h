// SPDX-License-Identifier: Apache-2.0
// POST /api/embed and the older /api/embeddings (https://docs.ollama.com/api/embed).
#pragma once

#include "serve/api/fields.h"
#include "serve/api/generation_fields.h"
#include "serve/http/exchange.h"
#include "serve/scheduler/served_model.h"

namespace pangu::serve {

/// {"input": a text, or a list} to {"embeddings": [...]}; without input, none: the request only
/// wants the model to be there. Texts that do not fit are refused whatever `truncate` says. The
/// answer comes from the model's thread. Throws ApiError.
void ollama_embed(ServedModel& model, Fields& body, const RequestLimits& limits,
                  const ExchangePtr& exchange);

/// The same of {"prompt": a text} to {"embedding": [...]}.
void ollama_embeddings(ServedModel& model, Fields& body, const RequestLimits& limits,
                       const ExchangePtr& exchange);

}  // namespace pangu::serve
