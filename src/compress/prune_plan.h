// SPDX-License-Identifier: Apache-2.0
// What a pruning run is to do with a model: options with their defaults filled in, checked before
// anything is written.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "compress/allocation.h"
#include "compress/calibration.h"
#include "compress/method.h"
#include "compress/regression.h"
#include "compress/sparsify.h"
#include "io/json.h"
#include "models/weights/weight_plan.h"

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
  /// Of the finished model, with `layers` given; floats as before, if absent.
  std::optional<WeightFormats> formats;
  bool mask = false;         ///< zeros in place of smaller matrices: shapes stay
  bool keep_rounds = false;  ///< whether OUT/rounds stays
  bool resume = false;
  bool again = false;  ///< whether a model that was pruned before is accepted
  /// What else decides about the result, such as how it is distilled: a resumed run must agree.
  /// Keys are options, "--eval", for messages.
  Json resume_settings = Json::object();
};

/// Shares of units that differ by less count as the same.
inline constexpr double kSameShare = 0.02;

class PrunePlan {
 public:
  /// `options` must outlive the plan. Reads config.json alone. Throws ConfigError for options out
  /// of range or that do not go together, Unsupported for a quantized model and for one that was
  /// pruned already, FileError for a folder that cannot be read.
  explicit PrunePlan(const PruneOptions& options);
  /// Refuses with ConfigError what needs no model to be refused.
  static void check(const PruneOptions& options);
  /// Whether the run reads calibration text.
  static bool needs_text(const PruneOptions& options);

  const ModelConfig& before() const { return before_; }
  bool is_weights() const { return options_.unit == Unit::kWeights; }
  /// Of all units but single weights.
  const Method& method() const { return *method_; }
  WeightMethod weight_method() const { return weight_method_; }
  std::int64_t rounds() const { return rounds_; }
  /// The rounds, and one more where the result is quantized.
  std::int64_t steps() const { return rounds_ + (options_.formats ? 1 : 0); }
  Repair repair() const { return repair_; }
  const Rounding& rounding() const { return rounding_; }
  bool needs_text() const;

  /// The share that is to be gone behind a round, from 1.
  double ratio(std::int64_t round) const;
  /// Units of each layer, or of the model where layers do not have their own.
  std::vector<std::int64_t> sizes_of(const ModelConfig& config) const;
  /// What of `now` is to be left behind a round, counted from the model before.
  std::vector<std::int64_t> sizes_after(const ModelConfig& now, std::int64_t round) const;

  /// What to know before the work where the sizes' alignment makes the share that goes another one
  /// than was asked for, and a smaller alignment would not; else nothing.
  std::string alignment_warning() const;

  /// All that decides about the result: what a resumed run must share.
  Json resume_settings() const;
  /// What config.json says about how a round's model came to be.
  Json pruning_config(std::int64_t round, const std::vector<std::int64_t>& kept,
                      bool distilled) const;

 private:
  struct WithoutModel {};
  PrunePlan(const PruneOptions& options, WithoutModel);
  Repair default_repair() const;
  Rounding default_rounding() const;
  void check_counts() const;
  void check_model() const;
  void check_weights() const;
  void check_units() const;
  double removed_with(const Rounding& rounding) const;
  Json pattern_text() const;
  Json formats_json() const;

  const PruneOptions& options_;
  const Method* method_;  ///< null for single weights
  WeightMethod weight_method_ = WeightMethod::kMagnitude;
  std::int64_t rounds_;
  Repair repair_;
  Rounding rounding_;
  ModelConfig before_;
};

}  // namespace pangu::compress
