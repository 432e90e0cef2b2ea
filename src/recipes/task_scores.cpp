// SPDX-License-Identifier: Apache-2.0
#include "recipes/task_scores.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <limits>
#include <optional>
#include <utility>

#include "base/clipped.h"
#include "base/error.h"
#include "base/last_name.h"
#include "runtime/model.h"

namespace pangu::recipes {
namespace {

constexpr double kAnyScore = std::numeric_limits<double>::max();

const char* const kKinds[] = {"share", "rate", "exp_rate"};

Json kept_json(const std::string& name, const eval::EvalResult& result) {
  Json measured = Json::array(), items = Json::array();
  for (const eval::MetricInfo& m : result.measured) {
    measured.push_back({{"name", m.name}, {"kind", kKinds[static_cast<std::size_t>(m.kind)]}});
  }
  for (const eval::EvalItem& item : result.items) {
    Json measures = Json::array();
    for (const eval::Cluster& c : item.measures) measures.push_back({c.value, c.weight});
    items.push_back({{"line", item.info.line}, {"measures", std::move(measures)}});
  }
  Json scores = Json::array();
  for (const eval::Metric& m : eval::summarize(result)) {
    scores.push_back({{"name", m.name}, {"value", m.value}, {"ci95", {m.ci95.low, m.ci95.high}}});
  }
  return {{"task", name},
          {"planned", result.planned},
          {"measured", std::move(measured)},
          {"scores", std::move(scores)},
          {"items", std::move(items)}};
}

const Json& list_of_key(const JsonObject& json, std::string_view key) {
  const Json* found = json.find(key);
  if (!found || !found->is_array()) json.reject(key, "a list");
  return *found;
}

}  // namespace

ScoredTask parse_scored_task(const std::string& text, std::int64_t limit) {
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos || colon + 1 == text.size()) {
    fail<ConfigError>(
        "[prune] --eval '{}' was given. TASK:FILE was expected, such as "
        "gsm8k:problems.jsonl.",
        clipped(text));
  }
  ScoredTask out;
  out.options.task = eval::parse_task(text.substr(0, colon));
  if (out.options.task == eval::Task::kDivergence) {
    fail<ConfigError>(
        "[prune] --eval '{}' was given, but kl compares two models, and a table of scores has one "
        "in each column. Use ppl, or pangu eval --task kl --reference afterwards.",
        clipped(text));
  }
  out.options.data = text.substr(colon + 1);
  out.options.limit = limit;
  out.name = fmt::format("{}: {}", text.substr(0, colon), last_name(out.options.data));
  return out;
}

TaskScores::TaskScores(const std::vector<ScoredTask>& tasks, int jobs) {
  for (ScoredTask task : tasks) {
    task.options.jobs = jobs;
    task.options.limits.allow_waiting();
    eval::EvalData data = eval::load_eval_data(task.options);
    tasks_.push_back({std::move(task), std::move(data)});
  }
}

Json TaskScores::scores(const std::filesystem::path& path, const ScoringHooks& hooks,
                        Context& ctx) const {
  if (tasks_.empty()) return {};
  const Model model = load_model(path, {}, ctx);
  Json all = Json::array();
  for (const Loaded& entry : tasks_) {
    const ScoredTask& task = entry.task;
    std::optional<eval::Sandbox> sandbox;
    if (task.options.task == eval::Task::kCode) sandbox.emplace(eval::Sandbox::open());
    const auto progress = [&](std::int64_t done, std::int64_t total, double score) {
      if (hooks.progress) hooks.progress(task.name, score, done, total);
    };
    const eval::EvalResult result =
        eval::evaluate(model, ctx, task.options, entry.data, sandbox ? &*sandbox : nullptr,
                       {.progress = progress, .cancel = hooks.cancel});
    if (hooks.cancel.stop_requested())
      fail<Cancelled>("[cancel] stopped while {} was scored.", task.name);
    all.push_back(kept_json(task.name, result));
  }
  return all;
}

void TaskScores::check(const JsonObject& round) const {
  if (tasks_.empty() && !round.contains("measured")) return;
  if (list_of_key(round, "measured").size() != tasks_.size()) {
    round.reject("measured", fmt::format("a list of the scores of {} tasks", tasks_.size()));
  }
  for (std::size_t t = 0; t < tasks_.size(); ++t) {
    const JsonObject scores(round.file(), list_of_key(round, "measured")[t]);
    if (scores.get_string("task") != tasks_[t].task.name) {
      scores.reject("task", fmt::format("'{}'", tasks_[t].task.name));
    }
    if (kept_result(scores).measured.empty()) scores.reject("measured", "at least one metric");
    if (list_of_key(scores, "scores").empty()) scores.reject("scores", "at least one score");
    for (const Json& value : list_of_key(scores, "scores")) {
      const JsonObject score(round.file(), value);
      score.get_string("name");
      score.get_number("value", -kAnyScore, kAnyScore);
      const Json& ends = list_of_key(score, "ci95");
      if (ends.size() != 2 || !ends[0].is_number() || !ends[1].is_number()) {
        score.reject("ci95", "two numbers");
      }
    }
  }
}

eval::EvalResult kept_result(const JsonObject& json) {
  eval::EvalResult out;
  out.task = json.get_string("task");
  out.planned = json.get_int("planned", 0, std::int64_t{1} << 40);
  for (const Json& value : list_of_key(json, "measured")) {
    const JsonObject metric(json.file(), value);
    const std::string& kind = metric.get_string("kind");
    const auto at = std::ranges::find(kKinds, kind);
    if (at == std::end(kKinds)) metric.reject("kind", "share, rate or exp_rate");
    out.measured.push_back(
        {metric.get_string("name"), static_cast<eval::MetricKind>(at - std::begin(kKinds))});
  }
  for (const Json& value : list_of_key(json, "items")) {
    const JsonObject row(json.file(), value);
    eval::EvalItem item;
    item.info.line = row.get_int("line", 0, std::int64_t{1} << 40);
    for (const Json& measure : list_of_key(row, "measures")) {
      if (!measure.is_array() || measure.size() != 2 || !measure[0].is_number() ||
          !measure[1].is_number()) {
        row.reject("measures", "a list of pairs of numbers");
      }
      item.measures.push_back({measure[0].get<double>(), measure[1].get<double>()});
    }
    if (item.measures.size() != out.measured.size()) row.reject("measures", "one for each metric");
    out.items.push_back(std::move(item));
  }
  return out;
}

}  // namespace pangu::recipes
