// SPDX-License-Identifier: Apache-2.0
// pangu profile: measures ways to run a model on this machine, and shows what was measured.
#include <fmt/format.h>

#include <CLI/Config.hpp>
#include <memory>
#include <string>
#include <vector>

#include "adaptive/explore/explore.h"
#include "adaptive/report/cost_report.h"
#include "adaptive/report/profile_report.h"
#include "apps/adaptive/explore_options.h"
#include "apps/adaptive/profile_check.h"
#include "apps/adaptive/profile_options.h"
#include "apps/shared/command_frame.h"
#include "apps/shared/commands.h"
#include "apps/shared/lists.h"
#include "apps/shared/option_rules.h"
#include "apps/shared/output.h"
#include "io/atomic_file.h"
#include "report/units.h"

namespace pangu::app {
namespace {

struct ProfileCommand {
  CommonOptions common;
  const CLI::App* app = nullptr;
  ProfileFlags profile;
  std::vector<std::string> words;  ///< [show|check|refresh] MODEL
  ExploreFlags explore;
  bool exhaustive = false, all = false;
  std::string svg, only;
};

/// "show", "check", "refresh" or nothing, in front of the model.
std::string action_of(ProfileCommand& o) {
  if (o.words.size() == 1) {
    o.profile.model = o.words[0];
    return "";
  }
  o.profile.model = o.words[1];
  for (const std::string_view action : kProfileActions) {
    if (o.words[0] == action) return o.words[0];
  }
  throw UsageError(
      fmt::format("'{}' was given before the model: nothing, show, check or refresh was expected.",
                  o.words[0]));
}

void show(const ProfileCommand& o, const adaptive::ProfileData& data,
          const adaptive::ExploreResult* run = nullptr) {
  if (o.common.json) {
    Json json = adaptive::profile_json(data, adaptive::kMaxDivergence);
    if (run) json["run"] = adaptive::run_json(run->cost, run->seconds, run->settled, run->items);
    print_json(json);
    return;
  }
  print(adaptive::profile_header(data));
  for (const std::string& kind : adaptive::kinds_of(data)) {
    print(fmt::format("\n{}\n", kind.empty() ? "any task" : kind));
    print(adaptive::profile_table(
        adaptive::candidates(data, {.kind = kind, .max_divergence = adaptive::kMaxDivergence}),
        o.all));
  }
}

/// One file for each kind: NAME.svg, or NAME-KIND.svg where there are several.
void write_plots(const ProfileCommand& o, const adaptive::ProfileData& data) {
  if (o.svg.empty()) return;
  const std::vector<std::string> kinds = adaptive::kinds_of(data);
  for (const std::string& kind : kinds) {
    std::filesystem::path file = o.svg;
    if (kinds.size() > 1) {
      file.replace_filename(file.stem().string() + "-" + kind + file.extension().string());
    }
    write_file_atomically(
        file,
        adaptive::front_svg(
            adaptive::candidates(data, {.kind = kind, .max_divergence = adaptive::kMaxDivergence}),
            kind, data.entry.identity.machine.key()));
  }
}

void measure(const ProfileCommand& o) {
  CommandFrame frame(o.common);
  adaptive::ExploreOptions options = o.explore.options(o.profile.model, o.common, frame);
  options.exhaustive = o.exhaustive;
  Context ctx(context_options(o.common));
  adaptive::ProfileStore store(o.profile.file(), adaptive::Access::kWrite);
  ExploreReporter reporter(frame, o.explore.budget);
  const adaptive::ExploreResult result = explore(options, store, ctx, reporter.hooks());
  reporter.clear();
  show(o, result.data, &result);
  write_plots(o, result.data);
  frame.say(fmt::format("\n{}: {} answers in {}; kept in {}\n",
                        result.settled ? "all decisions are made" : "time is up", result.items,
                        adaptive::took_text(result.seconds, result.cost), store.file().string()));
}

/// Options of the other actions.
void check_usage(const ProfileCommand& o, const std::string& action) {
  if (action != "refresh") {
    refuse_given(*o.app, {"--only"}, "goes with 'refresh': pangu profile refresh MODEL.");
  }
  if (action.empty()) return;
  const std::string why = fmt::format("is about measuring: leave out '{}'.", action);
  refuse_given(*o.app, kExploreScopeFlags, why);
  refuse_given(*o.app, {"--exhaustive"}, why);
  if (action != "refresh") refuse_given(*o.app, {"--budget"}, why);
  if (action == "show") {
    refuse_given(*o.app, {"--tg"}, why);
  } else {
    refuse_given(*o.app, {"--svg", "--all"}, "goes with 'show'.");
  }
}

void profile_command(ProfileCommand& o) {
  const std::string action = action_of(o);
  check_usage(o, action);
  if (action == "check") return check_profile(o.profile, o.explore.laboratory, o.common);
  if (action == "refresh") {
    return refresh_profile(o.profile, o.explore.laboratory,
                           o.only.empty() ? std::vector<std::string>{} : list_items(o.only),
                           o.explore.budget, o.common);
  }
  check_output(o.svg, {.files = {}, .models = {o.profile.model}});
  if (action == "show") {
    start_log(o.common);
    const adaptive::ProfileData data = load_profile(o.profile, o.common);
    show(o, data);
    write_plots(o, data);
    return;
  }
  measure(o);
}

}  // namespace

void add_profile_command(CLI::App& app) {
  auto o = std::make_shared<ProfileCommand>();
  CLI::App* command = app.add_subcommand(
      "profile",
      "Measures ways to run a model: formats, caches, thinking, guessing, smaller copies\n"
      "\n"
      "Examples:\n"
      "  pangu profile MODEL --task math=gsm8k:problems.jsonl --budget 5m\n"
      "  pangu profile MODEL --task code=code:mbpp.jsonl --task chat=match:asked.jsonl\n"
      "  pangu profile MODEL --formats w8a8,w4a8-g64 --also MODEL-pruned\n"
      "  pangu profile show MODEL --svg front.svg\n"
      "  pangu profile check MODEL\n"
      "  pangu profile refresh MODEL --only original,w8a8\n"
      "\n"
      "What is measured stays: a second run goes on where the first one ended. pangu recommend\n"
      "answers from it. check measures for about three seconds whether it still holds: exit\n"
      "status 0 if choices stand, 3 if not. refresh measures speeds again, and asks nothing.");
  o->app = command;
  command
      ->add_option(
          "MODEL", o->words,
          "Hugging Face folder, GGUF file or bundled model, after what to do with its profile; "
          "nothing in front of it measures")
      ->required()
      ->expected(1, 2)
      ->type_name("[show|check|refresh] MODEL");
  add_explore_flags(*command, o->explore);
  command
      ->add_flag("--exhaustive", o->exhaustive,
                 "Ask every variant everything, also what no decision hangs on")
      ->group("How long");
  command->add_option("--only", o->only, "Variants whose speeds refresh measures, by their names")
      ->type_name("NAME,...")
      ->default_str("all that have one")
      ->check(not_empty())
      ->group("How long");
  command->add_option("--svg", o->svg, "Draw quality over time per answer")
      ->type_name("F.svg")
      ->group("Output");
  command->add_flag("--all", o->all, "Show every strategy")->group("Output");
  add_profile_flags(*command, o->profile);
  add_common_options(*command, o->common);
  command->callback([o] { profile_command(*o); });
}

}  // namespace pangu::app
