// SPDX-License-Identifier: Apache-2.0
// pangu train: trains a model, from random weights or a checkpoint, as a config file says.
#include <CLI/Config.hpp>
#include <CLI/Validators.hpp>
#include <memory>
#include <string>
#include <vector>

#include "apps/shared/command_text.h"
#include "apps/shared/commands.h"
#include "apps/shared/common_options.h"
#include "apps/shared/output.h"
#include "apps/train/train_command.h"
#include "train/config_keys.h"
#include "train/train_config.h"

namespace pangu::app {
namespace {

struct TrainCommand {
  CommonOptions common;
  CLI::App* app = nullptr;
  std::string config;
  std::vector<std::string> set;
  TrainFlags flags;
  bool print_defaults = false;
};

TrainConfig read_config(const TrainCommand& o) {
  std::vector<std::string> overrides = o.set;
  if (o.app->count("--dtype") > 0) overrides.push_back("dtype=" + o.common.dtype);
  return read_train_config(o.config, overrides);
}

void train_command(const TrainCommand& o) {
  if (o.print_defaults) {
    print(commented_defaults());
    return;
  }
  if (o.config.empty()) throw UsageError("--config is required.");
  train_in_group(*o.app, o.common, o.flags, [&] { return read_config(o); });
}

}  // namespace

void add_train_command(CLI::App& app) {
  auto o = std::make_shared<TrainCommand>();
  CLI::App* command = app.add_subcommand(
      "train",
      "Trains a model as a config file says\n"
      "\n"
      "The output folder gets the model in Hugging Face form, log.csv, loss.svg and\n"
      "checkpoints/. Ctrl-C saves and stops; --resume goes on, bit for bit as if nothing had\n"
      "happened. Under mpirun the rows of each step are shared among the processes.\n"
      "\n"
      "Examples:\n"
      "  pangu train --print-defaults > train.json\n"
      "  pangu train --config train.json --estimate\n"
      "  pangu train --config train.json --set optimizer.learning_rate=1e-4\n"
      "  pangu train --config train.json --resume\n"
      "  mpirun -np 2 pangu train --config train.json");
  command->add_option("--config", o->config, "What to do; JSON, in which // comments are allowed")
      ->type_name(kPathType);
  command->add_option("--set", o->set, "Replaces a value of the config; may be repeated")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false)
      ->take_all();
  command->add_flag("--resume", o->flags.resume,
                    "Go on from the newest checkpoint, or begin if there is none");
  command->add_flag("--estimate", o->flags.estimate, "Print the memory a run needs, and end");
  command->add_flag("--print-defaults", o->print_defaults,
                    "Print every key with its default and meaning, and end");
  add_common_options(*command, o->common);
  command->get_option("--dtype")->description(
      "Arithmetic, in place of the config's dtype: f32 or bf16");
  o->app = command;
  command->callback([o] { train_command(*o); });
}

}  // namespace pangu::app
