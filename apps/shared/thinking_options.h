// SPDX-License-Identifier: Apache-2.0
// How long a model thinks before it answers, as the command line says it, and what it thought.
#pragma once

#include <CLI/App.hpp>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>

#include "adaptive/thinking/thinking_chooser.h"
#include "pangu/engine.h"
#include "runtime/generate/thinking_counts.h"

namespace pangu::app {

struct ThinkingFlags {
  std::string think;  ///< fast, slow, auto or own; empty is as the model does unasked
  std::string probe;  ///< of auto; empty: the one beside the model
  std::optional<std::int64_t> budget;
  std::string loops = "end";

  /// Whether a probe decides, prompt by prompt.
  bool is_auto() const { return think == "auto"; }
  /// Of all prompts; where is_auto(), kDefault, and a ThinkingChooser says more.
  Thinking mode() const;
  /// GenerateOptions::think_budget and end_think_loops.
  std::int64_t think_budget() const { return budget.value_or(-1); }
  bool end_loops() const { return loops == "end"; }
};

inline constexpr std::initializer_list<const char*> kThinkingOptions = {"--think", "--think-budget",
                                                                        "--think-loops"};

/// Adds them, and --probe.
void add_thinking_options(CLI::App& command, ThinkingFlags& flags, const char* group);

/// Refuses --probe where none decides. Throws UsageError.
void check_thinking_usage(const CLI::App& command, const ThinkingFlags& flags);

/// What decides for a model, or null unless is_auto(). Both must outlive it. Throws as
/// ThinkingChooser, load_probe() and probe_beside() do.
std::unique_ptr<adaptive::ThinkingChooser> thinking_chooser(const ThinkingFlags& flags,
                                                            const Model& model, Context& ctx);

/// Warns of limits beside --think fast, which leaves little to limit.
void remark_idle_thinking_options(const CLI::App& command, const ThinkingFlags& flags);

/// Refuses limits of thinking for a model that cannot think. Throws ConfigError naming `model`.
void check_thinking_options(const CLI::App& command, const Tokenizer& tokenizer,
                            const std::string& model);

/// "thought 96 tokens, answered with 12; 2 of 5 closed by the budget; 1 of 5 closed as a loop\n";
/// empty where no reply thought.
std::string thinking_text(const ThinkingCounts& counts);

}  // namespace pangu::app
