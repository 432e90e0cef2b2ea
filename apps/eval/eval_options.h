// SPDX-License-Identifier: Apache-2.0
// What `pangu eval` is asked on the command line, and what of it does not go together.
#pragma once

#include <CLI/App.hpp>
#include <cstdint>
#include <optional>
#include <string>

#include "apps/shared/common_options.h"
#include "apps/shared/sampling_options.h"
#include "apps/shared/speculation_options.h"
#include "apps/shared/thinking_options.h"
#include "eval/eval.h"

namespace pangu::app {

struct EvalCommand {
  CommonOptions common;
  const CLI::App* app = nullptr;  ///< what was given
  std::string model;
  std::string compare, reference;
  SpeculationFlags speculation{.mode = "off", .draft = {}, .rest = {}};
  std::optional<std::string> compare_format;
  std::string task;
  eval::EvalOptions eval;
  bool chat = false, plain = false;
  ThinkingFlags thinking;
  SamplingFlags sampling;
  std::string output, record;
  FormatOptions formats;
  bool check_references = false;
  std::int64_t code_memory_mib = 1024;
};

/// Adds all of them; `options` must outlive the app.
void add_eval_options(CLI::App& command, EvalCommand& options);

/// Throws UsageError for options that do not go together, or with the task.
void check_usage(const EvalCommand& options);

/// Whether questions are asked in a conversation: asking for a way to think is asking for one.
bool is_chat(const EvalCommand& options);

/// What they come to.
eval::EvalOptions eval_options(const EvalCommand& options);

}  // namespace pangu::app
