// SPDX-License-Identifier: Apache-2.0
#include "adaptive/thinking/train_thinking.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <type_traits>
#include <utility>

#include "adaptive/intent/probe/folds.h"
#include "adaptive/intent/train_probe.h"
#include "adaptive/thinking/thinking_chooser.h"
#include "adaptive/thinking/thinking_head.h"
#include "adaptive/thinking/threshold.h"
#include "base/error.h"
#include "eval/prompts.h"
#include "eval/sandbox.h"

namespace pangu::adaptive {
namespace {

bool item_is_right(const eval::EvalItem& item) {
  return item.measures.front().value >= 0.5;
}

void refuse_choices(const KindTask& task) {
  if (!std::holds_alternative<std::vector<eval::ChoiceRow>>(task.data.rows)) return;
  fail<ConfigError>(
      "[thinking] the items of {} ({}) are choices, which are scored and not written: nothing is "
      "thought about them. Give them as a match task: \"prompt\" and \"answer\".",
      task.kind, task.name);
}

/// The requests of a task, in the order of its lines.
std::vector<Request> requests_of_task(const KindTask& task) {
  std::vector<Request> out;
  std::visit(
      [&](const auto& rows) {
        using Row = typename std::remove_cvref_t<decltype(rows)>::value_type;
        if constexpr (!std::is_same_v<Row, eval::ChoiceRow> &&
                      !std::is_same_v<Row, eval::TextRow>) {
          for (const Row& row : rows) {
            out.push_back(request_of(eval::conversation_of(eval::prompt_of(row), {})));
          }
        }
      },
      task.data.rows);
  return out;
}

class BothModes {
 public:
  BothModes(const Model& model, Context& ctx, std::span<const KindTask> tasks,
            const ThinkingTrainOptions& options, const ProgressFn& progress)
      : model_(model), ctx_(ctx), options_(options), progress_(progress) {
    for (const KindTask& task : tasks) {
      refuse_choices(task);
      total_ += 2 * std::ssize(lines_of(task.data));
      if (task.options.task == eval::Task::kCode && !sandbox_) {
        sandbox_.emplace(eval::Sandbox::open());
      }
    }
  }

  void answer(const KindTask& task) {
    const eval::EvalResult fast = replies(task, Thinking::kFast);
    const eval::EvalResult slow = replies(task, Thinking::kSlow);
    std::vector<Request> requests = requests_of_task(task);
    const int number = static_cast<int>(items.tasks.size());
    items.tasks.push_back(fmt::format("{} ({})", task.kind, task.name));
    for (std::size_t i = 0; i < requests.size(); ++i) {
      items.requests.push_back(std::move(requests[i]));
      items.outcomes.push_back({.task = number,
                                .fast_right = item_is_right(fast.items[i]),
                                .slow_right = item_is_right(slow.items[i]),
                                .fast_tokens = std::ssize(fast.items[i].reply),
                                .slow_tokens = std::ssize(slow.items[i].reply)});
    }
  }

  ThinkingItems items;

 private:
  /// Items in the order of their lines.
  eval::EvalResult replies(const KindTask& task, Thinking thinking) {
    eval::EvalOptions o = task.options;
    o.form = eval::PromptForm::kChat;
    o.thinking = thinking;
    o.batch = options_.batch;
    o.max_tokens = options_.max_tokens.value_or(o.max_tokens);
    o.jobs = options_.jobs;
    o.limits.allow_waiting();
    const std::string what =
        fmt::format("{}, {}", task.kind, thinking == Thinking::kFast ? "fast" : "slow");
    eval::EvalResult result =
        eval::evaluate(model_, ctx_, o, task.data, sandbox_ ? &*sandbox_ : nullptr,
                       {.progress =
                            [&](std::int64_t done, std::int64_t, double) {
                              if (progress_) progress_(what, done_ + done, total_);
                            },
                        .cancel = options_.cancel});
    if (result.partial || options_.cancel.stop_requested()) fail<Cancelled>("[thinking] stopped");
    done_ += std::ssize(result.items);
    return result;
  }

  const Model& model_;
  Context& ctx_;
  const ThinkingTrainOptions& options_;
  const ProgressFn& progress_;
  std::optional<eval::Sandbox> sandbox_;
  std::int64_t done_ = 0, total_ = 0;
};

/// Classes that have enough items to be learnt; items of the others count as kEitherClass.
LabelledFeatures labelled_outcomes(const ThinkingItems& items, std::vector<Features> features,
                                   int least) {
  LabelledFeatures out{.classes = {std::string(kEitherClass)}, .features = std::move(features)};
  for (const std::string_view name : {kSlowClass, kFastClass}) {
    std::set<std::string_view> texts;
    for (std::size_t i = 0; i < items.outcomes.size(); ++i) {
      if (thinking_class(items.outcomes[i]) == name) texts.insert(items.requests[i].text);
    }
    if (std::ssize(texts) >= least) out.classes.emplace_back(name);
  }
  for (const ThinkingOutcome& outcome : items.outcomes) {
    const auto found = std::ranges::find(out.classes, thinking_class(outcome));
    out.labels.push_back(
        found == out.classes.end() ? 0 : static_cast<int>(found - out.classes.begin()));
  }
  // What is asked twice is kept back together.
  for (const Request& request : items.requests) out.groups.push_back(request.text);
  return out;
}

/// What the head predicts of each item that it had not seen, and in which fold that was.
struct Predictions {
  std::vector<double> scores;
  std::vector<int> folds;
};

Predictions constant_predictions(const ThinkingOdds& odds, std::size_t n, int folds) {
  Predictions out{std::vector<double>(n, odds.score()), {}};
  for (std::size_t i = 0; i < n; ++i) out.folds.push_back(static_cast<int>(i) % folds);
  return out;
}

Predictions predictions_of(const TrainedHead& trained, const LabelledFeatures& examples,
                           const TrainHeadOptions& options) {
  Predictions out;
  for (Eigen::Index i = 0; i < trained.kept_back.rows(); ++i) {
    const std::span<const double> row(trained.kept_back.row(i).data(), examples.classes.size());
    out.scores.push_back(thinking_odds(trained.head, row).score());
  }
  out.folds =
      assign_folds(examples.labels, examples.groups, examples.classes, options.folds, options.seed);
  return out;
}

void score_tasks(TrainedThinking& out, const ThinkingItems& items, std::span<const char> thinks,
                 std::uint64_t seed) {
  out.score = score_thinking(items.outcomes, thinks, seed);
  for (std::size_t task = 0; task < items.tasks.size(); ++task) {
    std::vector<ThinkingOutcome> outcomes;
    std::vector<char> own;
    for (std::size_t i = 0; i < thinks.size(); ++i) {
      if (items.outcomes[i].task != static_cast<int>(task)) continue;
      outcomes.push_back(items.outcomes[i]);
      own.push_back(thinks[i]);
    }
    out.of_tasks.push_back(score_thinking(outcomes, own, seed));
  }
}

void check_items(const ThinkingItems& items, std::size_t features, int folds) {
  const std::size_t n = items.outcomes.size();
  if (items.requests.size() != n || features != n) {
    fail<ShapeError>(
        "[thinking] there are {} outcomes, {} requests and {} features. One of each was expected.",
        n, items.requests.size(), features);
  }
  if (n < static_cast<std::size_t>(folds)) {
    fail<InputError>(
        "[thinking] there are {} items for {} folds. At least as many were expected; some hundred "
        "are of use.",
        n, folds);
  }
}

}  // namespace

std::vector<double> thinking_lambdas() {
  return {1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2};
}

ThinkingItems answer_in_both_modes(const Model& model, Context& ctx,
                                   std::span<const KindTask> tasks,
                                   const ThinkingTrainOptions& options,
                                   const ProgressFn& progress) {
  require_thinking_modes(model);
  BothModes modes(model, ctx, tasks, options, progress);
  for (const KindTask& task : tasks) modes.answer(task);
  return std::move(modes.items);
}

TrainedThinking train_thinking_head(const ThinkingItems& items, std::vector<Features> features,
                                    const ThinkingTrainOptions& options, std::int64_t hidden_size,
                                    ThreadPool& threads) {
  check_items(items, features.size(), options.head.folds);
  TrainHeadOptions head_options = options.head;
  head_options.balanced = false;  // probabilities are to say how often thinking pays
  TrainedThinking out;
  out.only_slow = std::ranges::count(items.outcomes, kSlowClass, thinking_class);
  out.only_fast = std::ranges::count(items.outcomes, kFastClass, thinking_class);
  const LabelledFeatures examples =
      labelled_outcomes(items, std::move(features), head_options.folds);
  Predictions predictions;
  if (examples.classes.size() < 2) {
    const auto n = static_cast<double>(items.outcomes.size());
    const ThinkingOdds odds{static_cast<double>(out.only_slow) / n,
                            static_cast<double>(out.only_fast) / n};
    out.head = constant_thinking_head(odds);
    predictions = constant_predictions(odds, items.outcomes.size(), head_options.folds);
  } else {
    TrainedHead trained =
        train_head(std::string(kThinkingHead), examples, head_options, hidden_size, threads);
    predictions = predictions_of(trained, examples, head_options);
    out.head = std::move(trained.head);
    out.tried = std::move(trained.tried);
  }
  out.head.threshold = choose_thinking_threshold(items.outcomes, predictions.scores, options.keep);
  const std::vector<char> thinks =
      cross_thresholds(items.outcomes, predictions.scores, predictions.folds, options.keep);
  score_tasks(out, items, thinks, head_options.seed);
  HeadRecord& record = out.head.record;
  record.examples = std::ssize(items.outcomes);
  record.max_error = 1 - options.keep;
  const std::int64_t slow = out.score.automatic.slow;
  std::int64_t wrong = 0;
  for (std::size_t i = 0; i < thinks.size(); ++i) {
    wrong += thinks[i] != 0 && !items.outcomes[i].slow_right ? 1 : 0;
  }
  record.coverage = static_cast<double>(slow) / static_cast<double>(items.outcomes.size());
  record.accepted_error = slow > 0 ? static_cast<double>(wrong) / static_cast<double>(slow) : 0.0;
  record.is_bound = false;
  return out;
}

TrainedThinking train_thinking(const Model& model, Context& ctx, const ThinkingItems& items,
                               ThinkingTrainOptions options, const ProgressFn& progress) {
  const bool has_stream = (options.head.blocks & kStreamBlocks) != 0;
  if (has_stream && options.head.layers.empty()) {
    options.head.layers = usual_layers(model.config().n_layers);
  }
  FeatureReader reader(model, ctx, has_stream ? options.head.layers : std::vector<std::int64_t>{});
  const auto total = std::ssize(items.requests);
  std::vector<Features> features = reader.read(items.requests, [&](std::size_t done) {
    if (progress) progress("features", static_cast<std::int64_t>(done), total);
  });
  if (progress) {
    options.head.progress = [&](std::int64_t done, std::int64_t all) {
      progress("training", done, all);
    };
  }
  return train_thinking_head(items, std::move(features), options, model.config().hidden_size,
                             ctx.threads());
}

}  // namespace pangu::adaptive
