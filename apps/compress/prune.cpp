// SPDX-License-Identifier: Apache-2.0
// pangu prune: a smaller copy of a model, without the parts that matter least.
#include <fmt/format.h>

#include <CLI/Config.hpp>
#include <CLI/Validators.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apps/compress/prune_options.h"
#include "apps/shared/command_frame.h"
#include "apps/shared/command_text.h"
#include "apps/shared/commands.h"
#include "apps/shared/machine_text.h"
#include "apps/shared/output.h"
#include "apps/train/train_report.h"
#include "base/resources.h"
#include "io/locate_model.h"
#include "models/parameter_count.h"
#include "recipes/prune_run.h"
#include "report/units.h"

namespace pangu::app {
namespace {

Json result_json(const compress::PruneResult& result, double seconds, const std::string& out) {
  const compress::RoundResult& before = result.rounds.front();
  const compress::RoundResult& after = result.rounds.back();
  Json json{{"parameters_in", before.parameters},
            {"parameters_out", after.parameters},
            {"bytes_in", before.bytes},
            {"bytes_out", after.bytes},
            {"flops_in", product_flops(before.config)},
            {"flops_out", product_flops(after.config)},
            {"kept", after.kept},
            {"rounds", Json::array()},
            {"seconds", seconds},
            {"peak_rss_bytes", peak_rss_bytes()},
            {"out", out}};
  for (const compress::RoundResult& r : result.rounds) {
    json["rounds"].push_back({{"round", r.round},
                              {"ratio", r.ratio},
                              {"format", r.format},
                              {"kept", r.kept},
                              {"parameters", r.parameters},
                              {"bytes", r.bytes}});
  }
  return json;
}

std::string result_text(const compress::PruneResult& result, double seconds,
                        const std::string& out) {
  const compress::RoundResult& before = result.rounds.front();
  const compress::RoundResult& after = result.rounds.back();
  return fmt::format(
             "pruned   {} to {} parameters ({:.1f}%), {} to {}; {}, peak memory {}\n",
             before.parameters, after.parameters,
             100.0 * static_cast<double>(after.parameters) / static_cast<double>(before.parameters),
             bytes_text(before.bytes), bytes_text(after.bytes), seconds_text(seconds),
             bytes_text(peak_rss_bytes())) +
         fmt::format("model    {}, with REPORT.md\n", out);
}

/// What the run tells, on `bar`, `scoring` and in lines; training as the command that trains does.
recipes::PruneRunHooks hooks_of(CommandFrame& frame, ProgressBar& bar, ProgressBar& scoring,
                                const std::string& resume_command,
                                std::optional<TrainReport>& training) {
  recipes::PruneRunHooks hooks;
  hooks.progress = frame.progress(bar);
  hooks.say = [&](const std::string& line) {
    bar.clear();
    frame.say(line + "\n");
  };
  hooks.begin_phase = [&] { bar.clear(); };
  hooks.scoring = [&](std::string_view task, double score, std::int64_t done, std::int64_t total) {
    scoring.update(fmt::format("{} {:.4f}", task, score), done, total);
  };
  hooks.begin_training = [&](const TrainConfig&) {
    scoring.clear();
    training.emplace(frame, resume_command, false);  // one result is printed, at the end
    return training->hooks();
  };
  hooks.trained = [&](const TrainConfig& config, const recipes::TrainRunResult& result) {
    training->show(config, result);
    if (!result.training.interrupted) training.reset();
  };
  hooks.cancel = frame.interrupts().work();
  return hooks;
}

/// Training that was stopped has said so itself, with the command.
template <class Run>
auto run_or_say_how_to_go_on(CommandFrame& frame, const std::string& resume_command,
                             const std::optional<TrainReport>& stopped, const Run& run) {
  try {
    return run();
  } catch (const Cancelled&) {
    if (stopped) throw;
    frame.say("stopped  rounds that are done are kept; go on with\n         " + resume_command +
              "\n");
    throw;
  }
}

void prune_command(PruneCommand& o) {
  check_prune_options(o);
  o.run.prune.in = locate_model(o.run.prune.in);
  CommandFrame frame(o.common);
  remark_idle(o);
  o.run.machine = context_options(o.common);
  o.run.machine_text = machine_text(o.common);
  o.run.command = command_text(*o.app, true);
  o.run.distillation.options = {{"distill.temperature", "--temperature"},
                                {"distill.ce_weight", "--ce-weight"},
                                {"optimizer.learning_rate", "--distill-lr"},
                                {"epochs", "--distill-epochs"}};
  ProgressBar bar = frame.bar(""), scoring = frame.bar("items");
  std::optional<TrainReport> training;
  const std::string resume_command = command_text(*o.app, false) + " --resume";
  const compress::PruneResult result =
      run_or_say_how_to_go_on(frame, resume_command, training, [&] {
        return recipes::run_pruning(o.run, hooks_of(frame, bar, scoring, resume_command, training));
      });
  bar.clear();
  scoring.clear();
  const double seconds = frame.seconds();
  const std::string out = o.run.prune.out.string();
  if (frame.prints_json()) print_json(result_json(result, seconds, out));
  frame.say(result_text(result, seconds, out));
}

}  // namespace

void add_prune_command(CLI::App& app) {
  auto o = std::make_shared<PruneCommand>();
  CLI::App* command = app.add_subcommand(
      "prune",
      "Writes a smaller copy of a model, without the parts that matter least\n"
      "\n"
      "Neurons of the MLPs, key/value heads, layers, channels or single weights are scored, the\n"
      "lowest removed, and what is left repaired or distilled from the original, in rounds, and "
      "at\n"
      "last quantized on request. OUT gets the model, REPORT.md with pictures, and prune.json.\n"
      "Ctrl-C stops; --resume goes on.\n"
      "\n"
      "Examples:\n"
      "  pangu prune MODEL OUT --calibration texts.jsonl --ratio 0.2\n"
      "  pangu prune MODEL OUT --method camera --calibration texts.txt --ratio 0.2\n"
      "  pangu prune MODEL OUT --calibration texts.jsonl --ratio 0.2 --distill texts.jsonl \\\n"
      "    --eval gsm8k:problems.jsonl --eval mcq:questions.jsonl --format w8a16\n"
      "  pangu prune MODEL OUT --unit weights --pattern 2:4 --method sparsegpt \\\n"
      "    --calibration texts.jsonl");
  add_prune_options(*command, *o);
  command->callback([o] { prune_command(*o); });
}

}  // namespace pangu::app
