// SPDX-License-Identifier: Apache-2.0
#include "serve/api/decisions.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "runtime/engine_parts.h"
#include "runtime/score/scoring.h"
#include "serve/api/decision_question.h"
#include "serve/api/model_steps.h"
#include "serve/api/openai_parts.h"
#include "serve/api/presentation.h"
#include "serve/http/random_name.h"

namespace pangu::serve {
namespace {

/// Orders in one step: with their pair, what all prompts begin with is computed once.
constexpr std::size_t kOrdersPerStep = 2;

/// A decision on its way.
struct DecisionRun {
  std::string model;
  DecisionQuestion question;
  std::vector<Presentation> orders;
  std::vector<Scorer::Group> groups;
  std::unique_ptr<Scorer> scorer = {};
  std::vector<std::vector<double>> logprobs = {};  ///< of each order that was scored

  std::optional<OrderedJson> step(Engine& engine) {
    if (!scorer) scorer = make_scorer(engine);
    const std::size_t done = logprobs.size();
    const auto part =
        std::span(groups).subspan(done, std::min(kOrdersPerStep, groups.size() - done));
    for (const std::vector<TextScore>& scores : scorer->score(part)) {
      logprobs.emplace_back();
      for (const TextScore& score : scores) logprobs.back().push_back(score.logprob);
    }
    if (logprobs.size() < groups.size()) return std::nullopt;
    return json();
  }

  /// With room for the orders of a step, each with pages of its own for every label.
  std::unique_ptr<Scorer> make_scorer(Engine& engine) const {
    std::int64_t longest = 0, label_tokens = 1;
    for (const Scorer::Group& group : groups) {
      for (const ScoredText& text : group) {
        longest = std::max(longest, std::ssize(text.ids));
        label_tokens = std::max(label_tokens, std::ssize(text.ids) - text.from);
      }
    }
    const std::int64_t of_label = whole_pages_around(label_tokens) + whole_pages_around(1);
    const std::int64_t each = whole_pages_around(longest) + std::ssize(question.options) * of_label;
    return std::make_unique<Scorer>(
        EngineParts::model(engine), EngineParts::context(engine),
        ScorerOptions{.context = longest,
                      .cache_positions = each * static_cast<std::int64_t>(kOrdersPerStep),
                      .kv = EngineParts::kv_format(engine)});
  }

  OrderedJson json() const {
    const Decision decision = decide(orders, logprobs);
    OrderedJson options = OrderedJson::array(), by_order = OrderedJson::array();
    for (std::size_t i = 0; i < question.options.size(); ++i) {
      options.push_back({{"index", i},
                         {"text", question.options[i]},
                         {"probability", decision.probabilities[i]}});
    }
    for (std::size_t o = 0; o < orders.size(); ++o) {
      by_order.push_back({{"order", orders[o]}, {"probabilities", decision.by_order[o]}});
    }
    const OrderedJson choice = options[decision.choice];
    const ScoreStats& stats = scorer->stats();
    const std::int64_t prompt = stats.tokens + stats.shared_tokens;
    return {{"id", random_name("dec-")},
            {"object", "decision"},
            {"created", unix_time()},
            {"model", model},
            {"choice", choice},
            {"options", std::move(options)},
            {"agreement", decision.agreement},
            {"label_mass", decision.label_mass},
            {"orders", std::move(by_order)},
            {"usage",
             {{"prompt_tokens", prompt},
              {"total_tokens", prompt},
              {"prompt_tokens_details", {{"cached_tokens", stats.shared_tokens}}}}}};
  }
};

}  // namespace

void decisions(ServedModel& model, Fields& body, const RequestLimits& /*limits*/,
               const ExchangePtr& exchange) {
  const auto run = std::make_shared<DecisionRun>(
      DecisionRun{.model = model.name(), .question = read_decision_question(model, body)});
  run->orders = read_orders(body, run->question.options.size());
  run->groups = decision_groups(model, run->question, run->orders);
  run_steps(model, {.exchange = exchange, .ignored = body.unused()},
            [run](Engine& engine) { return run->step(engine); });
}

}  // namespace pangu::serve
