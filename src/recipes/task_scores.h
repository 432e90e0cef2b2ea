// SPDX-License-Identifier: Apache-2.0
// Scores of several models on the same tasks, kept as JSON from round to round and from run to run.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "eval/eval.h"
#include "io/json.h"

namespace pangu::recipes {

struct ScoredTask {
  std::string name;  ///< as reports call it: "gsm8k: problems.jsonl"
  eval::EvalOptions options;
};

/// "gsm8k:problems.jsonl" with at most `limit` items, -1 for all. Throws ConfigError for anything
/// else.
ScoredTask parse_scored_task(const std::string& text, std::int64_t limit);

struct ScoringHooks {
  /// Called as items of a task are done, with the score so far; may be empty.
  std::function<void(std::string_view task, double score, std::int64_t done, std::int64_t total)>
      progress;
  std::stop_token cancel;
};

class TaskScores {
 public:
  /// Reads the files of all tasks. Programs of code tasks run `jobs` at a time. Throws as
  /// load_eval_data does.
  TaskScores(const std::vector<ScoredTask>& tasks, int jobs);

  bool empty() const { return tasks_.empty(); }
  /// Scores a model: a list of {"task", "planned", "measured", "scores", "items"}, a task each.
  /// Throws Cancelled when asked to stop.
  Json scores(const std::filesystem::path& model, const ScoringHooks& hooks, Context& ctx) const;
  /// Whether "measured" of a round that was read back is what scores() returns for these tasks.
  /// Throws ConfigError naming what is not.
  void check(const JsonObject& round) const;

 private:
  struct Loaded {
    ScoredTask task;
    eval::EvalData data;
  };
  std::vector<Loaded> tasks_;
};

/// What scores() kept of one task, as far as tables need it. Throws ConfigError for another form.
eval::EvalResult kept_result(const JsonObject& task);

}  // namespace pangu::recipes
