// SPDX-License-Identifier: Apache-2.0
// pangu intent: which kind of task requests are, and whether thinking about them pays.
#include <CLI/App.hpp>

#include "adaptive/intent/recognise.h"
#include "apps/intent/intent_commands.h"
#include "apps/shared/commands.h"
#include "apps/shared/lists.h"

namespace pangu::app {

adaptive::TrainHeadOptions ProbeFlags::options() const {
  adaptive::TrainHeadOptions out{.blocks = adaptive::parse_blocks(features, "intent")};
  if (!layers.empty()) out.layers = list_numbers(layers);
  out.folds = folds;
  out.max_error = max_error;
  out.seed = seed;
  return out;
}

void add_head_options(CLI::App& command, ProbeFlags& flags) {
  const auto add = [&](const char* name, auto& value, const char* type, const char* text) {
    return command.add_option(name, value, text)->type_name(type)->group("Probe");
  };
  add("--layers", flags.layers, "N,...",
      "Behind how many layers the model is looked into; the best is kept")
      ->transform(set_of(whole_number(1, 10'000)))
      ->default_str("a third, a half and two thirds of them");
  add("--features", flags.features, "NAME,...", "mean, last, surface, grams")
      ->transform(set_of(one_of({"mean", "last", "surface", "grams"})))
      ->capture_default_str();
  add("--folds", flags.folds, "N", "Parts that are kept back in turn to choose by")
      ->check(whole_number(2, 20))
      ->capture_default_str();
  add("--seed", flags.seed, "S", "Of the parts")->check(whole_number(0))->capture_default_str();
}

void add_probe_options(CLI::App& command, ProbeFlags& flags) {
  command
      .add_option("--max-error", flags.max_error,
                  "Share of wrong choices among those that are not unknown")
      ->type_name("P")
      ->check(number_in({.min = 0, .max = 0.5}))
      ->capture_default_str()
      ->group("Probe");
  add_head_options(command, flags);
}

CLI::Option* add_intent_model_option(CLI::App& command, std::string& model) {
  model = kIntentModel;
  return add_model_option(command, "--model", model, "The model that reads the requests")
      ->type_name("MODEL")
      ->capture_default_str()
      ->group("Model");
}

Model load_intent_model(const std::string& model, CommandFrame& frame, Context& ctx) {
  ProgressBar bar = frame.bar("parameters");
  Model loaded = load_model(model, {.progress = frame.progress(bar)}, ctx);
  bar.clear();
  return loaded;
}

std::filesystem::path probe_file(const std::string& given, const Model& model) {
  return given.empty() ? adaptive::probe_beside(model) : std::filesystem::path(given);
}

void add_intent_command(CLI::App& app) {
  CLI::App* intent =
      app.add_subcommand("intent",
                         "Recognises what kind of task a request is, and whether thinking pays\n"
                         "\n"
                         "Examples:\n"
                         "  pangu intent ask -p \"Translate to French: good morning\"\n"
                         "  pangu intent train my.safetensors --data requests.jsonl --examples 50\n"
                         "  pangu intent eval --data requests.jsonl --probe my.safetensors");
  intent->require_subcommand(1);
  add_intent_ask_command(*intent);
  add_intent_train_command(*intent);
  add_intent_eval_command(*intent);
  add_intent_thinking_command(*intent);
  add_intent_examples_command(*intent);
  for (CLI::App* command : intent->get_subcommands({})) command->group("Commands");
}

}  // namespace pangu::app
