// SPDX-License-Identifier: Apache-2.0
#include "serve/api/model_steps.h"

#include <memory>
#include <utility>

namespace pangu::serve {
namespace {

struct StepRun : std::enable_shared_from_this<StepRun> {
  StepRun(ServedModel& served, StepContext asked, ModelStep one)
      : model(served), context(std::move(asked)), step(std::move(one)) {}

  void post() {
    model.post([self = shared_from_this()](Engine* engine) { self->next(engine); });
  }

  void next(Engine* engine) {
    Exchange& exchange = *context.exchange;
    if (exchange.gone().stop_requested()) return;
    try {
      if (engine == nullptr) throw unavailable("The server ends.");
      const std::optional<OrderedJson> answer = step(*engine);
      if (!answer) return post();
      HttpResponse response{.status = 200,
                            .content_type = "application/json",
                            .headers = {},
                            .body = json_text(*answer)};
      if (!context.ignored.empty()) {
        response.headers.emplace_back("pangu-ignored", context.ignored);
      }
      exchange.respond(std::move(response));
    } catch (...) {
      exchange.respond(context.error_form(as_api_error(std::current_exception())));
    }
  }

  ServedModel& model;
  StepContext context;
  ModelStep step;
};

}  // namespace

void run_steps(ServedModel& model, StepContext context, ModelStep step) {
  std::make_shared<StepRun>(model, std::move(context), std::move(step))->post();
}

}  // namespace pangu::serve
