// SPDX-License-Identifier: Apache-2.0
#include "apps/eval/eval_options.h"

#include <fmt/format.h>

#include <CLI/Config.hpp>
#include <CLI/Validators.hpp>
#include <limits>
#include <span>

#include "apps/shared/commands.h"
#include "apps/shared/option_rules.h"
#include "models/config/config_limits.h"

namespace pangu::app {
namespace {

bool scores_texts(eval::Task task) {
  return task == eval::Task::kPerplexity || task == eval::Task::kDivergence;
}

void check_reference_usage(const EvalCommand& o) {
  if (o.eval.task != eval::Task::kDivergence) {
    refuse_given(*o.app, {"--reference", "--tokens"},
                 "is about the divergence from another model: it goes with --task kl.");
    return;
  }
  refuse_given(*o.app, {"--chat", "--plain", "--think", "--shots", "--shots-file"},
               "has no meaning for --task kl, which compares models on texts as they are.");
  if (o.reference.empty()) {
    throw UsageError(
        "--task kl needs --reference: the model to compare MODEL with, such as the one that MODEL "
        "was made from, or MODEL itself as it is stored.");
  }
}

void add_task_options(CLI::App& command, EvalCommand& o) {
  const auto add = [&](const char* flag, auto& value, const char* type, const char* text) {
    return command.add_option(flag, value, text)->type_name(type)->group("Task");
  };
  add("--task", o.task, "NAME", "ppl, kl, mcq, gsm8k, code or match")
      ->required()
      ->transform(one_of({"ppl", "kl", "mcq", "gsm8k", "code", "match"}));
  add("--data", o.eval.data, "FILE", "JSON Lines, one item each; for ppl and kl also plain text")
      ->required();
  add("--limit", o.eval.limit, "N", "Only the first N items")
      ->default_str("all")
      ->check(whole_number(1));
  add("--shots", o.eval.shots, "K", "Solved examples before every question")
      ->capture_default_str()
      ->check(whole_number(0, 1000));
  add("--shots-file", o.eval.shots_data, "FILE", "Where the examples come from")
      ->default_str("the first rows of --data, which are then not scored");
  auto* chat = command.add_flag("--chat", o.chat, "Ask through the model's chat template");
  chat->group("Task");
  command.add_flag("--plain", o.plain, "Ask without it, as completion models are asked")
      ->excludes(chat)
      ->group("Task");
  add_thinking_options(command, o.thinking, "Task");
  command.add_flag("--first-line", o.eval.first_line, "match: the first line is the answer")
      ->group("Task");
  add("--window", o.eval.window, "N", "ppl, kl: tokens of context that a pass sees")
      ->default_str("the context, at most 2048")
      ->check(whole_number(2));
  add("--stride", o.eval.stride, "N", "ppl, kl: tokens that a window scores anew")
      ->default_str("half the window")
      ->check(whole_number(1));
  add("--tokens", o.eval.positions, "N", "kl: tokens of the texts to compare on, at most")
      ->default_str("all")
      ->check(whole_number(1));
}

void add_reply_options(CLI::App& command, EvalCommand& o) {
  const auto add = [&](const char* flag, auto& value, const char* type, const char* text) {
    return command.add_option(flag, value, text)->type_name(type)->group("Replies");
  };
  add("--max-tokens", o.eval.max_tokens, "N", "Tokens a reply may have")
      ->capture_default_str()
      ->check(whole_number(1, kMaxPositions));
  add("--batch", o.eval.batch, "B", "Texts or replies at the same time; changes no score")
      ->capture_default_str()
      ->check(whole_number(1, 4096));
  add("--ctx", o.eval.context, "N", "Tokens that prompt and reply may have")
      ->default_str("the model's, at most 4096")
      ->check(whole_number(2, kMaxPositions));
  add("--temp", o.sampling.temperature, "T", "Temperature; 0 takes the likeliest token")
      ->check(float_number())
      ->default_str("0");
  add("--top-k", o.sampling.top_k, "K", "Only the K likeliest tokens; 0 is off")
      ->default_str("0")
      ->check(whole_number(0, std::numeric_limits<int>::max()));
  add("--top-p", o.sampling.top_p, "P", "Only the likeliest that together reach P; 1 is off")
      ->check(float_number())
      ->default_str("1");
  add("--seed", o.sampling.seed, "S", "Of sampling, and of the intervals of differences")
      ->default_str("0")
      ->check(whole_number(0));
}

void add_code_options(CLI::App& command, EvalCommand& o) {
  const auto add = [&](const char* flag, auto& value, const char* type, const char* text) {
    return command.add_option(flag, value, text)
        ->type_name(type)
        ->capture_default_str()
        ->group("Code");
  };
  command
      .add_flag("--check-references", o.check_references,
                "Test the file's own solutions in place of a model's")
      ->group("Code");
  add("--code-seconds", o.eval.limits.cpu_s, "S", "Processor time of a program")
      ->check(whole_number(1, 3600));
  add("--code-memory", o.code_memory_mib, "MIB", "Memory of a program")
      ->check(whole_number(64, 1 << 20));
  add("--jobs", o.eval.jobs, "N", "Programs at the same time")
      ->default_str("one per thread")
      ->check(whole_number(1, 256));
}

}  // namespace

void check_usage(const EvalCommand& o) {
  using eval::Task;
  const Task task = o.eval.task;
  const bool generates = !scores_texts(task) && task != Task::kChoice;
  if (o.check_references && task != Task::kCode) {
    throw UsageError("--check-references tests the solutions of a file: it goes with --task code.");
  }
  if (o.model.empty() && !o.check_references) throw UsageError("MODEL is required.");
  check_reference_usage(o);
  const bool replies = generates && !o.check_references;
  if (!replies) {
    refuse_given(
        *o.app,
        {"--draft", "--spec", "--spec-tokens", "--spec-ngram", "--self-layers", "--record",
         "--max-tokens", "--temp", "--top-k", "--top-p", "--think-budget", "--think-loops"},
        "needs replies of a model: it goes with --task gsm8k, code or match.");
  }
  if (task != Task::kCode) {
    refuse_given(*o.app, {"--code-seconds", "--code-memory", "--jobs"},
                 "is about programs: it goes with --task code.");
  }
  check_thinking_usage(*o.app, o.thinking);
  if (o.thinking.is_auto() && !replies) {
    throw UsageError(
        "--think auto chooses how replies are written: it goes with --task gsm8k, code or match.");
  }
  check_speculation_usage(*o.app, std::span(&o.speculation.mode, 1), true);
  if (o.compare_format && o.compare.empty()) {
    throw UsageError("--compare-format is the format of the second model: add --compare.");
  }
  if (o.plain) {
    refuse_given(*o.app, kThinkingOptions, "belongs to a conversation: leave out --plain.");
  }
  if (task == Task::kPerplexity && (o.chat || o.eval.shots > 0 || !o.thinking.think.empty())) {
    throw UsageError("--chat, --think and --shots have no meaning for --task ppl.");
  }
  if (!o.eval.shots_data.empty() && o.eval.shots == 0) {
    throw UsageError("--shots-file needs --shots: how many examples to take from it.");
  }
  if (!scores_texts(task) && (o.eval.window > 0 || o.eval.stride > 0)) {
    throw UsageError("--window and --stride belong to --task ppl and kl.");
  }
  if (task != Task::kMatch && o.eval.first_line) {
    throw UsageError("--first-line belongs to --task match.");
  }
  if (o.eval.window > 0 && o.eval.stride > o.eval.window) {
    throw UsageError(
        fmt::format("--stride {} is more than --window {}: tokens between would have no score.",
                    o.eval.stride, o.eval.window));
  }
  try {
    o.sampling.over({.temperature = 0.0f}).validate();
    o.speculation.options();
  } catch (const ConfigError& error) {
    throw UsageError(error.what());
  }
}

bool is_chat(const EvalCommand& o) {
  return o.chat || !given_options(*o.app, kThinkingOptions).empty();
}

eval::EvalOptions eval_options(const EvalCommand& o) {
  eval::EvalOptions out = o.eval;
  const bool chat = is_chat(o);
  out.form = chat      ? eval::PromptForm::kChat
             : o.plain ? eval::PromptForm::kPlain
                       : eval::PromptForm::kDefault;
  out.thinking = o.thinking.mode();
  out.think_budget = o.thinking.think_budget();
  out.end_think_loops = o.thinking.end_loops();
  SamplingOptions greedy{.temperature = 0.0f};
  out.sampling = o.sampling.over(greedy);
  if (!o.sampling.seed) out.sampling.seed = 0;
  out.limits.memory_bytes = o.code_memory_mib << 20;
  // A program may wait for the processor, not for ever.
  out.limits.allow_waiting();
  if (out.jobs == 0) out.jobs = thread_count(o.common);
  out.kv = kv_format(o.common);
  out.speculation = o.speculation.options();
  return out;
}

void add_eval_options(CLI::App& command, EvalCommand& o) {
  add_model_argument(command, o.model)->required(false);
  add_task_options(command, o);
  add_reply_options(command, o);
  add_code_options(command, o);
  add_model_option(
      command, "--reference", o.reference,
      "kl: the model to compare with, its weights as stored, keys and values as --dtype")
      ->type_name("MODEL")
      ->group("Comparison");
  add_model_option(command, "--compare", o.compare, "A second model, on the same items")
      ->type_name("MODEL")
      ->group("Comparison");
  command.add_option("--compare-format", o.compare_format, "Weights of the second model")
      ->type_name("NAME")
      ->default_str("as --format")
      ->transform(one_of(weight_format_names()))
      ->group("Comparison");
  add_speculation_options(command, o.speculation,
                          "; how often it would have written the same next token is told, too");
  command.add_option("--output", o.output, "Every item with the model's answer")
      ->type_name("F.jsonl")
      ->group("Output");
  command.add_option("--record", o.record, "Prompts and replies as token ids, for bench --replay")
      ->type_name("F.jsonl")
      ->group("Output");
  add_common_options(command, o.common);
  add_kv_format_option(command, o.common);
  add_format_options(command, o.formats);
}

}  // namespace pangu::app
