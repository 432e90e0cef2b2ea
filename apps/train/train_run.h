// SPDX-License-Identifier: Apache-2.0
// One run of training: from a config to a finished model. The commands that train differ in where
// the config comes from.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "apps/shared/common_options.h"
#include "apps/shared/interrupt.h"
#include "comm/communicator.h"
#include "train/decoder_objective.h"
#include "train/distiller.h"
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

  /// Trains, and leaves the model in config.output. Reports on rank 0. Throws Cancelled when Ctrl-C
  /// has stopped it, saved.
  TrainResult run();

 private:
  std::vector<std::filesystem::path> models_read() const;
  void prepare_output() const;
  std::vector<Dataset> read_data(const std::vector<DataSource>& sources, ThreadPool& threads) const;
  std::optional<TeacherModel> open_teacher(Context& ctx) const;
  TrainerOptions trainer_options(const RowStream& data, const Distiller* distiller) const;
  void require_memory(const MemoryEstimate& size) const;
  /// Writes the model; whether its weights differ from those of `model.from`.
  bool finish(Objective& objective, const TrainResult& result, const MemoryEstimate& size) const;
  void report(const TrainResult& result, const Distiller* distiller, bool changed) const;
  void say(const std::string& text) const;
};

/// "weights 4.3 GiB, gradients ..., in all 17 GiB" and whether the machine has that.
std::string memory_text(const MemoryEstimate& estimate);

/// What the run will need, but for the data, which is not read yet.
MemoryEstimate memory_estimate(const TrainConfig& config);

/// Prints that, as --estimate asks.
void print_estimate(const TrainConfig& config, const CommonOptions& common);

/// Calls `work` in every process of a group that mpirun started, or in this one alone. An error in
/// one of several ends them all. `ranks` and Ctrl-C are handed to it.
void run_in_ranks(const std::function<void(Communicator& ranks, Interrupts& interrupts)>& work);

}  // namespace pangu::app
