// SPDX-License-Identifier: Apache-2.0
#include "apps/adaptive/explore_options.h"

#include <fmt/format.h>

#include <CLI/Config.hpp>
#include <CLI/Validators.hpp>

#include "adaptive/report/cost_report.h"
#include "apps/adaptive/profile_options.h"
#include "apps/shared/commands.h"
#include "apps/shared/lists.h"
#include "apps/shared/quantities.h"
#include "report/units.h"

namespace pangu::app {
namespace {

std::vector<std::string> items_or(const std::string& list, std::vector<std::string> otherwise) {
  if (list.empty()) return otherwise;
  if (list == "none") return {};
  return list_items(list);
}

std::vector<std::string> or_none(std::vector<std::string> names) {
  names.emplace_back("none");
  return names;
}

void add_tried(CLI::App& command, ExploreFlags& o) {
  const auto add = [&](const char* flag, auto& value, const char* type, const char* text) {
    return command.add_option(flag, value, text)->type_name(type)->group("What is tried");
  };
  add("--formats", o.formats, "NAME,...", "Formats of weights; none for none")
      ->transform(set_of(one_of(or_none(weight_format_names()))))
      ->default_str("w4a8-g64,w8a8,w4a16-g64,w8a16,q4_k,q8_0,q4_0,q6_k");
  add("--kv-formats", o.kv_formats, "NAME,...", "Formats of keys and values; none for none")
      ->transform(set_of(one_of(or_none(kv_format_names()))))
      ->default_str("int8");
  add("--also", o.sources, "MODEL", "A smaller copy of the model, as pangu prune makes; repeatable")
      ->expected(1)
      ->take_all();
  add("--spec", o.speculation, "MODE,...",
      "Ways of guessing: pld, suffix, draft, self, auto; none for none")
      ->transform(set_of(one_of({"none", "pld", "suffix", "draft", "self", "auto"})))
      ->capture_default_str();
  add("--draft", o.draft, "MODEL", "A draft model for guessing");
  command.add_flag("--no-thinking", o.no_thinking, "Only the model's own way of thinking")
      ->group("What is tried");
}

void add_duration(CLI::App& command, ExploreFlags& o) {
  const auto add = [&](const char* flag, auto& value, const char* type, const char* text) {
    return command.add_option(flag, value, text)->type_name(type)->group("How long");
  };
  add("--budget", o.budget, "TIME", "Begin nothing more after it: 90s, 5m, 1h")
      ->transform(duration())
      ->default_str("until all is decided");
  add("--pp", o.laboratory.prompt_tokens, "N", "Prompt tokens that speed is measured with")
      ->capture_default_str()
      ->check(whole_number(1, 1 << 20));
  add("--tg", o.laboratory.decode_tokens, "N", "Decoded tokens that speed is measured with")
      ->capture_default_str()
      ->check(whole_number(1, 1 << 20));
}

}  // namespace

adaptive::ExploreOptions ExploreFlags::options(const std::string& model,
                                               const CommonOptions& common,
                                               CommandFrame& frame) const {
  adaptive::ExploreOptions out;
  out.laboratory = laboratory;
  out.laboratory.model = model;
  out.laboratory.draft = draft;
  out.laboratory.jobs = thread_count(common);
  out.laboratory.cancel = frame.interrupts().work();
  out.model_name = model;
  out.engine = engine();
  out.threads = thread_count(common);
  out.tasks = asked.tasks();
  out.formats = items_or(formats, adaptive::default_formats());
  out.kv_formats = items_or(kv_formats, {"int8"});
  for (const std::string& source : sources) out.sources.emplace_back(source);
  out.speculation.clear();
  for (const std::string& mode : items_or(speculation, {})) {
    out.speculation.push_back(require_speculation_mode(mode));
    if (out.speculation.back() == SpeculationMode::kDraft && draft.empty()) {
      throw UsageError("--spec draft needs --draft: the model that guesses.");
    }
  }
  out.thinking = !no_thinking;
  out.goals = adaptive::default_goals();
  out.budget_s = budget;
  return out;
}

void add_explore_flags(CLI::App& command, ExploreFlags& flags) {
  add_item_options(
      command, flags.asked,
      {.task = "Items of a kind of task: mcq, gsm8k, code or match, as pangu eval takes "
               "them; once for each kind",
       .items = "Items of each file, of which a third is kept back for checks"});
  add_tried(command, flags);
  add_duration(command, flags);
}

ExploreReporter::ExploreReporter(const CommandFrame& frame, std::optional<double> budget)
    : frame_(frame), budget_(budget), bar_(frame.bar("answers")) {}

void ExploreReporter::piece(const adaptive::ExploreProgress& p) {
  frame_.check()();
  if (frame_.common().verbose) frame_.say(fmt::format("{:>8.1f} s {}\n", p.seconds, p.now));
  std::int64_t answered = 0;
  for (const adaptive::AnswerSet& set : p.data.answers) answered += std::ssize(set.answers);
  bar_.update(p.now, answered, answered + p.left.answers_least);
}

void ExploreReporter::estimate(const adaptive::ExploreProgress& p) {
  bar_.clear();
  frame_.say(fmt::format("plan     {} variant{} to time, {} to {} answers{}: {}\n", p.left.speeds,
                         p.left.speeds == 1 ? "" : "s", p.left.answers_least, p.left.answers_most,
                         budget_ ? ", within " + seconds_text(*budget_) : "",
                         adaptive::cost_text(*p.cost)));
}

adaptive::ExploreHooks ExploreReporter::hooks() {
  return {.estimate = [this](const adaptive::ExploreProgress& p) { estimate(p); },
          .piece = [this](const adaptive::ExploreProgress& p) { piece(p); },
          .first_answer =
              [this](const adaptive::ExploreProgress& p) {
                bar_.clear();
                frame_.say(
                    fmt::format("first    figures for an answer after {}; more make it "
                                "sure\n",
                                seconds_text(p.seconds)));
              }};
}

}  // namespace pangu::app
