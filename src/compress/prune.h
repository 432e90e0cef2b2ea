// SPDX-License-Identifier: Apache-2.0
// Structured pruning of a checkpoint in rounds: score, cut, distil, score again.
//
// OUT/rounds/round-1/, round-2/, ... are model folders from which an interrupted run goes on;
// OUT/prune.json says what was done. The last round's model then moves to OUT itself, config.json
// last, so a folder with config.json is complete.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/progress.h"
#include "compress/prune_plan.h"
#include "compress/prune_state.h"
#include "io/json.h"

namespace pangu::compress {

struct PruneResult {
  ModelConfig config_before;
  std::int64_t calibration_tokens = 0;
  std::vector<RoundResult> rounds;  ///< the first is the model before
};

struct PruneHooks {
  ProgressFn progress;  ///< may throw Cancelled
  /// Improves what a round has cut: trains the model in `student` into the new folder `out`. May be
  /// empty.
  std::function<void(std::int64_t round, const std::filesystem::path& student,
                     const std::filesystem::path& out)>
      improve;
  /// Whatever is to be known of a round's model; kept with it. May be empty.
  std::function<Json(std::int64_t round, const std::filesystem::path& model)> measure;
  /// Throws where the "measured" of a round that was read back from prune.json, which others may
  /// have changed, is not what `measure` returns. May be empty.
  std::function<void(const JsonObject& round)> check_measured;
  /// Adds files to the finished model's folder: a report, a card.
  std::function<void(const PruneResult& result, const std::filesystem::path& folder)> finish;
  /// Says that a round begins or is taken from an interrupted run.
  std::function<void(const std::string& line)> say;
};

/// Throws ConfigError for options out of range or that do not go together, Unsupported for a
/// quantized model and for one that was pruned already, FileError for folders that cannot be read
/// or written, and for an output that holds another run.
PruneResult prune_checkpoint(const PruneOptions& options, const PruneHooks& hooks, Context& ctx);

}  // namespace pangu::compress
