// SPDX-License-Identifier: Apache-2.0
// A whole pruning run: rounds that are cut, may learn from the model before, and are scored; at the
// end speed, before and after, and REPORT.md.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "compress/prune.h"
#include "recipes/task_scores.h"
#include "recipes/train_run.h"

namespace pangu::recipes {

/// How each round's model learns from the model before. The defaults are those of DistillSettings.
struct RoundDistillation {
  std::vector<std::string> data;  ///< .jsonl or .txt; empty: rounds do not learn
  double epochs = 2;
  std::optional<std::int64_t> steps;  ///< in place of epochs
  double learning_rate = 5e-5, temperature = 2, ce_weight = 0;
  std::string cache;  ///< folder that keeps what the model before says; may be empty
  std::vector<std::string> overrides;  ///< "key=value" for any other key of a training config
  /// Options of the command that gave values, by the key they are of; for messages.
  std::map<std::string, std::string, std::less<>> options;

  bool wanted() const { return !data.empty(); }
};

struct PruneRunOptions {
  compress::PruneOptions prune;
  RoundDistillation distillation;
  std::vector<ScoredTask> tasks;  ///< what every round, and the model before, is scored on
  bool measure_speed = true;      ///< where both models fit into memory
  ContextOptions machine;
  std::string machine_text;  ///< what speed was measured on, as the report says it
  std::string command;       ///< what reports say the model was made with; may be empty
};

/// What a run tells its caller; each may be empty.
struct PruneRunHooks {
  ProgressFn progress;                               ///< of scoring units and cutting; may throw
  std::function<void(const std::string& line)> say;  ///< a round begins, or was done before
  std::function<void()> begin_phase;                 ///< scoring, learning or reporting comes next
  std::function<void(std::string_view task, double score, std::int64_t done, std::int64_t total)>
      scoring;
  /// Of a round that learns. `begin_training` gives what it is told.
  std::function<TrainRunHooks(const TrainConfig& config)> begin_training;
  std::function<void(const TrainConfig& config, const TrainRunResult& result)> trained;
  std::stop_token cancel;
};

/// Throws what prune_checkpoint(), run_training() and the evaluation throw; Cancelled when asked to
/// stop, with what the next run goes on from in the output folder.
compress::PruneResult run_pruning(const PruneRunOptions& options, const PruneRunHooks& hooks);

/// What a resumed run must agree on besides PruneOptions: how rounds learn and what is scored.
Json more_prune_settings(const PruneRunOptions& options);

}  // namespace pangu::recipes
