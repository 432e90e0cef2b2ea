// SPDX-License-Identifier: Apache-2.0
// The training loop: batches, gradients, clipping, optimizer, validation, log and checkpoints.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/executor.h"
#include "comm/communicator.h"
#include "io/json.h"
#include "train/checkpoint_store.h"
#include "train/objective.h"
#include "train/optimizer.h"
#include "train/row_stream.h"
#include "train/schedule.h"
#include "train/training_log.h"

namespace pangu {

struct TrainerOptions {
  OptimizerOptions optimizer;
  Schedule schedule;            ///< with the number of steps
  double clip_norm = 1;         ///< 0: no clipping
  std::int64_t rows = 8;        ///< of a micro-batch
  std::int64_t accumulate = 1;  ///< micro-batches a step, over all ranks
  /// Rows of the whole run, where it ends with them and not with full steps; 0: all steps are full.
  std::int64_t total_rows = 0;
  std::int64_t validate_every = 0;  ///< steps; 0: at the end only
  std::int64_t validate_rows = 64;
  std::int64_t save_every = 0;  ///< steps; 0: when interrupted only
  std::int64_t keep = 2;
  std::int64_t log_every = 1;
  /// A loss this much above the mean of recent ones stops the run; 0: never.
  double divergence = 3;
  std::filesystem::path output;
  DType save_dtype = DType::kBF16;
  Json resume_settings;  ///< what must not change between stop and resume
  /// Adds tokenizer and the like to a folder that save_model() wrote; may be empty.
  std::function<void(const std::filesystem::path&)> add_files;
};

/// What a run reports after every step.
struct StepReport {
  LogRow row;
  std::int64_t steps = 0;  ///< of the whole run
};

struct TrainResult {
  std::int64_t step = 0;
  std::int64_t tokens = 0;
  double loss = 0;  ///< of the last step
  std::optional<double> validation_loss;
  double seconds = 0;  ///< of this process's steps, without validation and saving
  double tokens_per_s = 0, flops_per_s = 0;
  bool interrupted = false;  ///< asked to stop, and saved
};

struct TrainerHooks {
  std::function<void(const StepReport&)> step;  ///< on rank 0; may be empty
  std::function<bool()> stop;                   ///< asks whether to stop; may be empty
};

/// One run. A step takes the next rows * accumulate rows of the stream, the last one what is left
/// of total_rows; the loss is the mean over their targets. With several ranks each takes an equal
/// share of the rows, of a last step that is smaller the first ones more. Given the same objective,
/// data, options and ranks, the weights after each step are the same bit for bit, however often the
/// run was stopped and resumed, with any number of threads.
class Trainer {
 public:
  /// `validation` may be null. All must outlive the trainer. Throws ConfigError if the rows of a
  /// step do not divide among the ranks.
  Trainer(Objective& objective, const RowStream& train, const RowStream* validation,
          Communicator& communicator, const Executor& on, TrainerOptions options);

  /// Goes on from the newest complete checkpoint; false if there is none. Throws ConfigError
  /// naming what differs for a checkpoint of another config or other data, ShapeError for one of
  /// another model, FileError for a damaged one.
  bool resume();

  /// Trains to the last step. Throws NumericError, with the last checkpoint named, when loss or
  /// gradients are no finite numbers or the loss runs away; FileError when something cannot be
  /// written, the checkpoints before that being whole.
  TrainResult run(const TrainerHooks& hooks);

  const TrainerState& state() const { return state_; }

 private:
  struct Step {
    double loss = 0;
    std::int64_t tokens = 0;
    double flops = 0;
    double norm = 0;
  };

  Step train_step();
  void check(const Step& step, std::int64_t number) const;
  [[noreturn]] void stop_run(const std::string& what) const;
  double validate();
  void save();
  bool asked_to_stop(const TrainerHooks& hooks);
  bool is_first() const { return communicator_.rank() == 0; }
  bool is_due(std::int64_t every) const;
  /// By rows where the run ends with them: one that was made longer takes up where a smaller last
  /// step ended.
  bool is_done() const;

  Objective& objective_;
  const RowStream& train_;
  const RowStream* validation_;
  Communicator& communicator_;
  Executor on_;
  TrainerOptions options_;
  Optimizer optimizer_;
  TrainerState state_;
  std::unique_ptr<TrainingLog> log_;  ///< on rank 0, while running
};

}  // namespace pangu
