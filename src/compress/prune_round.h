// SPDX-License-Identifier: Apache-2.0
// One step of a pruning run: a model folder becomes a smaller one.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/progress.h"
#include "compress/calibration.h"
#include "compress/prune_plan.h"
#include "compress/prune_state.h"
#include "models/weights/weight_plan.h"

namespace pangu::compress {

struct RoundJob {
  const PruneOptions& options;
  const PrunePlan& plan;
  const Calibration* calibration;  ///< null where nothing needs text
  bool distilled;                  ///< whether the result will be trained
};

/// The model that a run begins with, as round 0.
RoundResult round_before(const std::filesystem::path& folder, const PrunePlan& plan);

/// Scores the model in `from` and writes what round `round` leaves of it to the new folder `to`,
/// which appears complete or not at all.
RoundResult cut_round(const RoundJob& job, std::int64_t round, const std::filesystem::path& from,
                      const std::filesystem::path& to, const ProgressFn& progress, Context& ctx);

/// Writes the model of the last round, in `from`, to the new folder `to` with its matrices in other
/// formats. `notes` gets what the user should know, a sentence each.
RoundResult quantize_round(const RoundResult& last, const WeightFormats& formats,
                           const std::filesystem::path& from, const std::filesystem::path& to,
                           std::vector<std::string>& notes, const ProgressFn& progress,
                           Context& ctx);

}  // namespace pangu::compress
