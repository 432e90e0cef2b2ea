// SPDX-License-Identifier: Apache-2.0
// The options of `pangu run`.
#pragma once

#include <CLI/App.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "apps/shared/common_options.h"
#include "apps/shared/grammar_options.h"
#include "apps/shared/sampling_options.h"
#include "apps/shared/speculation_options.h"
#include "apps/shared/thinking_options.h"
#include "pangu/engine.h"

namespace pangu::app {

struct RunOptions {
  CommonOptions common;
  const CLI::App* app = nullptr;  ///< what was given
  std::string model;
  std::optional<std::string> prompt;
  bool chat = false;       ///< so it is with --auto, too
  bool automatic = false;  ///< weights and thinking are chosen for each message
  bool explain = false;    ///< and the choice is told
  std::string decisions;   ///< and written down here
  std::optional<std::string> system;
  ThinkingFlags thinking;
  bool show_thinking = false;
  std::string on_full = "stop";
  std::int64_t max_tokens = -1;
  std::vector<std::string> stop;
  bool ignore_eos = false;
  GrammarFlags grammar;
  SamplingFlags sampling;
  int logprobs = -1;
  std::int64_t context = 0;
  SpeculationFlags speculation;
  FormatOptions formats;

  /// Whether a conversation that fills its context loses its oldest turns.
  bool trims() const { return on_full == "trim"; }
};

void add_run_options(CLI::App& command, RunOptions& options);

/// Everything that can be refused before the model is loaded. Throws UsageError.
void check_run_options(const RunOptions& options);

}  // namespace pangu::app
