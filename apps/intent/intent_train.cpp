// SPDX-License-Identifier: Apache-2.0
// pangu intent train: a probe from labelled requests.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <memory>

#include "adaptive/intent/recognise.h"
#include "apps/intent/intent_commands.h"
#include "apps/shared/commands.h"
#include "apps/shared/machine_text.h"
#include "apps/shared/option_rules.h"
#include "apps/shared/output.h"
#include "report/units.h"

namespace pangu::app {
namespace {

struct IntentTrainCommand {
  const CLI::App* app = nullptr;
  CommonOptions common;
  ProbeFlags flags;
  std::string model, out;
  std::vector<std::filesystem::path> data;
  int examples = 0;
};

std::vector<adaptive::LabelledRow> training_rows(const IntentTrainCommand& o) {
  std::vector<adaptive::LabelledRow> rows = adaptive::read_labelled_rows(o.data);
  std::ranges::move(adaptive::example_rows(o.examples, o.flags.seed), std::back_inserter(rows));
  return rows;
}

Json probe_json(const IntentTrainCommand& o, const adaptive::TrainedProbe& trained) {
  const adaptive::Head& head = trained.head.head;
  const adaptive::HeadRecord& r = head.record;
  Json tried = Json::array();
  for (const adaptive::TriedSetting& t : trained.head.tried) {
    tried.push_back(
        {{"layer", t.layer}, {"lambda", t.lambda}, {"nll", t.nll}, {"accuracy", t.accuracy}});
  }
  return {{"out", o.out},
          {"model", trained.probe.model},
          {"fingerprint", trained.probe.fingerprint},
          {"kinds", head.classes},
          {"rows", r.examples},
          {"features", adaptive::block_names(head.blocks)},
          {"layer", head.layer},
          {"lambda", r.lambda},
          {"temperature", head.temperature},
          {"threshold", head.threshold},
          {"accuracy", r.accuracy},
          {"ece", r.calibration_error},
          {"max_error", r.max_error},
          {"coverage", r.coverage},
          {"accepted_error", r.accepted_error},
          {"error_is_bound", r.is_bound},
          {"tried", tried}};
}

std::string threshold_text(const adaptive::Head& head) {
  const adaptive::HeadRecord& r = head.record;
  if (r.coverage == 0) {
    return fmt::format(
        "No confidence keeps wrong choices at {:g}: everything will be unknown. Give more rows, or "
        "a larger --max-error.\n",
        r.max_error);
  }
  return fmt::format(
      "not unknown {:.4f} of them (confidence from {:.4f}), of those wrong {:.4f}{}\n", r.coverage,
      head.threshold, r.accepted_error,
      r.is_bound ? fmt::format("; the 95 % interval ends below {:g}", r.max_error)
                 : ": an estimate, there are too few rows for a bound");
}

std::string trained_text(const IntentTrainCommand& o, const adaptive::TrainedProbe& trained) {
  const adaptive::Head& head = trained.head.head;
  const adaptive::HeadRecord& r = head.record;
  std::string text = fmt::format("{} rows of {} kinds; features {}", r.examples,
                                 head.classes.size(), adaptive::block_names(head.blocks));
  if (head.layer > 0) text += fmt::format(", behind layer {}", head.layer);
  text += fmt::format("; penalty {:g}, temperature {:.3f}\n", r.lambda, head.temperature);
  text += fmt::format("on rows kept back: accuracy {:.4f}, calibration error (ECE) {:.4f}\n",
                      r.accuracy, r.calibration_error);
  return text + threshold_text(head) + fmt::format("written to {}\n", o.out);
}

void intent_train_command(const IntentTrainCommand& o) {
  if (o.data.empty() && o.examples == 0) {
    throw UsageError("there is nothing to learn from: give --data, --examples or both.");
  }
  check_output(o.out, {.files = o.data, .models = {o.model}});
  CommandFrame frame(o.common);
  const adaptive::TrainHeadOptions options = o.flags.options();
  if ((options.blocks & adaptive::kStreamBlocks) == 0) {
    remark_given(*o.app, {"--layers"}, "has no effect: --features names none of the model's.");
  }
  const auto rows = training_rows(o);
  Context ctx(context_options(o.common));
  const Model model = load_intent_model(o.model, frame, ctx);
  ProgressBar bar = frame.bar("rows");
  const adaptive::TrainedProbe trained =
      adaptive::train_kind_probe(model, ctx, rows, options, frame.progress(bar));
  bar.clear();
  adaptive::save_probe(o.out, trained.probe);
  if (!frame.prints_json() && !frame.is_silent()) print(trained_text(o, trained));
  frame.finish([&] { return probe_json(o, trained); },
               [](double seconds) { return fmt::format("done in {}\n", seconds_text(seconds)); });
}

}  // namespace

void add_intent_train_command(CLI::App& intent) {
  auto o = std::make_shared<IntentTrainCommand>();
  CLI::App* command = intent.add_subcommand(
      "train",
      "Trains a probe on labelled requests\n"
      "\n"
      "A row of --data is {\"kind\": \"code\", \"text\": \"...\"} or {\"kind\", \"messages\": "
      "[...]}; rows with\n"
      "the same \"group\" are kept back together. Kinds may have any name; five rows each will "
      "do,\n"
      "fifty are better.\n"
      "\n"
      "Examples:\n"
      "  pangu intent train my.safetensors --data requests.jsonl\n"
      "  pangu intent train my.safetensors --data legal.jsonl --examples 100 --max-error 0.02");
  o->app = command;
  command->add_option("OUT", o->out, "File to write, .safetensors")->required();
  command->add_option("--data", o->data, "JSON Lines, one labelled request each")
      ->type_name("FILE...")
      ->group("Rows");
  command->add_option("--examples", o->examples, "Made-up requests of each built-in kind, too")
      ->type_name("N")
      ->check(whole_number(0, 100'000))
      ->capture_default_str()
      ->group("Rows");
  add_probe_options(*command, o->flags);
  add_intent_model_option(*command, o->model);
  add_common_options(*command, o->common);
  command->callback([o] { intent_train_command(*o); });
}

}  // namespace pangu::app
