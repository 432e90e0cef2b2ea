// SPDX-License-Identifier: Apache-2.0
// What one round of structured pruning is to do, and what it comes to.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/progress.h"
#include "compress/allocation.h"
#include "compress/calibration.h"
#include "compress/cut_checkpoint.h"
#include "compress/method.h"
#include "compress/regression.h"

namespace pangu::compress {

struct SelectionJob {
  const ModelConfig& config;
  WeightSource& source;
  const Calibration* calibration;  ///< null where neither method, allocation nor repair needs it
  const Method& method;
  Unit unit;
  ScoreOptions score;
  /// Units that each layer is to keep before they are shared out; one number for layers and
  /// channels.
  std::vector<std::int64_t> sizes;
  Allocation allocation = Allocation::kUniform;
  Rounding rounding;
  Repair repair = Repair::kNone;
  ProgressFn progress;
};

/// How well a matrix was repaired (regression.h).
struct RepairedMatrix {
  std::string name;
  double error_before = 0, error_after = 0;
};

struct Selection {
  Cut cut;
  TensorEdits edits;
  std::vector<std::vector<double>> scores;  ///< of every layer's units; one list for channels
  std::vector<double> influence;            ///< of every layer, where it was measured
  std::vector<RepairedMatrix> repaired;
};

}  // namespace pangu::compress
