// SPDX-License-Identifier: Apache-2.0
// The commands of `pangu intent`, and what they share.
#pragma once

#include <CLI/App.hpp>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "adaptive/intent/train_probe.h"
#include "apps/shared/command_frame.h"
#include "apps/shared/common_options.h"

namespace pangu::app {

void add_intent_train_command(CLI::App& intent);
void add_intent_thinking_command(CLI::App& intent);
void add_intent_ask_command(CLI::App& intent);
void add_intent_eval_command(CLI::App& intent);
void add_intent_examples_command(CLI::App& intent);

/// The model that recognises: small, and it comes with the program.
inline constexpr const char* kIntentModel = "pangu-nano";

/// --layers, --features, --max-error, --folds, --seed: how a probe is trained.
struct ProbeFlags {
  std::string layers;  ///< with commas; empty: as usual
  std::string features = "mean,last,surface,grams";
  double max_error = 0.05;
  int folds = 5;
  std::uint64_t seed = 1;

  adaptive::TrainHeadOptions options() const;
};
void add_probe_options(CLI::App& command, ProbeFlags& flags);
/// Without --max-error, for heads whose choices are not simply right or wrong.
void add_head_options(CLI::App& command, ProbeFlags& flags);

/// --model.
CLI::Option* add_intent_model_option(CLI::App& command, std::string& model);

Model load_intent_model(const std::string& model, CommandFrame& frame, Context& ctx);

/// --probe, or the probe that lies beside the model.
std::filesystem::path probe_file(const std::string& given, const Model& model);

}  // namespace pangu::app
