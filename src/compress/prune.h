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
#include <optional>
#include <string>
#include <vector>

#include "base/progress.h"
#include "compress/allocation.h"
#include "compress/calibration.h"
#include "compress/method.h"
#include "compress/regression.h"
#include "compress/sparsify.h"
#include "io/json.h"

namespace pangu::compress {

struct PruneOptions {
  std::filesystem::path in, out;
  Unit unit = Unit::kNeurons;
  std::string method = "taylor";       ///< of methods(), or a WeightMethod for single weights
  double ratio = 0.2;                  ///< share of the units to remove
  std::optional<std::int64_t> rounds;  ///< the method's, if absent
  Pace pace = Pace::kLinear;
  std::optional<std::int64_t> align;  ///< kept sizes are multiples of it; the method's, if absent
  Allocation allocation = Allocation::kUniform;
  std::optional<Repair> repair;  ///< the method's, if absent
  ScoreOptions score;
  SparsifyOptions sparse;  ///< of single weights; a pattern takes the ratio's place
  CalibrationOptions calibration;
  bool mask = false;         ///< zeros in place of smaller matrices: shapes stay
  bool keep_rounds = false;  ///< whether OUT/rounds stays
  bool resume = false;
  bool again = false;  ///< whether a model that was pruned before is accepted
  /// What else decides about the result, such as how it is distilled: a resumed run must agree.
  Json course = Json::object();
  std::string command;  ///< for the files that say how the model was made; may be empty
};

/// The model behind a round.
struct RoundResult {
  std::int64_t round = 0;  ///< from 1; 0 is the model before
  double ratio = 0;        ///< that was aimed at
  ModelConfig config;      ///< with the sizes that are left
  /// Units of each layer, weights that are not 0 where those are the unit; one number for layers
  /// and channels.
  std::vector<std::int64_t> kept;
  std::int64_t parameters = 0, bytes = 0;
  double seconds = 0;  ///< of scoring and cutting
  /// Scores of each layer's units from the highest to the lowest, in bins, as multiples of the
  /// layer's mean.
  std::vector<std::vector<double>> profile;
  std::vector<double> influence;  ///< of each layer, where it was measured
  Json repaired = Json::array();  ///< {"name", "error_before", "error_after"}
  Json sparsity = Json::array();  ///< of single weights: {"name", "zeros", "weights"}
  Json measured;                  ///< what PruneHooks::measure returned
};

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
