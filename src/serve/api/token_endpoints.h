// SPDX-License-Identifier: Apache-2.0
// POST /tokenize, /detokenize and /apply-template: what a model makes of texts, without computing.
// The keys are those of llama.cpp's server and of vLLM's.
#pragma once

#include "serve/api/fields.h"
#include "serve/scheduler/served_model.h"

namespace pangu::serve {

/// {"content" or "prompt": text, "add_special": bool, "with_pieces": bool} to {"tokens", "count",
/// "max_model_len"}. Throws ApiError.
Json tokenize_json(const ServedModel& model, Fields& body);

/// {"tokens": [...]} to {"content", "prompt"}: the same text under both names. Throws ApiError.
Json detokenize_json(const ServedModel& model, Fields& body);

/// {"messages": [...], ...} to {"prompt", "tokens"}. Throws ApiError.
Json template_json(const ServedModel& model, Fields& body);

}  // namespace pangu::serve
