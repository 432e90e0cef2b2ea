// SPDX-License-Identifier: Apache-2.0
// One run of training: from a config to a finished model in its output folder.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/progress.h"
#include "comm/communicator.h"
#include "ops/context.h"
#include "train/decoder_objective.h"
#include "train/row_stream.h"
#include "train/train_config.h"
#include "train/trainer.h"

namespace pangu::recipes {

struct TrainRunOptions {
  ContextOptions machine;  ///< the arithmetic is the config's
  std::string command;     ///< what README.md of the model says it was made with; may be empty
  bool resume = false;     ///< from the newest checkpoint, or begin if there is none
};

/// What a run tells its caller, in this order; each may be empty. On rank 0 alone, but for
/// `reading` and `stop`.
struct TrainRunHooks {
  ProgressFn reading;                               ///< of a data file; may throw Cancelled
  std::function<void(const RowStream& data)> data;  /// what is learnt
  std::function<void(const MemoryEstimate& size)> memory;
  /// The first step is next, or the one behind the checkpoint that the run goes on from.
  std::function<void(std::optional<std::int64_t> resumed_after)> begin;
  std::function<void(const StepReport& report)> step;
  std::function<bool()> stop;  ///< asks whether to stop, and save
};

/// Documents that a teacher was asked about, and those whose outputs were cached.
struct TeacherUse {
  std::int64_t documents_run = 0, documents_cached = 0;
};

struct TrainRunResult {
  TrainResult training;
  /// False where the finished model's weights are those of config.from, bit for bit as saved.
  bool weights_changed = true;
  std::optional<TeacherUse> teacher;
};

/// Trains and, unless it is stopped before the end, leaves the model in config.output; stopped, it
/// leaves a checkpoint. Holds the folder meanwhile.
/// Throws FileError for an output that holds other work or is in use, ConfigError for a run that
/// the machine's memory cannot hold, and what reading the data and the models and training throw.
TrainRunResult run_training(const TrainConfig& config, const TrainRunOptions& options,
                            const TrainRunHooks& hooks, Communicator& communicator);

/// What a run will need, but for the data, which is not read yet.
MemoryEstimate training_memory(const TrainConfig& config);

}  // namespace pangu::recipes
