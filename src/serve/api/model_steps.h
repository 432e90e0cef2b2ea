// SPDX-License-Identifier: Apache-2.0
// Requests that a model answers in steps of its own, such as one text after another.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "io/ordered_json.h"
#include "serve/api_error.h"
#include "serve/http/exchange.h"
#include "serve/scheduler/served_model.h"

namespace pangu::serve {

/// A step of the work; the answer, once there is one.
using ModelStep = std::function<std::optional<OrderedJson>(Engine&)>;

/// Who asked, and what goes with the answer.
struct StepContext {
  ExchangePtr exchange;
  ErrorForm error_form = error_response;
  std::string ignored = {};  ///< keys without effect (Fields::unused), for the answer's header
};

/// Calls `step` on the model's thread until it gives the answer, between passes over replies, so
/// that these go on meanwhile. What it throws is answered as an error; a client that goes away ends
/// it. Throws ApiError where the model takes no more.
void run_steps(ServedModel& model, StepContext context, ModelStep step);

}  // namespace pangu::serve
