// SPDX-License-Identifier: Apache-2.0
// Scores of a model before and after something was done to it, on any number of tasks, as a table
// for people and as JSON: what reports of pruning and quantization show.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "eval/result.h"
#include "io/json.h"

namespace pangu::eval {

/// One task: the same file, with the same settings, by both models.
struct TaskScores {
  std::string name;  ///< as the report calls it
  EvalResult before, after;
};

/// One metric of one task.
struct ScoreRow {
  std::string task, metric;
  MetricKind kind = MetricKind::kShare;
  std::int64_t n_before = 0, n_after = 0;  ///< items that were scored
  bool partial = false;                    ///< one of the evaluations was stopped
  Metric before, after;
  /// Of the items that both have; nothing where compare() leaves the metric out: perplexities are
  /// told apart by their bits per byte.
  std::optional<Comparison> change;

  /// Whether the test of Comparison::p_value was made.
  bool has_p_value() const { return change && kind == MetricKind::kShare; }
};

/// Rows in the order of the tasks and of their metrics. `seed` is that of the bootstrap.
/// Throws InputError for a task whose results have different metrics, naming both.
std::vector<ScoreRow> score_rows(std::span<const TaskScores> tasks, std::uint64_t seed = 0);

/// What the two columns of scores are called.
struct ScoreLabels {
  std::string before = "before", after = "after";
};

/// "0.8812"; what is beyond a million, as perplexities of broken models are, "2.351e+11".
std::string score_text(double value);

/// A table of GitHub's Markdown and a sentence about its intervals, newline at the end. The
/// difference is after minus before; what does not exist is a dash. Names are escaped.
std::string score_markdown(std::span<const ScoreRow> rows, const ScoreLabels& labels = {});

/// A list of {"task", "metric", "n_before", "n_after", "partial", "before": {"value", "ci95"},
/// "after": {...}, "change": {"n", "before", "after", "difference", "ci95", "only_before",
/// "only_after", "p_value"}}. `change` is null where there is none, and the last three of its keys
/// exist for shares only.
Json score_json(std::span<const ScoreRow> rows);

}  // namespace pangu::eval
