// SPDX-License-Identifier: Apache-2.0
// What a pruning run has done so far: OUT/prune.json, from which an interrupted run goes on.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "io/json.h"
#include "models/config/config.h"

namespace pangu::compress {

/// The model behind a round.
struct RoundResult {
  std::int64_t round = 0;  ///< from 1; 0 is the model before
  double ratio = 0;        ///< that was aimed at
  std::string format;      ///< where this step quantized the layers; empty otherwise
  ModelConfig config;      ///< with the sizes that are left
  /// Units of each layer, weights that are not 0 where those are the unit; one number for layers
  /// and channels.
  std::vector<std::int64_t> kept;
  std::int64_t parameters = 0, bytes = 0;
  std::string weights_digest;  ///< of the folder, once it is there; empty in older files
  double seconds = 0;          ///< of scoring and cutting
  /// Scores of each layer's units from the highest to the lowest, in bins, as multiples of the
  /// layer's mean.
  std::vector<std::vector<double>> profile;
  std::vector<double> influence;  ///< of each layer, where it was measured
  Json repaired = Json::array();  ///< {"name", "error_before", "error_after"}
  Json sparsity = Json::array();  ///< of single weights: {"name", "zeros", "weights"}
  Json measured;                  ///< what the run's caller found out about it
};

class PruneState {
 public:
  /// Reads the state of an earlier run if `resume`; begins anew if there is none. `settings`
  /// are what both must agree on, "course" in the file. Throws FileError for a folder that holds a
  /// run or a model when nothing is to be resumed, or a damaged state; ConfigError naming the first
  /// option that differs.
  PruneState(std::filesystem::path out, const Json& settings, bool resume);

  /// Throws ConfigError if the run began with other calibration text.
  void require_digest(std::uint64_t digest);
  std::filesystem::path file() const { return out_ / "prune.json"; }
  /// Throws FileError if more rounds are done than `most`, the model before not counted.
  void require_rounds_up_to(std::int64_t most) const;
  /// Rounds that are done, the model before among them.
  const std::vector<RoundResult>& rounds() const { return rounds_; }
  /// A round that was cut, but not improved yet.
  const std::optional<RoundResult>& pending() const { return pending_; }

  /// Both write the file.
  void add(const RoundResult& round);
  void set_pending(const RoundResult& round);

 private:
  void read(const std::filesystem::path& file, const Json& settings);
  void write() const;

  std::filesystem::path out_;
  Json settings_;
  std::string digest_;  ///< of the calibration text; empty without
  std::vector<RoundResult> rounds_;
  std::optional<RoundResult> pending_;
};

/// A round as prune.json and --json show it.
Json to_json(const RoundResult& round);
/// Throws ConfigError for anything that is no round.
RoundResult parse_round(const JsonObject& json);

}  // namespace pangu::compress
