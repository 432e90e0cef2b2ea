// SPDX-License-Identifier: Apache-2.0
// The options of `pangu prune`.
#pragma once

#include <CLI/App.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "apps/shared/common_options.h"
#include "recipes/prune_run.h"

namespace pangu::app {

struct PruneCommand {
  CommonOptions common;
  CLI::App* app = nullptr;
  recipes::PruneRunOptions run;
  std::string unit = "neurons", method, allocation = "uniform", repair, pace = "linear";
  std::string loss_on = "assistant";
  std::vector<std::string> calibration;
  std::int64_t sequences = 0, length = 512;  ///< 0: 128, or 16 for methods with gradients
  bool without_down = false;

  std::string pattern, scope = "matrix";  ///< of single weights

  FormatOptions formats;  ///< of the finished model

  std::vector<std::string> eval;  ///< TASK:FILE
  std::int64_t eval_limit = -1;
  bool no_speed = false;
};

void add_prune_options(CLI::App& command, PruneCommand& options);

/// Reads what was given as text, and refuses what does not go together. Throws UsageError.
void check_prune_options(PruneCommand& options);
/// Warns of options that have no effect and do no harm, as where methods are compared.
void remark_idle(const PruneCommand& options);

}  // namespace pangu::app
