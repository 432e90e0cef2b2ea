// SPDX-License-Identifier: Apache-2.0
// A run of `pangu profile`: does what the plan asks for until all is decided or time is up, and
// writes down every piece as soon as it is known.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "adaptive/explore/cost.h"
#include "adaptive/explore/kind_task.h"
#include "adaptive/explore/laboratory.h"
#include "adaptive/explore/plan.h"
#include "adaptive/profile/profile_store.h"

namespace pangu::adaptive {

struct ExploreOptions {
  LaboratoryOptions laboratory;
  std::string model_name;  ///< as the user called it
  std::string engine;      ///< engine_identity()
  int threads = 0;
  std::vector<KindTask> tasks;
  std::vector<std::string> formats;            ///< of weights, beside those of the checkpoint
  std::vector<std::string> kv_formats;         ///< of the cache, beside that of the arithmetic
  std::vector<std::filesystem::path> sources;  ///< smaller copies of the model
  std::vector<SpeculationMode> speculation = {SpeculationMode::kAuto};
  bool thinking = true;  ///< whether ways of thinking are compared
  std::vector<Goal> goals;
  double max_divergence = kMaxDivergence;
  std::optional<double> budget_s;  ///< no further piece begins after that
  bool exhaustive = false;
  bool carries_out = false;  ///< whether choices are checked and written afterwards: costs of that
                             ///< are in the estimate
};

struct ExploreProgress {
  const ProfileData& data;
  const Scope& scope;
  std::string now;     ///< "w8a8: speed"
  double seconds = 0;  ///< since the run began
  WorkLeft left;
  std::optional<CostEstimate> cost;  ///< of the whole run, once it is known
};

struct ExploreHooks {
  /// Once, where there is something to do and the speed of the original is known: `cost` is there.
  std::function<void(const ExploreProgress&)> estimate = {};
  /// Before every piece of work.
  std::function<void(const ExploreProgress&)> piece = {};
  /// Once, as soon as all speeds that were asked for are known, or enough for a first answer.
  std::function<void(const ExploreProgress&)> first_answer = {};
};

struct ExploreResult {
  ProfileData data;
  Scope scope;
  bool settled = false;  ///< whether every decision is made; false when time was up
  double seconds = 0;
  std::int64_t items = 0;  ///< that were answered in this run
  /// What the run was expected to take, seconds() on the same clock; nothing where it had nothing
  /// to do.
  std::optional<CostEstimate> cost;
};

/// Whatever can be known of the models without their weights: that smaller copies and the draft
/// model have the model's tokens, and what check_model() looks at. Throws as that does, and
/// ConfigError.
void check_models(const ExploreOptions& options);

/// Throws what check_models(), the laboratory and the store do; Cancelled when asked to stop.
/// Whatever was measured by then is in the store.
ExploreResult explore(const ExploreOptions& options, ProfileStore& store, Context& ctx,
                      const ExploreHooks& hooks = {});

/// Formats worth trying on this machine for a model that is stored in `stored`: fewer bits.
std::vector<std::string> default_formats();
/// All objectives at the qualities that people ask for.
std::vector<Goal> default_goals();

}  // namespace pangu::adaptive
