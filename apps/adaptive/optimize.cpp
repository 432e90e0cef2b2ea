// SPDX-License-Identifier: Apache-2.0
// pangu optimize: makes of a model what serves some kinds of task best, as one folder.
#include <fmt/format.h>

#include <CLI/Config.hpp>
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "adaptive/optimize/optimize.h"
#include "adaptive/report/cost_report.h"
#include "adaptive/route/classifier.h"
#include "apps/adaptive/explore_options.h"
#include "apps/adaptive/goal_options.h"
#include "apps/adaptive/profile_options.h"
#include "apps/shared/command_frame.h"
#include "apps/shared/command_text.h"
#include "apps/shared/commands.h"
#include "apps/shared/lists.h"
#include "apps/shared/option_rules.h"
#include "apps/shared/output.h"
#include "report/units.h"

namespace pangu::app {
namespace {

struct OptimizeCommand {
  CommonOptions common;
  const CLI::App* app = nullptr;
  ProfileFlags profile;
  ExploreFlags explore;
  GoalFlags goal;
  std::string out, kinds, prune, intent;
  std::vector<std::string> calibration, distill;
  std::optional<std::int64_t> distill_steps;
};

/// Keeps the tasks of the kinds that are wanted. Throws UsageError for a kind without items.
void keep_wanted(std::vector<adaptive::KindTask>& tasks, const std::string& kinds) {
  if (kinds.empty()) return;
  const std::vector<std::string> wanted = list_items(kinds);
  for (const std::string& kind : wanted) {
    const bool known = std::any_of(tasks.begin(), tasks.end(),
                                   [&](const adaptive::KindTask& t) { return t.kind == kind; });
    if (!known) {
      throw UsageError(fmt::format(
          "--for {0}: there are no items of this kind. Give some with --task {0}=TASK:FILE.",
          kind));
    }
  }
  std::erase_if(tasks, [&](const adaptive::KindTask& t) {
    return std::find(wanted.begin(), wanted.end(), t.kind) == wanted.end();
  });
}

adaptive::OptimizeOptions optimize_options(const OptimizeCommand& o, CommandFrame& frame) {
  adaptive::OptimizeOptions out;
  out.in = o.profile.model;
  out.out = o.out;
  out.explore = o.explore.options(o.profile.model, o.common, frame);
  keep_wanted(out.explore.tasks, o.kinds);
  out.goal = o.goal.goal();
  for (const std::string& ratio :
       o.prune.empty() ? std::vector<std::string>{} : list_items(o.prune)) {
    out.prune_ratios.push_back(std::stod(ratio));
  }
  for (const std::string& file : o.calibration) out.calibration.files.emplace_back(file);
  out.calibration.sequences = 64;
  out.distillation.data = o.distill;
  out.distillation.steps = o.distill_steps;
  if (!out.explore.tasks.empty() && o.intent != "none") {
    out.intent = o.intent.empty() ? adaptive::usual_classifier(o.profile.model)
                                  : std::filesystem::path(o.intent);
  }
  out.machine = context_options(o.common);
  out.command = command_text(*o.app, true);
  return out;
}

void check_usage(const OptimizeCommand& o) {
  if (!o.prune.empty() && o.calibration.empty()) {
    throw UsageError("--prune needs --calibration: text that shows which neurons matter.");
  }
  if (o.prune.empty()) {
    refuse_given(*o.app, {"--calibration", "--distill", "--distill-steps"},
                 "is about smaller copies: add --prune.");
  }
  if (o.distill.empty()) {
    refuse_given(*o.app, {"--distill-steps"}, "needs --distill: what copies learn from.");
  }
}

std::string result_text(const adaptive::OptimizeResult& result) {
  return adaptive::optimized_markdown(result.kinds) + adaptive::missed_aims(result.kinds);
}

Json result_json(const OptimizeCommand& o, const adaptive::OptimizeResult& result) {
  Json kinds = Json::array();
  for (const adaptive::OptimizedKind& kind : result.kinds) {
    kinds.push_back(adaptive::optimized_json(kind));
  }
  return {{"out", o.out},
          {"default", result.bundle.default_weights},
          {"kinds", std::move(kinds)},
          {"linked_bytes", result.linked_bytes},
          {"run", adaptive::run_json(result.cost, result.seconds, result.settled, result.items)}};
}

void optimize_command(OptimizeCommand& o) {
  check_usage(o);
  CommandFrame frame(o.common);
  const adaptive::OptimizeOptions options = optimize_options(o, frame);
  Context ctx(options.machine);
  adaptive::ProfileStore store(o.profile.file(), adaptive::Access::kWrite);
  ExploreReporter reporter(frame, o.explore.budget);
  ProgressBar bar = frame.bar("units");
  adaptive::OptimizeHooks hooks;
  hooks.explore = reporter.hooks();
  hooks.progress = frame.progress(bar);
  hooks.cancel = frame.interrupts().work();
  hooks.say = [&](const std::string& line) {
    reporter.clear();
    bar.clear();
    frame.say(line + "\n");
  };
  const adaptive::OptimizeResult result = optimize(options, store, ctx, hooks);
  reporter.clear();
  bar.clear();
  if (!frame.prints_json()) print(result_text(result));
  frame.finish([&] { return result_json(o, result); },
               [&](double seconds) {
                 return fmt::format(
                     "{} is ready after {} (measured, checked and written in {}): "
                     "pangu run {}\n",
                     o.out, seconds_text(seconds), adaptive::took_text(result.seconds, result.cost),
                     o.out);
               });
}

}  // namespace

void add_optimize_command(CLI::App& app) {
  auto o = std::make_shared<OptimizeCommand>();
  o->goal.constraints.min_quality = 0.97;
  CLI::App* command = app.add_subcommand(
      "optimize",
      "Makes of a model what serves your tasks best: measures, chooses, writes, checks\n"
      "\n"
      "Examples:\n"
      "  pangu optimize pangu-nano OUT --for math,code\n"
      "  pangu optimize MODEL OUT --task math=gsm8k:problems.jsonl\n"
      "  pangu optimize MODEL OUT --task code=code:mbpp.jsonl --max-memory 2GiB\n"
      "  pangu optimize MODEL OUT --task math=gsm8k:problems.jsonl --prune 0.25 \\\n"
      "    --calibration texts.jsonl --distill texts.jsonl --distill-steps 100\n"
      "\n"
      "OUT is one name for pangu run and all others. Every third item is kept back, and a choice\n"
      "that does not hold on those gives way to the next. Run it again after Ctrl-C: it goes on.");
  o->app = command;
  add_model_option(*command, "IN", o->profile.model, "Hugging Face folder or bundled model")
      ->required()
      ->type_name(kPathType);
  command->add_option("OUT", o->out, "Folder to write; must be new or empty")
      ->required()
      ->check(folder_name())
      ->type_name(kPathType);
  command->add_option("--for", o->kinds, "Kinds of task to serve")
      ->check(not_empty())
      ->type_name("KIND,...")
      ->default_str("each one with items")
      ->group("What is wanted");
  add_goal_flags(*command, o->goal);
  add_explore_flags(*command, o->explore);
  command
      ->add_option("--intent", o->intent,
                   "Model with a probe that recognises requests for run --auto; none leaves it out")
      ->type_name("MODEL")
      ->default_str("IN if it has a probe, else pangu-nano")
      ->group("What is wanted");
  const auto add = [&](const char* flag, auto& value, const char* type, const char* text) {
    return command->add_option(flag, value, text)->type_name(type)->group("Smaller copies");
  };
  add("--prune", o->prune, "R,...", "Also try copies without these shares of the MLPs' neurons")
      ->check(list_of(number_in({.min = 0, .max = 0.9, .excludes_min = true})));
  add("--calibration", o->calibration, "FILE", "Text that shows which neurons matter");
  add("--distill", o->distill, "FILE", "Text on which copies learn to say what the model says");
  add("--distill-steps", o->distill_steps, "N", "Steps of that")->check(whole_number(1));
  add_profile_flags(*command, o->profile);
  add_common_options(*command, o->common);
  command->callback([o] { optimize_command(*o); });
}

}  // namespace pangu::app
