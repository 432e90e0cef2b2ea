// SPDX-License-Identifier: Apache-2.0
// pangu intent eval: how well requests are recognised.
#include <fmt/format.h>

#include <memory>

#include "adaptive/intent/evaluation.h"
#include "adaptive/intent/label_likelihood.h"
#include "adaptive/intent/recognition_report.h"
#include "adaptive/task_kind.h"
#include "apps/intent/intent_commands.h"
#include "apps/shared/commands.h"
#include "apps/shared/machine_text.h"
#include "apps/shared/option_rules.h"
#include "apps/shared/output.h"
#include "base/resources.h"
#include "io/atomic_file.h"
#include "report/units.h"

namespace pangu::app {
namespace {

struct IntentEvalCommand {
  const CLI::App* app = nullptr;
  CommonOptions common;
  ProbeFlags flags;
  std::string model, probe, plot;
  std::vector<std::filesystem::path> data;
  bool labels = false, robustness = false;
  int examples = 0;
  adaptive::DrawOptions draws{.draws = 0};
};

std::vector<adaptive::Request> requests_of(const std::vector<adaptive::LabelledRow>& rows) {
  std::vector<adaptive::Request> requests;
  for (const adaptive::LabelledRow& row : rows) requests.push_back(row.request);
  return requests;
}

class IntentEvaluation {
 public:
  IntentEvaluation(const IntentEvalCommand& o, CommandFrame& frame)
      : o_(o),
        frame_(frame),
        rows_(adaptive::read_labelled_rows(o.data)),
        ctx_(context_options(o.common)),
        model_(load_intent_model(o.model, frame, ctx_)) {}

  /// Trains on a few of the rows and tests on the others.
  void draws() {
    adaptive::TrainHeadOptions options = o_.flags.options();
    const bool has_stream = (options.blocks & adaptive::kStreamBlocks) != 0;
    if (options.layers.empty()) {
      options.layers = adaptive::usual_layers(model_.config().n_layers);
    }
    adaptive::FeatureReader reader(model_, ctx_,
                                   has_stream ? options.layers : std::vector<std::int64_t>{});
    ProgressBar bar = frame_.bar("rows");
    const ProgressFn progress = frame_.progress(bar);
    const auto all = adaptive::read_labelled_features(reader, rows_, progress);
    const auto always = adaptive::read_labelled_features(
        reader, adaptive::example_rows(o_.examples, o_.flags.seed, all.classes), progress,
        all.classes);
    options.progress = [&](std::int64_t done, std::int64_t total) {
      progress("draws", done, total);
    };
    adaptive::DrawOptions draws = o_.draws;
    draws.seed = o_.flags.seed;
    const auto scores = adaptive::score_draws(all, always, draws, options,
                                              model_.config().hidden_size, ctx_.threads());
    bar.clear();
    report(adaptive::draws_text(scores, draws),
           [&] { return adaptive::draws_json(scores, draws); });
  }

  /// A probe on all rows.
  void probe() {
    const std::filesystem::path file = probe_file(o_.probe, model_);
    adaptive::Recogniser recogniser(model_, ctx_, adaptive::load_probe(file), file.string());
    const adaptive::Head& head = recogniser.head();
    ProgressBar bar = frame_.bar("rows");
    const ProgressFn progress = frame_.progress(bar);
    const Stopwatch watch;
    const auto rows =
        adaptive::read_labelled_features(recogniser.reader(), rows_, progress, head.classes);
    const double seconds = watch.seconds();
    const std::int64_t tokens = recogniser.reader().tokens();
    const auto score =
        adaptive::score_recognition(head.classes, adaptive::head_probabilities(head, rows.features),
                                    rows.labels, head.threshold);
    adaptive::Robustness robustness;
    if (o_.robustness) {
      const auto total = static_cast<std::int64_t>(rows_.size());
      robustness = adaptive::measure_robustness(
          head, recogniser.reader(), requests_of(rows_), rows.features, [&](std::size_t done) {
            progress("other wordings", static_cast<std::int64_t>(done), total);
          });
    }
    bar.clear();
    write_plot(score);
    std::string text = adaptive::recognition_text(score, head.classes);
    if (o_.robustness) text += "\n" + adaptive::robustness_text(robustness);
    report(text + fmt::format("features of {} tokens in {}\n", tokens, seconds_text(seconds)), [&] {
      Json json = adaptive::recognition_json(score, head.classes);
      json["features_s"] = seconds;
      json["features_tokens"] = tokens;
      if (o_.robustness) json["robustness"] = adaptive::robustness_json(robustness);
      return json;
    });
  }

  /// The model itself, without a probe.
  void labels() {
    for (const adaptive::LabelledRow& row : rows_) {
      if (adaptive::find_built_in_kind(row.kind) != nullptr) continue;
      throw UsageError(
          fmt::format("the kind '{}' of a row is none of the built-in ones, which are all "
                      "that --labels knows.",
                      row.kind));
    }
    adaptive::LabelLikelihood labels(model_, ctx_);
    const adaptive::LabelOptions options;
    std::vector<std::string> classes;
    std::vector<std::vector<double>> all;
    ProgressBar bar = frame_.bar("rows");
    const ProgressFn progress = frame_.progress(bar);
    for (const adaptive::LabelledRow& row : rows_) {
      const adaptive::Recognition r = labels.recognise(row.request);
      classes.clear();
      all.emplace_back();
      for (const auto& [kind, p] : r.probabilities) {
        classes.push_back(kind);
        all.back().push_back(p);
      }
      progress("asking", std::ssize(all), std::ssize(rows_));
    }
    bar.clear();
    adaptive::RowMatrix p(static_cast<Eigen::Index>(all.size()),
                          static_cast<Eigen::Index>(classes.size()));
    for (std::size_t i = 0; i < all.size(); ++i) {
      p.row(static_cast<Eigen::Index>(i)) =
          Eigen::Map<const Eigen::RowVectorXd>(all[i].data(), p.cols());
    }
    const std::vector<int> truth = adaptive::labels_of(rows_, classes);
    const auto score = adaptive::score_recognition(classes, p, truth, options.threshold);
    write_plot(score);
    report(adaptive::recognition_text(score, classes),
           [&] { return adaptive::recognition_json(score, classes); });
  }

 private:
  void write_plot(const adaptive::RecognitionScore& score) {
    if (o_.plot.empty()) return;
    write_file_atomically(
        o_.plot, adaptive::coverage_plot(score, fmt::format("{} requests, model {}", score.rows,
                                                            model_.path.filename().string())));
  }

  void report(const std::string& text, const std::function<Json()>& json) {
    if (!frame_.prints_json()) print(text);
    frame_.finish(
        [&] {
          Json all = json();
          add_machine_keys(all, o_.common);
          return all;
        },
        [](double seconds) { return fmt::format("done in {}\n", seconds_text(seconds)); });
  }

  const IntentEvalCommand& o_;
  CommandFrame& frame_;
  std::vector<adaptive::LabelledRow> rows_;
  Context ctx_;
  Model model_;
};

void intent_eval_command(const IntentEvalCommand& o) {
  const bool draws = o.draws.draws > 0;
  if (draws) {
    refuse_given(*o.app, {"--probe", "--labels", "--robustness", "--plot"},
                 "says nothing about probes that --draws trains and forgets.");
  } else {
    refuse_given(
        *o.app,
        {"--per-kind", "--examples", "--layers", "--features", "--max-error", "--folds", "--seed"},
        "is about training, which takes --draws.");
  }
  if (o.labels) {
    refuse_given(*o.app, {"--robustness"}, "is measured of probes alone: leave --labels out.");
  }
  Inputs inputs{.files = o.data, .models = {o.model}};
  inputs.files.emplace_back(o.probe);
  check_output(o.plot, inputs);
  CommandFrame frame(o.common);
  IntentEvaluation evaluation(o, frame);
  if (draws) return evaluation.draws();
  if (o.labels) return evaluation.labels();
  evaluation.probe();
}

void add_draw_options(CLI::App& command, IntentEvalCommand& o) {
  command
      .add_option("--draws", o.draws.draws,
                  "Train on a few of the rows, test on the others, N times")
      ->type_name("N")
      ->check(whole_number(1, 1000))
      ->default_str("test a probe")
      ->group("Probe");
  command.add_option("--per-kind", o.draws.per_kind, "Rows of each kind that a draw trains on")
      ->type_name("N")
      ->check(whole_number(2, 100'000))
      ->capture_default_str()
      ->group("Probe");
}

void add_draw_examples_option(CLI::App& command, IntentEvalCommand& o) {
  command
      .add_option("--examples", o.examples,
                  "Made-up requests of each kind that every draw trains on, too")
      ->type_name("N")
      ->check(whole_number(0, 100'000))
      ->capture_default_str()
      ->group("Probe");
}

}  // namespace

void add_intent_eval_command(CLI::App& intent) {
  auto o = std::make_shared<IntentEvalCommand>();
  CLI::App* command = intent.add_subcommand(
      "eval",
      "Measures how well labelled requests are recognised\n"
      "\n"
      "Examples:\n"
      "  pangu intent eval --data requests.jsonl --robustness --plot coverage.svg\n"
      "  pangu intent eval --data requests.jsonl --draws 10 --per-kind 20");
  o->app = command;
  command->add_option("--data", o->data, "JSON Lines, one labelled request each")
      ->required()
      ->type_name("FILE...")
      ->group("Rows");
  command
      ->add_flag("--robustness", o->robustness,
                 "Also with typing errors in 10 % of the words, and in other words")
      ->group("Rows");
  auto* probe = command->add_option("--probe", o->probe, "What pangu intent train wrote")
                    ->type_name("FILE")
                    ->default_str("intent.safetensors beside the model")
                    ->group("Probe");
  command->add_flag("--labels", o->labels, "Ask the model itself to name the kind, without a probe")
      ->excludes(probe)
      ->group("Probe");
  add_draw_options(*command, *o);
  add_draw_examples_option(*command, *o);
  add_probe_options(*command, o->flags);
  command->add_option("--plot", o->plot, "Accuracy over coverage")
      ->type_name("F.svg")
      ->group("Output");
  add_intent_model_option(*command, o->model);
  add_common_options(*command, o->common);
  command->callback([o] { intent_eval_command(*o); });
}

}  // namespace pangu::app
