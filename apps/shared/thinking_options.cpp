// SPDX-License-Identifier: Apache-2.0
#include "apps/shared/thinking_options.h"

#include <fmt/format.h>

#include <CLI/Config.hpp>
#include <CLI/Validators.hpp>

#include "apps/shared/commands.h"
#include "apps/shared/common_options.h"
#include "apps/shared/option_rules.h"
#include "base/error.h"
#include "text/chat/thinking_markers.h"

namespace pangu::app {
namespace {

/// Those that limit thinking, rather than ask for it.
constexpr std::initializer_list<const char*> kThinkingLimits = {"--think-budget", "--think-loops"};

}  // namespace

Thinking ThinkingFlags::mode() const {
  if (think == "fast") return Thinking::kFast;
  if (think == "slow") return Thinking::kSlow;
  if (think == "own") return Thinking::kAuto;
  return Thinking::kDefault;
}

void add_thinking_options(CLI::App& command, ThinkingFlags& flags, const char* group) {
  command
      .add_option("--think", flags.think,
                  "In a chat, how long to think: fast; slow; auto, by what a probe expects of each "
                  "prompt; own, as the model chooses")
      ->type_name("MODE")
      ->default_str("as the model does")
      ->transform(one_of({"fast", "slow", "auto", "own"}))
      ->group(group);
  command.add_option("--probe", flags.probe, "auto: what pangu intent thinking wrote")
      ->type_name("FILE")
      ->default_str("intent.safetensors beside the model")
      ->check(not_empty())
      ->group(group);
  command
      .add_option("--think-budget", flags.budget,
                  "Tokens of thinking in a reply; then it is closed, and the answer follows")
      ->type_name("N")
      ->default_str("no limit")
      ->check(whole_number(0))
      ->group(group);
  command
      .add_option("--think-loops", flags.loops,
                  "Thinking that says the same over and over: end it, or keep it")
      ->type_name("WHAT")
      ->capture_default_str()
      ->transform(one_of({"end", "keep"}))
      ->group(group);
}

void check_thinking_usage(const CLI::App& command, const ThinkingFlags& flags) {
  if (flags.is_auto()) return;
  refuse_given(command, {"--probe"}, "decides how long to think: it goes with --think auto.");
}

std::unique_ptr<adaptive::ThinkingChooser> thinking_chooser(const ThinkingFlags& flags,
                                                            const Model& model, Context& ctx) {
  if (!flags.is_auto()) return nullptr;
  adaptive::require_thinking_modes(model);
  const std::filesystem::path file = adaptive::thinking_probe_file(flags.probe, model);
  return std::make_unique<adaptive::ThinkingChooser>(model, ctx, adaptive::load_probe(file),
                                                     file.string());
}

void remark_idle_thinking_options(const CLI::App& command, const ThinkingFlags& flags) {
  if (flags.mode() != Thinking::kFast) return;
  remark_given(command, kThinkingLimits,
               "limits thinking, but --think fast asks for none: it acts only if the model thinks "
               "all the same.");
}

void check_thinking_options(const CLI::App& command, const Tokenizer& tokenizer,
                            const std::string& model) {
  const std::string given = given_options(command, kThinkingLimits);
  if (given.empty() || can_think(tokenizer)) return;
  fail<ConfigError>(
      "[think] {} limits thinking, but {} has no markers of thinking: neither its vocabulary nor "
      "its chat template knows [unused16], <think> or [THINK]. Leave it out.",
      given, model);
}

std::string thinking_text(const ThinkingCounts& counts) {
  if (counts.replies() == 0) return {};
  std::string text = fmt::format("thought {} tokens, answered with {}", counts.thinking_tokens,
                                 counts.answer_tokens);
  const auto add = [&](ThinkingEnd end, const char* how) {
    if (counts.ended(end) > 0)
      text += fmt::format("; {} of {} {}", counts.ended(end), counts.replies(), how);
  };
  add(ThinkingEnd::kBudget, "closed by the budget");
  add(ThinkingEnd::kLoop, "closed as a loop");
  add(ThinkingEnd::kRequest, "closed on request");
  add(ThinkingEnd::kUnfinished, "unfinished");
  return text + "\n";
}

}  // namespace pangu::app
