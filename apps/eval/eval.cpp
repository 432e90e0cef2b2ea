// SPDX-License-Identifier: Apache-2.0
// pangu eval: scores of a model on a file of tasks, with intervals, or of two models side by side.
#include <fmt/format.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "apps/eval/eval_options.h"
#include "apps/eval/eval_report.h"
#include "apps/shared/command_frame.h"
#include "apps/shared/commands.h"
#include "apps/shared/common_options.h"
#include "apps/shared/machine_text.h"
#include "apps/shared/option_rules.h"
#include "apps/shared/output.h"
#include "base/resources.h"
#include "eval/divergence.h"
#include "eval/eval.h"
#include "io/atomic_file.h"
#include "runtime/model.h"
#include "runtime/speculation/model_drafter.h"

namespace pangu::app {
namespace {

/// Decisions of a probe as an evaluation takes them. Refers to the chooser.
eval::ChooseThinking choices_of(adaptive::ThinkingChooser& chooser) {
  return [&chooser](std::span<const std::vector<Message>> conversations) {
    std::vector<eval::ThinkingChoice> out;
    for (const adaptive::ThinkingDecision& decision : chooser.decide(conversations)) {
      out.push_back({decision.thinking, adaptive::thinking_json(decision)});
    }
    return out;
  };
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

  /// Whatever can be known of the models without their weights, before the first one's work: the
  /// second's tokens decide whether minutes of the first are worth anything.
  void check_models() const {
    std::optional<Vocabulary> reference, draft;
    if (!o_.reference.empty()) reference = check_model(o_.reference, load_options({}));
    if (!o_.speculation.draft.empty()) draft = check_model(o_.speculation.draft, load_options({}));
    for (const std::string& path : {o_.model, o_.compare}) {
      if (path.empty()) continue;
      const Vocabulary model = check_model(path, load_options({}));
      check_thinking_options(*o_.app, *model.tokenizer, path);
      if (reference) eval::check_same_tokens(model, *reference);
      if (draft) check_draft_vocabulary(*draft, model);
    }
  }

  EvalReport references() {
    ProgressBar bar = frame_.bar("items");
    EvalReport report;
    report.result = eval::check_references(options_, data_, *sandbox_, hooks(bar));
    bar.clear();
    report.peak_rss_bytes = peak_rss_bytes();
    return report;
  }

  /// What models are compared with from here on. The model itself is gone afterwards.
  ReferenceReport reference(const std::string& path) {
    ReferenceReport report{.model = path};
    Stopwatch watch;
    const Model model = load(path, {});
    report.load_s = watch.seconds();
    ProgressBar bar = frame_.bar("positions");
    const auto progress = [&bar](std::int64_t done, std::int64_t total) {
      bar.update("reference", done, total);
    };
    reference_.emplace(
        eval::record_reference(model, ctx_, options_, data_,
                               {.progress = progress, .cancel = frame_.interrupts().work()}));
    bar.clear();
    report.positions = reference_->positions();
    report.vocabulary = reference_->vocabulary();
    report.bytes = reference_->bytes();
    report.in_file = reference_->in_file();
    report.seconds = reference_->stats().seconds;
    return report;
  }

  EvalReport model(const std::string& path, const WeightFormats& formats) {
    EvalReport report{.model = path, .result = {}};
    Stopwatch watch;
    const Model model = load(path, formats);
    const auto chooser = thinking_chooser(o_.thinking, model, ctx_);
    eval::EvalOptions options = options_;
    if (chooser) options.choose_thinking = choices_of(*chooser);
    report.load_s = watch.seconds();
    report.known_ids = model.known_ids();
    if (!draft_ && !o_.speculation.draft.empty()) draft_ = load(o_.speculation.draft, formats);
    ProgressBar bar = frame_.bar("items");
    report.result =
        reference_ ? eval::evaluate_divergence(*reference_, model, ctx_, options, hooks(bar))
                   : eval::evaluate(model, ctx_, options, data_, sandbox_ ? &*sandbox_ : nullptr,
                                    hooks(bar), draft_ ? &*draft_ : nullptr);
    bar.clear();
    report.peak_rss_bytes = peak_rss_bytes();
    return report;
  }

  /// How often the draft agrees with the replies of the model before.
  eval::DraftAgreement agreement(const EvalReport& replies) {
    return eval::draft_agreement(*draft_, ctx_, replies.result, replies.known_ids,
                                 {.kv = options_.kv});
  }

  std::uint64_t seed() const { return options_.sampling.seed; }
  const std::optional<eval::Sandbox>& sandbox() const { return sandbox_; }

 private:
  LoadModelOptions load_options(const WeightFormats& formats) const {
    return {.formats = formats, .progress = {}, .need_chat_template = is_chat(o_)};
  }

  Model load(const std::string& path, const WeightFormats& formats) {
    ProgressBar bar = frame_.bar("parameters");
    LoadModelOptions options = load_options(formats);
    options.progress = frame_.progress(bar);
    return load_model(path, options, ctx_);
  }

  eval::EvalHooks hooks(ProgressBar& bar) {
    return {.progress =
                [&bar](std::int64_t done, std::int64_t total, double score) {
                  bar.update("score " + score_number(score), done, total);
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
  std::optional<eval::Reference> reference_;
};

/// What an evaluation found, of all models.
struct Findings {
  std::optional<ReferenceReport> reference;  ///< of kl
  std::vector<EvalReport> reports;           ///< MODEL, and the one of --compare
  std::vector<eval::Comparison> comparison;
};

void print_findings(const EvalCommand& o, const Findings& findings) {
  const std::vector<EvalReport>& reports = findings.reports;
  if (o.common.json) {
    Json json = eval_json(reports[0]);
    json["data"] = o.eval.data.string();
    json["threads"] = thread_count(o.common);
    json["isa"] = name(require_isa(o.common.isa));
    json["dtype"] = o.common.dtype;
    if (reports.size() > 1) {
      json["compare"] = eval_json(reports[1]);
      json["comparison"] = comparison_json(findings.comparison);
    }
    if (findings.reference) json["reference"] = reference_json(*findings.reference);
    print_json(json);
  } else {
    for (const EvalReport& report : reports) print(eval_text(report));
    if (reports.size() > 1) print(comparison_text(findings.comparison));
  }
  if (o.common.quiet) return;
  if (findings.reference) note(reference_text(*findings.reference));
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

Findings evaluate_all(const EvalCommand& o, const WeightFormats& formats, Evaluation& evaluation,
                      const Interrupts& interrupts) {
  Findings found;
  if (o.check_references) {
    found.reports.push_back(evaluation.references());
    return found;
  }
  evaluation.check_models();
  if (!o.reference.empty()) found.reference = evaluation.reference(o.reference);
  found.reports.push_back(evaluation.model(o.model, formats));
  if (!o.speculation.draft.empty() && !interrupts.requested()) {
    found.reports[0].draft = evaluation.agreement(found.reports[0]);
  }
  if (o.compare.empty() || interrupts.requested()) return found;
  const WeightFormats second =
      o.compare_format ? WeightFormats::parse(*o.compare_format, "", "") : formats;
  found.reports.push_back(evaluation.model(o.compare, second));
  found.comparison =
      eval::compare(found.reports[0].result, found.reports[1].result, evaluation.seed());
  return found;
}

void eval_command(EvalCommand& o) {
  o.eval.task = eval::parse_task(o.task);
  check_usage(o);
  Inputs inputs{.files = {o.eval.data, o.eval.shots_data},
                .models = {o.model, o.compare, o.reference, o.speculation.draft}};
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
  remark_idle_thinking_options(*o.app, o.thinking);
  const Interrupts& interrupts = frame.interrupts();
  Evaluation evaluation(o, frame);
  if (evaluation.sandbox() && o.common.verbose) {
    note("pangu: sandbox: " + evaluation.sandbox()->description() + "\n");
  }
  const Findings findings = evaluate_all(o, formats, evaluation, interrupts);
  write_predictions(o, findings.reports, interrupts);
  if (!o.record.empty() && has_items(findings.reports)) {
    write_file_atomically(written_name(o.record, interrupts),
                          recordings(findings.reports[0].result, o.eval.data.stem().string()));
  }
  print_findings(o, findings);
  if (interrupts.requested()) throw Cancelled("[eval] stopped");
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
      "  pangu eval MODEL --format w4a16-g64 --task kl --reference MODEL --data text.jsonl\n"
      "  pangu eval --task code --data humaneval.jsonl --check-references");
  o->app = command;
  add_eval_options(*command, *o);
  command->callback([o] { eval_command(*o); });
}

}  // namespace pangu::app
