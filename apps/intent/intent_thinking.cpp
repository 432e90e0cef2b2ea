// SPDX-License-Identifier: Apache-2.0
// pangu intent thinking: learns from a model's own answers when thinking is worth its tokens.
#include <fmt/format.h>

#include <CLI/Config.hpp>
#include <CLI/Validators.hpp>
#include <memory>
#include <optional>

#include "adaptive/thinking/thinking_chooser.h"
#include "adaptive/thinking/thinking_report.h"
#include "adaptive/thinking/train_thinking.h"
#include "apps/adaptive/item_options.h"
#include "apps/intent/intent_commands.h"
#include "apps/shared/commands.h"
#include "apps/shared/lists.h"
#include "apps/shared/machine_text.h"
#include "apps/shared/option_rules.h"
#include "apps/shared/output.h"
#include "corpus/level.h"
#include "models/config/config_limits.h"
#include "report/units.h"
#include "runtime/model_fingerprint.h"

namespace pangu::app {
namespace {

struct IntentThinkingCommand {
  const CLI::App* app = nullptr;
  CommonOptions common;
  ProbeFlags flags;
  ItemFlags asked;
  std::string levels = "1,2,3";
  std::uint64_t item_seed = 1;
  double keep = 0.98;
  std::int64_t batch = 16;
  std::optional<std::int64_t> max_tokens;
  std::string model, out;
};

std::vector<adaptive::KindTask> asked_tasks(const IntentThinkingCommand& o) {
  if (!o.asked.files.empty()) {
    refuse_given(*o.app, {"--levels", "--item-seed"},
                 "is about generated items: leave it out beside --task.");
  }
  adaptive::BuiltInItems generated{.seed = o.item_seed, .written = true};
  for (const std::int64_t level : list_numbers(o.levels)) {
    generated.levels.push_back(static_cast<int>(level));
  }
  return o.asked.tasks(generated);
}

/// What is there already, whose other heads stay; or a probe without a head.
adaptive::Probe probe_to_extend(const IntentThinkingCommand& o, const Model& model) {
  if (std::filesystem::exists(o.out)) {
    adaptive::Probe probe = adaptive::load_probe(o.out);
    adaptive::require_model(probe, model, o.out);
    return probe;
  }
  return {.model = model.path.filename().string(),
          .fingerprint = model_fingerprint(model),
          .hidden_size = model.config().hidden_size,
          .heads = {}};
}

adaptive::ThinkingTrainOptions train_options(const IntentThinkingCommand& o, CommandFrame& frame) {
  adaptive::ThinkingTrainOptions options{.head = o.flags.options(), .keep = o.keep};
  options.head.lambdas = adaptive::thinking_lambdas();
  options.jobs = thread_count(o.common);
  options.batch = o.batch;
  options.max_tokens = o.max_tokens;
  options.cancel = frame.interrupts().work();
  return options;
}

std::vector<std::string> head_names(const adaptive::Probe& probe) {
  std::vector<std::string> names;
  for (const adaptive::Head& head : probe.heads) names.push_back(head.name);
  return names;
}

void intent_thinking_command(const IntentThinkingCommand& o) {
  check_output(o.out, {.files = {}, .models = {o.model}});
  CommandFrame frame(o.common);
  const auto tasks = asked_tasks(o);
  Context ctx(context_options(o.common));
  const Model model = load_intent_model(o.model, frame, ctx);
  adaptive::Probe probe = probe_to_extend(o, model);
  const adaptive::ThinkingTrainOptions options = train_options(o, frame);
  ProgressBar bar = frame.bar("items");
  const ProgressFn progress = frame.progress(bar);
  const adaptive::ThinkingItems items =
      adaptive::answer_in_both_modes(model, ctx, tasks, options, progress);
  const adaptive::TrainedThinking trained =
      adaptive::train_thinking(model, ctx, items, options, progress);
  bar.clear();
  adaptive::put_head(probe, trained.head);
  adaptive::save_probe(o.out, probe);
  if (!frame.prints_json() && !frame.is_silent()) {
    print(
        adaptive::thinking_report_text(trained, items, o.keep) +
        fmt::format("written to {}, which has {}\n", o.out, fmt::join(head_names(probe), " and ")));
  }
  frame.finish(
      [&] {
        Json json = adaptive::thinking_report_json(trained, items, o.keep);
        json["out"] = o.out;
        json["model"] = probe.model;
        json["heads"] = head_names(probe);
        return json;
      },
      [](double seconds) { return fmt::format("done in {}\n", seconds_text(seconds)); });
}

void add_generated_options(CLI::App& command, IntentThinkingCommand& o) {
  add_item_options(
      command, o.asked,
      {.task = "Items of a kind of task: gsm8k, code or match, as pangu eval takes them; "
               "may be repeated",
       .items = "Items of each file, or of each generated family and level"});
  command.add_option("--levels", o.levels, "Levels of generated items")
      ->type_name("N,...")
      ->transform(set_of(whole_number(1, corpus::kLevels)))
      ->capture_default_str()
      ->group("What is asked");
  command.add_option("--item-seed", o.item_seed, "Of generated items")
      ->type_name("S")
      ->check(whole_number(0))
      ->capture_default_str()
      ->group("What is asked");
  command.add_option("--max-tokens", o.max_tokens, "Tokens a reply may have")
      ->type_name("N")
      ->check(whole_number(1, kMaxPositions))
      ->default_str("512; 160 for generated items")
      ->group("What is asked");
  command.add_option("--batch", o.batch, "Replies at the same time; changes none")
      ->type_name("B")
      ->check(whole_number(1, 4096))
      ->capture_default_str()
      ->group("What is asked");
}

}  // namespace

void add_intent_thinking_command(CLI::App& intent) {
  auto o = std::make_shared<IntentThinkingCommand>();
  CLI::App* command = intent.add_subcommand(
      "thinking",
      "Teaches a probe when thinking is worth its tokens, for --think auto\n"
      "\n"
      "The model answers all items at once and after thinking. A head learns from what they ask "
      "where\n"
      "slow is right and fast is not, and thinks as seldom as keeps --keep of the right answers "
      "of\n"
      "always thinking, in every task. Other heads of a probe that is there stay as they are.\n"
      "\n"
      "Examples:\n"
      "  pangu intent thinking my.safetensors --model MODEL --task math=gsm8k:problems.jsonl\n"
      "  pangu intent thinking my.safetensors --levels 2,3 --items 400 --keep 0.99\n"
      "  pangu run MODEL --chat --think auto --probe my.safetensors");
  o->app = command;
  command->add_option("OUT", o->out, "Probe to write or to add to, .safetensors")->required();
  add_generated_options(*command, *o);
  command
      ->add_option("--keep", o->keep,
                   "Share of the right answers of always thinking to keep in every task")
      ->type_name("P")
      ->check(number_in({.min = 0, .max = 1}))
      ->capture_default_str()
      ->group("Probe");
  add_head_options(*command, o->flags);
  add_intent_model_option(*command, o->model);
  add_common_options(*command, o->common);
  command->callback([o] { intent_thinking_command(*o); });
}

}  // namespace pangu::app
