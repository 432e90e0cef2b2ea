// SPDX-License-Identifier: Apache-2.0
// How commands that train run: in one process, or in each of those that mpirun started.
#pragma once

#include <CLI/App.hpp>
#include <functional>

#include "apps/shared/command_frame.h"
#include "comm/communicator.h"
#include "train/train_config.h"

namespace pangu::app {

struct TrainFlags {
  bool resume = false, estimate = false;
};

/// Trains as the config says that `make_config` gives, or with --estimate prints the memory that
/// this takes. Under mpirun every process does so, and the first one speaks; an error in one of
/// them ends them all. Throws Cancelled when Ctrl-C has stopped the run, saved.
void train_in_group(const CLI::App& command, const CommonOptions& common, const TrainFlags& flags,
                    const std::function<TrainConfig()>& make_config);

}  // namespace pangu::app
