// SPDX-License-Identifier: Apache-2.0
// From a model to a bundle: makes smaller copies, measures, chooses for each kind of task, checks
// the choice on items that had no part in it, steps back where it does not hold, and writes what is
// left. Whatever was done stays done when it is interrupted.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "adaptive/bundle/bundle.h"
#include "adaptive/choose/recommend.h"
#include "adaptive/explore/explore.h"
#include "adaptive/optimize/optimize_report.h"
#include "recipes/prune_run.h"

namespace pangu::adaptive {

struct OptimizeOptions {
  std::filesystem::path in, out;
  ExploreOptions explore;  ///< its laboratory's model is `in`; its goals are `request` alone
  Goal goal;
  /// Shares of neurons to remove, a copy of the model each; none without calibration text.
  std::vector<double> prune_ratios;
  compress::CalibrationOptions calibration;
  recipes::RoundDistillation distillation;
  /// The model with a probe that recognises kinds of task; empty: none, the bundle cannot route.
  std::filesystem::path intent;
  ContextOptions machine;
  std::string command;  ///< what the report says it was made with
};

struct OptimizeHooks {
  std::function<void(const std::string& line)> say = {};
  ProgressFn progress = {};
  ExploreHooks explore = {};
  std::stop_token cancel = {};
};

struct OptimizeResult {
  Bundle bundle;
  std::vector<OptimizedKind> kinds;
  ProfileData data;
  std::int64_t linked_bytes = 0;  ///< of files that are one with another
  /// What measuring, checking and writing were expected to take, and took: without smaller copies,
  /// which are made before.
  std::optional<CostEstimate> cost;
  double seconds = 0;
  bool settled = false;
  std::int64_t items = 0;  ///< that were answered to choose
};

/// Throws Unsupported for an `in` that is no Hugging Face folder, ConfigError where `out` holds
/// something else or another request, or where nothing keeps to the constraints; what pruning,
/// exploring and writing throw; Cancelled when asked to stop.
OptimizeResult optimize(const OptimizeOptions& options, ProfileStore& store, Context& ctx,
                        const OptimizeHooks& hooks = {});

}  // namespace pangu::adaptive
