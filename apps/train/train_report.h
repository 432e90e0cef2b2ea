// SPDX-License-Identifier: Apache-2.0
// What commands that train show of a run: lines as it goes, and its result. The commands differ in
// where the config comes from.
#pragma once

#include <optional>
#include <string>

#include "apps/shared/command_frame.h"
#include "apps/train/training_line.h"
#include "recipes/train_run.h"

namespace pangu::app {

/// "weights 4.3 GiB, gradients ..., in all 17 GiB" and whether the machine has that.
std::string memory_text(const MemoryEstimate& estimate);

/// Prints what a run will need, as --estimate asks.
void print_estimate(const TrainConfig& config, const CommandFrame& frame);

class TrainReport {
 public:
  /// `resume_command` goes on where Ctrl-C stopped. With `prints_json` false, the result is no part
  /// of what the command prints. `frame` must outlive it.
  TrainReport(CommandFrame& frame, std::string resume_command, bool prints_json = true);

  /// Shows what the run tells, and stops it at Ctrl-C; refers to this report.
  recipes::TrainRunHooks hooks();
  /// Shows the result, once.
  void show(const TrainConfig& config, const recipes::TrainRunResult& result);

 private:
  CommandFrame& frame_;
  std::string resume_command_;
  bool prints_json_;
  ProgressBar reading_;
  std::optional<TrainingDisplay> display_;
};

}  // namespace pangu::app
