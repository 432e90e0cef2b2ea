// SPDX-License-Identifier: Apache-2.0
// The options of `pangu run`.
#pragma once

#include <CLI/App.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apps/common_options.h"
#include "apps/speculation_options.h"
#include "pangu/engine.h"

namespace pangu::app {

/// Sampling options that the command line gives; the model's own stand where it is silent.
struct SamplingFlags {
  std::optional<float> temperature;
  std::optional<int> top_k;
  std::optional<float> top_p;
  std::optional<float> min_p;
  std::optional<float> repetition_penalty;
  std::optional<float> presence_penalty;
  std::optional<float> frequency_penalty;
  std::optional<std::int64_t> seed;

  /// `defaults` with what was given put in its place; a random seed where sampling needs one.
  SamplingOptions over(SamplingOptions defaults) const;
};

/// --think: fast, slow or auto; empty is the model's own way.
Thinking thinking_mode(std::string_view think);

struct RunOptions {
  CommonOptions common;
  const CLI::App* app = nullptr;  ///< what was given
  std::string model;
  std::optional<std::string> prompt;
  bool chat = false;
  std::optional<std::string> system;
  std::string think;
  bool show_thinking = false;
  std::string on_full = "stop";
  std::int64_t max_tokens = -1;
  std::vector<std::string> stop;
  bool ignore_eos = false;
  SamplingFlags sampling;
  int logprobs = -1;
  std::int64_t context = 0;
  SpeculationFlags speculation;
  FormatOptions formats;

  Thinking thinking() const { return thinking_mode(think); }
  /// Whether a conversation that fills its context loses its oldest turns.
  bool trims() const { return on_full == "trim"; }
};

void add_run_options(CLI::App& command, RunOptions& options);

/// Everything that can be refused before the model is loaded. Throws UsageError.
void check_run_options(const RunOptions& options);

}  // namespace pangu::app
