// SPDX-License-Identifier: Apache-2.0
// pangu recommend: the best way to run a model, by what was measured.
#include <fmt/format.h>

#include <CLI/Config.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adaptive/report/profile_report.h"
#include "adaptive/report/recommend_report.h"
#include "apps/adaptive/goal_options.h"
#include "apps/adaptive/profile_options.h"
#include "apps/shared/commands.h"
#include "apps/shared/option_rules.h"
#include "apps/shared/output.h"

namespace pangu::app {
namespace {

struct RecommendCommand {
  CommonOptions common;
  ProfileFlags profile;
  std::string kind;
  GoalFlags goal;
};

void recommend_command(const RecommendCommand& o) {
  start_log(o.common);
  const adaptive::ProfileData data = load_profile(o.profile, o.common);
  std::vector<std::string> kinds = {o.kind};
  if (o.kind.empty()) kinds = adaptive::kinds_of(data);
  Json answers = Json::array();
  for (const std::string& kind : kinds) {
    const std::vector<adaptive::Candidate> list = adaptive::candidates(data, {.kind = kind});
    const adaptive::RecommendQuestion question{kind, o.goal.goal()};
    const adaptive::Decision decision = adaptive::decide(list, question.goal);
    if (o.common.json) {
      answers.push_back(adaptive::recommendation_json(data, question, decision));
    } else {
      print((&kind == &kinds.front() ? "" : "\n") +
            adaptive::recommendation_text(data, question, decision));
    }
  }
  if (o.common.json) {
    print_json({{"model", data.entry.model_name}, {"recommendations", std::move(answers)}});
  }
}

}  // namespace

void add_recommend_command(CLI::App& app) {
  auto o = std::make_shared<RecommendCommand>();
  CLI::App* command = app.add_subcommand(
      "recommend",
      "Says how to run a model on this machine, from what pangu profile measured\n"
      "\n"
      "Examples:\n"
      "  pangu recommend MODEL\n"
      "  pangu recommend MODEL --for math --objective latency --min-quality 0.95\n"
      "  pangu recommend MODEL --max-memory 2GiB --max-first-token 0.5 --json");
  add_model_argument(*command, o->profile.model)->required();
  const auto add = [&](const char* flag, auto& value, const char* type, const char* text) {
    return command->add_option(flag, value, text)->type_name(type)->group("What is wanted");
  };
  add("--for", o->kind, "KIND", "Kind of task")
      ->default_str("each one that was measured")
      ->check(not_empty());
  add_goal_flags(*command, o->goal);
  add_profile_flags(*command, o->profile);
  add_common_options(*command, o->common);
  command->callback([o] { recommend_command(*o); });
}

}  // namespace pangu::app
