// SPDX-License-Identifier: Apache-2.0
// POST /v1/decisions: which of given options a model prefers, with probabilities, without writing.
#pragma once

#include "serve/api/fields.h"
#include "serve/api/generation_fields.h"
#include "serve/http/exchange.h"
#include "serve/scheduler/served_model.h"

namespace pangu::serve {

/// {"messages" or "prompt", "options": [texts], "orders", "instruction"}: the options are listed
/// under letters behind the question, in several orders, and the likelihoods of the letters as the
/// answer tell what the model prefers. Computed on the model's thread, between passes over replies;
/// the answer comes from there. Throws ApiError.
void decisions(ServedModel& model, Fields& body, const RequestLimits& limits,
               const ExchangePtr& exchange);

}  // namespace pangu::serve
