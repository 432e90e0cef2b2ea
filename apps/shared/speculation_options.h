// SPDX-License-Identifier: Apache-2.0
// The options of speculative decoding, and what came of it.
#pragma once

#include <CLI/App.hpp>
#include <CLI/Validators.hpp>
#include <span>
#include <string>

#include "io/json.h"
#include "pangu/speculation.h"

namespace pangu::app {

struct SpeculationFlags {
  std::string mode = "auto";
  std::string draft;
  SpeculationOptions rest;

  /// Throws ConfigError for numbers out of range and for --spec draft without --draft.
  SpeculationOptions options() const;
};

/// What --spec may be.
CLI::Validator speculation_mode();
/// --spec, --draft, --spec-tokens, --spec-ngram, --self-layers. `draft_too` completes the
/// description of --draft where a command does more with it. `with_mode` is false for a command
/// that has a --spec of its own.
void add_speculation_options(CLI::App& command, SpeculationFlags& flags,
                             const std::string& draft_too = "", bool with_mode = true);

/// Throws UsageError for a companion of --spec that was given and that no way of guessing among
/// `modes` makes use of. `draft_too`: the command uses --draft for something else, too.
void check_speculation_usage(const CLI::App& command, std::span<const std::string> modes,
                             bool draft_too = false);

/// "drafts  41 of 60 tokens right, 2.1 tokens a pass, 1.6x plain decoding\n", without the ratio
/// where it would be noise; empty without passes.
std::string speculation_text(const SpeculationStats& stats);
/// drafted, accepted, tokens_per_step, acceptance_at and the like; nothing without passes.
void add_speculation_keys(Json& json, const SpeculationStats& stats);

}  // namespace pangu::app
