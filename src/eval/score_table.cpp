// SPDX-License-Identifier: Apache-2.0
#include "eval/score_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "eval/result_json.h"
#include "report/markdown.h"

namespace pangu::eval {
namespace {

std::string metric_names(const EvalResult& r) {
  std::string names;
  for (const MetricInfo& m : r.measured) names += (names.empty() ? "" : ", ") + m.name;
  return names;
}

void require_same_metrics(const TaskScores& t) {
  const bool same = std::ranges::equal(t.before.measured, t.after.measured, {}, &MetricInfo::name,
                                       &MetricInfo::name);
  if (same) return;
  fail<InputError>(
      "[score table] {}: the first result has the metrics {}, the second {}. Evaluations of one "
      "task by two models were expected.",
      t.name, metric_names(t.before), metric_names(t.after));
}

std::string score_cell(const Metric& m) {
  return fmt::format("{} [{}, {}]", score_text(m.value), score_text(m.ci95.low),
                     score_text(m.ci95.high));
}

std::string items_cell(const ScoreRow& r) {
  std::string text = std::to_string(r.n_before);
  if (r.n_after != r.n_before) text += fmt::format(" / {}", r.n_after);
  return text + (r.partial ? " (partial)" : "");
}

std::string change_cell(const ScoreRow& r) {
  if (!r.change) return std::string(kNoCell);
  const Comparison& c = *r.change;
  return fmt::format("{:+.4f} [{:+.4f}, {:+.4f}]", c.difference, c.ci95.low, c.ci95.high);
}

std::string p_cell(const ScoreRow& r) {
  return r.has_p_value() ? fmt::format("{:.3g}", r.change->p_value) : std::string(kNoCell);
}

Json change_json(const ScoreRow& r) {
  if (!r.change) return {};
  const Comparison& c = *r.change;
  Json json = {{"n", c.n},
               {"before", c.a},
               {"after", c.b},
               {"difference", c.difference},
               {"ci95", interval_json(c.ci95)}};
  if (r.has_p_value()) {
    json["only_before"] = c.only_a;
    json["only_after"] = c.only_b;
    json["p_value"] = c.p_value;
  }
  return json;
}

}  // namespace

std::string score_text(double value) {
  constexpr double kMost = 1e6;
  return std::fabs(value) < kMost ? fmt::format("{:.4f}", value) : fmt::format("{:.3e}", value);
}

std::vector<ScoreRow> score_rows(std::span<const TaskScores> tasks, std::uint64_t seed) {
  std::vector<ScoreRow> rows;
  for (const TaskScores& t : tasks) {
    require_same_metrics(t);
    const std::vector<Metric> before = summarize(t.before), after = summarize(t.after);
    const std::vector<Comparison> changes = compare(t.before, t.after, seed);
    for (std::size_t m = 0; m < before.size(); ++m) {
      ScoreRow row{.task = t.name,
                   .metric = before[m].name,
                   .kind = t.before.measured[m].kind,
                   .n_before = std::ssize(t.before.items),
                   .n_after = std::ssize(t.after.items),
                   .partial = t.before.partial || t.after.partial,
                   .before = before[m],
                   .after = after[m],
                   .change = {}};
      const auto change = std::ranges::find(changes, row.metric, &Comparison::metric);
      if (change != changes.end()) row.change = *change;
      rows.push_back(std::move(row));
    }
  }
  return rows;
}

std::string score_markdown(std::span<const ScoreRow> rows, const ScoreLabels& labels) {
  std::string text = fmt::format(
      "| task | metric | items | {} | {} | difference | p |\n|---|---|--:|--:|--:|--:|--:|\n",
      markdown_cell(labels.before), markdown_cell(labels.after));
  for (const ScoreRow& r : rows) {
    text += fmt::format("| {} | {} | {} | {} | {} | {} | {} |\n", markdown_cell(r.task),
                        markdown_cell(r.metric), items_cell(r), score_cell(r.before),
                        score_cell(r.after), change_cell(r), p_cell(r));
  }
  return text +
         "\nIn brackets 95 % intervals: of scores Wilson's for shares and the delta method's for "
         "rates, of differences, which pair the same items, by bootstrap. p is of McNemar's exact "
         "test.\n";
}

Json score_json(std::span<const ScoreRow> rows) {
  Json json = Json::array();
  for (const ScoreRow& r : rows) {
    json.push_back({{"task", r.task},
                    {"metric", r.metric},
                    {"n_before", r.n_before},
                    {"n_after", r.n_after},
                    {"partial", r.partial},
                    {"before", metric_json(r.before)},
                    {"after", metric_json(r.after)},
                    {"change", change_json(r)}});
  }
  return json;
}

}  // namespace pangu::eval
