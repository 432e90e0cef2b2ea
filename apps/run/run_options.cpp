// SPDX-License-Identifier: Apache-2.0
#include "apps/run/run_options.h"

#include <CLI/Config.hpp>
#include <CLI/Validators.hpp>
#include <limits>
#include <span>

#include "apps/shared/commands.h"
#include "apps/shared/option_rules.h"
#include "apps/shared/text_input.h"
#include "models/config/config_limits.h"

namespace pangu::app {
namespace {

void add_prompt_options(CLI::App& command, RunOptions& o) {
  command
      .add_option("-p,--prompt", o.prompt,
                  "Text to continue, or with --chat the question; piped text comes before it")
      ->type_name("TEXT")
      ->default_str("standard input")
      ->group("Prompt");
  command.add_flag("--chat", o.chat, "Converse, through the model's chat template")
      ->group("Prompt");
  command.add_option("--system", o.system, "System message of the conversation")
      ->type_name("TEXT")
      ->group("Prompt");
  add_thinking_options(command, o.thinking, "Prompt");
}

void add_conversation_options(CLI::App& command, RunOptions& o) {
  command
      .add_flag("--show-thinking", o.show_thinking,
                "Print what the model thinks, too; terminals show it anyway")
      ->group("Prompt");
  command
      .add_option(
          "--on-full", o.on_full,
          "When a conversation fills its context: stop, or trim (leave out the oldest turns)")
      ->type_name("WHAT")
      ->capture_default_str()
      ->transform(one_of({"stop", "trim"}))
      ->group("Prompt");
}

void add_routing_options(CLI::App& command, RunOptions& o) {
  const auto add = [](auto* option) { option->group("Bundles"); };
  add(command.add_flag("--auto", o.automatic,
                       "Converse, and choose for each message what answers it best (pangu "
                       "optimize makes such bundles)"));
  add(command.add_flag("--explain", o.explain,
                       "Tell what was recognised, what was chosen, and why"));
  add(command
          .add_option("--decisions", o.decisions,
                      "Add a line of JSON to this file for each choice; pangu info checks them")
          ->type_name("F.jsonl")
          ->check(not_empty()));
}

void add_reply_options(CLI::App& command, RunOptions& o) {
  command.add_option("--max-tokens", o.max_tokens, "Tokens a reply may have")
      ->type_name("N")
      ->default_str("until the context is full")
      ->check(whole_number(0))
      ->group("Reply");
  command.add_option("--stop", o.stop, "End before this text; may be repeated")
      ->type_name("TEXT")
      ->check(not_empty())
      ->allow_extra_args(false)
      ->group("Reply");
  command.add_flag("--ignore-eos", o.ignore_eos, "Go on past the end-of-text token")
      ->group("Reply");
  command
      .add_option("--logprobs", o.logprobs, "With --json: log-probabilities, N alternatives each")
      ->type_name("N")
      ->check(whole_number(0, std::numeric_limits<int>::max()))
      ->group("Reply");
  command.add_option("--ctx", o.context, "Tokens a conversation may have")
      ->type_name("N")
      ->default_str("the model's, at most 4096")
      ->check(whole_number(1, kMaxPositions))
      ->group("Reply");
}

void add_sampling_options(CLI::App& command, SamplingFlags& s) {
  const auto add = [&command](const char* flag, auto& value, const char* type, const char* fallback,
                              const char* description) {
    command.add_option(flag, value, description)
        ->type_name(type)
        ->default_str(fallback)
        ->check(float_number())
        ->group("Sampling");
  };
  const char* own = "the model's";
  add("--temp", s.temperature, "T", own, "Temperature; 0 always takes the likeliest token");
  add("--top-k", s.top_k, "K", own, "Only the K likeliest tokens; 0 is off");
  add("--top-p", s.top_p, "P", own, "Only the likeliest that together reach P; 1 is off");
  add("--min-p", s.min_p, "P", own, "Only those P times as likely as the first; 0 is off");
  add("--repetition-penalty", s.repetition_penalty, "X", own,
      "Divides logits of seen tokens; 1 is off");
  add("--presence-penalty", s.presence_penalty, "X", "0",
      "Taken from the logits of tokens that the reply has");
  add("--frequency-penalty", s.frequency_penalty, "X", "0", "The same, for each occurrence");
  command
      .add_option("--logit-bias", s.logit_bias,
                  "Added to the logits of tokens, given by id; -100 all but forbids one")
      ->type_name("ID=B,...")
      ->check(logit_bias_list())
      ->group("Sampling");
  add("--seed", s.seed, "S", "random", "Repeats a reply exactly");
  command.get_option("--top-k")->check(whole_number(0, std::numeric_limits<int>::max()));
  command.get_option("--seed")->check(whole_number(0));
}

}  // namespace

void add_run_options(CLI::App& command, RunOptions& o) {
  o.app = &command;
  // As it was given: --auto wants the bundle, not its default weights.
  command.add_option("MODEL", o.model, "Hugging Face folder, GGUF file, bundle, or bundled model")
      ->required()
      ->check(not_empty());
  add_prompt_options(command, o);
  add_conversation_options(command, o);
  add_routing_options(command, o);
  add_reply_options(command, o);
  add_grammar_options(command, o.grammar, "Reply");
  add_sampling_options(command, o.sampling);
  add_speculation_options(command, o.speculation);
  add_common_options(command, o.common);
  add_kv_format_option(command, o.common);
  add_format_options(command, o.formats);
}

/// --auto chooses for itself what these would say.
void check_routing_options(const RunOptions& o) {
  if (o.automatic) {
    refuse_given(*o.app, {"--format", "--head-format", "--embedding-format", "--kv-format"},
                 "is what --auto chooses: leave one of both out.");
    if (o.thinking.is_auto()) {
      throw UsageError("--think auto is part of what --auto chooses: leave it out.");
    }
  } else {
    refuse_given(*o.app, {"--explain", "--decisions"}, "is about choices: add --auto.");
  }
}

void check_run_options(const RunOptions& o) {
  check_routing_options(o);
  if (!o.chat && o.system) throw UsageError("--system belongs to a conversation: add --chat.");
  if (!o.chat) {
    refuse_given(*o.app, kThinkingOptions, "belongs to a conversation: add --chat.");
  }
  check_thinking_usage(*o.app, o.thinking);
  if (!o.chat && o.show_thinking) {
    throw UsageError("--show-thinking belongs to a conversation: add --chat.");
  }
  if (o.show_thinking && o.common.json) {
    throw UsageError("--json has what the model thinks as 'reasoning': leave out --show-thinking.");
  }
  if (o.trims() && (!o.chat || o.prompt)) {
    throw UsageError("--on-full belongs to a conversation of several turns: --chat without -p.");
  }
  if (o.logprobs >= 0 && !o.common.json) {
    throw UsageError("--logprobs are part of the JSON output: add --json.");
  }
  if (o.chat && o.common.json && !o.prompt) {
    throw UsageError("--json prints the answer to one question: give it with -p.");
  }
  if (!o.chat && !o.prompt && is_terminal_stdin()) {
    throw UsageError(
        "there is no prompt. Give one with -p TEXT, pipe one into standard input, or converse with "
        "--chat.");
  }
  check_speculation_usage(*o.app, std::span(&o.speculation.mode, 1));
  try {
    o.sampling.over({}).validate();
    o.speculation.options();
  } catch (const ConfigError& error) {
    throw UsageError(error.what());
  }
}

}  // namespace pangu::app
