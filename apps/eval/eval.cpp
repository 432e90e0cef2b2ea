// SPDX-License-Identifier: Apache-2.0
// pangu eval: scores of a model on a file of tasks, with intervals, or of two models side by side.
#include <fmt/format.h>

#include <CLI/Config.hpp>
#include <CLI/Validators.hpp>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "apps/eval/eval_report.h"
#include "apps/shared/command_frame.h"
#include "apps/shared/commands.h"
#include "apps/shared/common_options.h"
#include "apps/shared/machine_text.h"
#include "apps/shared/option_rules.h"
#include "apps/shared/output.h"
#include "apps/shared/sampling_options.h"
#include "apps/shared/speculation_options.h"
#include "base/resources.h"
#include "eval/eval.h"
#include "io/atomic_file.h"
#include "models/config/config_limits.h"

namespace pangu::app {
namespace {

struct EvalCommand {
  CommonOptions common;
  const CLI::App* app = nullptr;  ///< what was given
  std::string model;
  std::string compare;
  SpeculationFlags speculation{.mode = "off", .draft = {}, .rest = {}};
  std::optional<std::string> compare_format;
  std::string task;
  eval::EvalOptions eval;
  bool chat = false, plain = false;
  std::string think;
  SamplingFlags sampling;
  std::string output, record;
  FormatOptions formats;
  bool check_references = false;
  std::int64_t code_memory_mib = 1024;
};

void check_usage(const EvalCommand& o) {
  using eval::Task;
  const Task task = o.eval.task;
  const bool generates = task != Task::kPerplexity && task != Task::kChoice;
  if (o.check_references && task != Task::kCode) {
    throw UsageError("--check-references tests the solutions of a file: it goes with --task code.");
  }
  if (o.model.empty() && !o.check_references) throw UsageError("MODEL is required.");
  const bool replies = generates && !o.check_references;
  if (!replies) {
    refuse_given(*o.app,
                 {"--draft", "--spec", "--spec-tokens", "--spec-ngram", "--self-layers", "--record",
                  "--max-tokens", "--temp", "--top-k", "--top-p"},
                 "needs replies of a model: it goes with --task gsm8k, code or match.");
  }
  if (task != Task::kCode) {
    refuse_given(*o.app, {"--code-seconds", "--code-memory", "--jobs"},
                 "is about programs: it goes with --task code.");
  }
  check_speculation_usage(*o.app, std::span(&o.speculation.mode, 1), true);
  if (o.compare_format && o.compare.empty()) {
    throw UsageError("--compare-format is the format of the second model: add --compare.");
  }
  if (!o.think.empty() && o.plain) {
    throw UsageError("--think belongs to a conversation: leave out --plain.");
  }
  if (task == Task::kPerplexity && (o.chat || o.eval.shots > 0 || !o.think.empty())) {
    throw UsageError("--chat, --think and --shots have no meaning for --task ppl.");
  }
  if (!o.eval.shots_data.empty() && o.eval.shots == 0) {
    throw UsageError("--shots-file needs --shots: how many examples to take from it.");
  }
  if (task != Task::kPerplexity && (o.eval.window > 0 || o.eval.stride > 0)) {
    throw UsageError("--window and --stride belong to --task ppl.");
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

eval::EvalOptions eval_options(const EvalCommand& o) {
  eval::EvalOptions out = o.eval;
  const bool chat = o.chat || !o.think.empty();
  out.form = chat      ? eval::PromptForm::kChat
             : o.plain ? eval::PromptForm::kPlain
                       : eval::PromptForm::kDefault;
  out.thinking = thinking_mode(o.think);
  SamplingOptions greedy{.temperature = 0.0f};
  out.sampling = o.sampling.over(greedy);
  if (!o.sampling.seed) out.sampling.seed = 0;
  out.limits.memory_bytes = o.code_memory_mib << 20;
  // A program may wait for the processor, not for ever.
  out.limits.wall_s = 1.5 * out.limits.cpu_s + 5;
  if (out.jobs == 0) out.jobs = thread_count(o.common);
  out.kv = kv_format(o.common);
  out.speculation = o.speculation.options();
  return out;
}

class Evaluation {
 public:
  Evaluation(const EvalCommand& o, CommandFrame& frame)
      : o_(o), options_(eval_options(o)), frame_(frame), ctx_(context_options(o.common)) {
    data_ = eval::load_eval_data(options_);
    if (options_.task != eval::Task::kCode) return;
    sandbox_.emplace(eval::Sandbox::open());
    sandbox_->run("pass", options_.limits);  // says before the work whether the limits leave room
  }

  EvalReport references() {
    ProgressBar bar = frame_.bar("items");
    EvalReport report;
    report.result = eval::check_references(options_, data_, *sandbox_, hooks(bar));
    bar.clear();
    report.peak_rss_bytes = peak_rss_bytes();
    return report;
  }

  EvalReport model(const std::string& path, const WeightFormats& formats) {
    EvalReport report{.model = path, .result = {}};
    Stopwatch watch;
    const Model model = load(path, formats);
    report.load_s = watch.seconds();
    report.vocab_size = model.config().vocab_size;
    if (!draft_ && !o_.speculation.draft.empty()) draft_ = load(o_.speculation.draft, formats);
    ProgressBar bar = frame_.bar("items");
    report.result = eval::evaluate(model, ctx_, options_, data_, sandbox_ ? &*sandbox_ : nullptr,
                                   hooks(bar), draft_ ? &*draft_ : nullptr);
    bar.clear();
    report.peak_rss_bytes = peak_rss_bytes();
    return report;
  }

  /// How often the draft agrees with the replies of the model before.
  eval::DraftAgreement agreement(const EvalReport& replies) {
    return eval::draft_agreement(*draft_, ctx_, replies.result, replies.vocab_size,
                                 {.kv = options_.kv});
  }

  std::uint64_t seed() const { return options_.sampling.seed; }
  const std::optional<eval::Sandbox>& sandbox() const { return sandbox_; }

 private:
  Model load(const std::string& path, const WeightFormats& formats) {
    ProgressBar bar = frame_.bar("parameters");
    return load_model(path,
                      {.formats = formats,
                       .progress = frame_.progress(bar),
                       .need_chat_template = o_.chat || !o_.think.empty()},
                      ctx_);
  }

  eval::EvalHooks hooks(ProgressBar& bar) {
    return {.progress =
                [&bar](std::int64_t done, std::int64_t total, double score) {
                  bar.update(fmt::format("score {:.4f}", score), done, total);
                },
            .cancel = frame_.interrupts().work()};
  }

  const EvalCommand& o_;
  eval::EvalOptions options_;
  CommandFrame& frame_;
  Context ctx_;
  eval::EvalData data_;
  std::optional<eval::Sandbox> sandbox_;
  std::optional<Model> draft_;
};

void print_reports(const EvalCommand& o, const std::vector<EvalReport>& reports,
                   const std::vector<eval::Comparison>& comparison) {
  if (o.common.json) {
    Json json = eval_json(reports[0]);
    json["data"] = o.eval.data.string();
    json["threads"] = thread_count(o.common);
    json["isa"] = name(require_isa(o.common.isa));
    json["dtype"] = o.common.dtype;
    if (reports.size() > 1) {
      json["compare"] = eval_json(reports[1]);
      json["comparison"] = comparison_json(comparison);
    }
    print_json(json);
  } else {
    for (const EvalReport& report : reports) print(eval_text(report));
    if (reports.size() > 1) print(comparison_text(comparison));
  }
  if (o.common.quiet) return;
  for (const EvalReport& report : reports) {
    note(eval_summary_text(report, machine_text(o.common)));
  }
}

/// Nothing is worth a file where a run was stopped before its first item was done.
bool has_items(const std::vector<EvalReport>& reports) {
  return !reports[0].result.items.empty();
}

/// Where to write what a run has: one that was stopped replaces no whole file.
std::string written_name(const std::string& path, const Interrupts& interrupts) {
  if (!interrupts.requested()) return path;
  note(fmt::format("partial  {}.partial has what is done so far\n", path));
  return path + ".partial";
}

void write_predictions(const EvalCommand& o, const std::vector<EvalReport>& reports,
                       const Interrupts& interrupts) {
  if (o.output.empty() || !has_items(reports)) return;
  std::string text;
  for (const EvalReport& report : reports) {
    text +=
        predictions(report.result, reports.size() > 1 ? std::optional(report.model) : std::nullopt);
  }
  write_file_atomically(written_name(o.output, interrupts), text);
}

void eval_command(EvalCommand& o) {
  o.eval.task = eval::parse_task(o.task);
  check_usage(o);
  Inputs inputs{.files = {o.eval.data, o.eval.shots_data},
                .models = {o.model, o.compare, o.speculation.draft}};
  check_output(o.output, inputs);
  inputs.files.emplace_back(o.output);
  check_output(o.record, inputs);
  const WeightFormats formats = o.formats.parse();
  CommandFrame frame(o.common);
  if (o.sampling.temperature.value_or(0) == 0) {
    remark_given(*o.app, {"--top-k", "--top-p"},
                 "has no effect at temperature 0, which always takes the likeliest token: add "
                 "--temp.");
  }
  const Interrupts& interrupts = frame.interrupts();
  Evaluation evaluation(o, frame);
  if (evaluation.sandbox() && o.common.verbose) {
    note("pangu: sandbox: " + evaluation.sandbox()->description() + "\n");
  }
  std::vector<EvalReport> reports;
  if (o.check_references) {
    reports.push_back(evaluation.references());
  } else {
    reports.push_back(evaluation.model(o.model, formats));
    if (!o.speculation.draft.empty() && !interrupts.requested()) {
      reports[0].draft = evaluation.agreement(reports[0]);
    }
    if (!o.compare.empty() && !interrupts.requested()) {
      const WeightFormats second =
          o.compare_format ? WeightFormats::parse(*o.compare_format, "", "") : formats;
      reports.push_back(evaluation.model(o.compare, second));
    }
  }
  std::vector<eval::Comparison> comparison;
  if (reports.size() > 1) {
    comparison = eval::compare(reports[0].result, reports[1].result, evaluation.seed());
  }
  write_predictions(o, reports, interrupts);
  if (!o.record.empty() && has_items(reports)) {
    write_file_atomically(written_name(o.record, interrupts),
                          recordings(reports[0].result, o.eval.data.stem().string()));
  }
  print_reports(o, reports, comparison);
  if (interrupts.requested()) throw Cancelled("[eval] stopped");
}

void add_task_options(CLI::App& command, EvalCommand& o) {
  const auto add = [&](const char* flag, auto& value, const char* type, const char* text) {
    return command.add_option(flag, value, text)->type_name(type)->group("Task");
  };
  add("--task", o.task, "NAME", "ppl, mcq, gsm8k, code or match")
      ->required()
      ->transform(one_of({"ppl", "mcq", "gsm8k", "code", "match"}));
  add("--data", o.eval.data, "FILE", "JSON Lines, one item each; for ppl also plain text")
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
  add("--think", o.think, "MODE", "In a chat, how long to think: fast, slow or auto")
      ->default_str("as the model does")
      ->transform(one_of({"fast", "slow", "auto"}));
  command.add_flag("--first-line", o.eval.first_line, "match: the first line is the answer")
      ->group("Task");
  add("--window", o.eval.window, "N", "ppl: tokens of context that a pass sees")
      ->default_str("the context, at most 2048")
      ->check(whole_number(2));
  add("--stride", o.eval.stride, "N", "ppl: tokens that a window scores anew")
      ->default_str("half the window")
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

void add_eval_command(CLI::App& app) {
  auto o = std::make_shared<EvalCommand>();
  o->eval.jobs = 0;
  CLI::App* command = app.add_subcommand(
      "eval",
      "Scores a model on a file of tasks, or compares two\n"
      "\n"
      "Examples:\n"
      "  pangu eval MODEL --task ppl --data wikitext2_test.jsonl --limit 100\n"
      "  pangu eval MODEL --task gsm8k --data gsm8k_test.jsonl --compare MODEL-w8\n"
      "  pangu eval --task code --data humaneval.jsonl --check-references");
  o->app = command;
  add_model_argument(*command, o->model)->required(false);
  add_task_options(*command, *o);
  add_reply_options(*command, *o);
  add_code_options(*command, *o);
  add_model_option(*command, "--compare", o->compare, "A second model, on the same items")
      ->type_name("MODEL")
      ->group("Comparison");
  command->add_option("--compare-format", o->compare_format, "Weights of the second model")
      ->type_name("NAME")
      ->default_str("as --format")
      ->transform(one_of(weight_format_names()))
      ->group("Comparison");
  add_speculation_options(*command, o->speculation,
                          "; how often it would have written the same next token is told, too");
  command->add_option("--output", o->output, "Every item with the model's answer")
      ->type_name("F.jsonl")
      ->group("Output");
  command->add_option("--record", o->record, "Prompts and replies as token ids, for bench --replay")
      ->type_name("F.jsonl")
      ->group("Output");
  add_common_options(*command, o->common);
  add_kv_format_option(*command, o->common);
  add_format_options(*command, o->formats);
  command->callback([o] { eval_command(*o); });
}

}  // namespace pangu::app
