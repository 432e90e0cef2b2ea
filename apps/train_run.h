// SPDX-License-Identifier: Apache-2.0
// One run of pangu train: from a config to a finished model.
#pragma once

#include <functional>
#include <string>

#include "apps/common_options.h"
#include "apps/interrupt.h"
#include "apps/mpi_communicator.h"
#include "train/decoder_objective.h"
#include "train/train_config.h"
#include "train/trainer.h"

namespace pangu::app {

struct TrainRun {
  const TrainConfig& config;
  const CommonOptions& common;
  std::string command;         ///< what README.md of the model says it was made with
  std::string resume_command;  ///< what goes on where Ctrl-C stopped
  bool resume = false;
  Communicator& ranks;
  Interrupts& interrupts;

  /// Trains, and leaves the model in config.output. Reports on rank 0.
  void run();

 private:
  void prepare_output() const;
  std::vector<Dataset> read_data(const std::vector<DataSource>& sources, ThreadPool& threads) const;
  TrainerOptions trainer_options(std::int64_t steps) const;
  void finish(Objective& objective, const TrainResult& result, const MemoryEstimate& size) const;
  void report(const TrainResult& result) const;
  void say(const std::string& text) const;
};

/// "weights 4.3 GiB, gradients ..., in all 17 GiB" and whether the machine has that.
std::string memory_text(const MemoryEstimate& estimate);

/// What the run will need, but for the data, which is not read yet.
MemoryEstimate memory_estimate(const TrainConfig& config);

}  // namespace pangu::app
