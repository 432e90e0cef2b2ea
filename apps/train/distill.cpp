// SPDX-License-Identifier: Apache-2.0
// pangu distill: trains a student to say what a teacher says. A shorter way to write the config of
// a training run, with the defaults that distillation wants.
#include <fmt/format.h>

#include <CLI/Config.hpp>
#include <CLI/Validators.hpp>
#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "apps/shared/command_text.h"
#include "apps/shared/commands.h"
#include "apps/shared/common_options.h"
#include "apps/shared/option_rules.h"
#include "apps/train/train_command.h"
#include "train/config_ranges.h"
#include "train/distill_config.h"

namespace pangu::app {
namespace {

struct DistillCommand {
  CommonOptions common;
  CLI::App* app = nullptr;
  DistillSettings settings;
  std::int64_t steps = 0, length = 0;
  std::string cache;
  TrainFlags flags;

  bool has(const char* option) const { return app->count(option) > 0; }
};

/// Where --cache without a folder keeps what the teacher says.
std::string default_cache(const DistillCommand& o) {
  return (std::filesystem::path(o.settings.output) / "teacher-cache").string();
}

TrainConfig config_of(const DistillCommand& o) {
  DistillSettings s = o.settings;
  if (o.has("--steps")) s.steps = o.steps;
  if (o.has("--length")) s.length = o.length;
  if (o.has("--cache")) s.cache = o.cache.empty() ? default_cache(o) : o.cache;
  s.options = {{"distill.temperature", "--temperature"},
               {"distill.ce_weight", "--ce-weight"},
               {"distill.hidden_weight", "--hidden-weight"},
               {"distill.top_k", "--top-k"},
               {"optimizer.learning_rate", "--lr"},
               {"epochs", "--epochs"},
               {"steps", "--steps"},
               {"batch.rows", "--rows"},
               {"batch.accumulate", "--accumulate"},
               {"data.sequence_length", "--length"},
               {"output", "--out"}};
  if (o.has("--dtype")) s.overrides.push_back("dtype=" + o.common.dtype);
  return distill_config(s);
}

void check_distill_usage(const DistillCommand& o) {
  const bool sets_cache = std::ranges::any_of(
      o.settings.overrides, [](const auto& s) { return s.starts_with("distill.cache="); });
  if (!o.has("--cache") && !sets_cache) {
    refuse_given(*o.app, {"--top-k"}, "is about what a cache keeps: it goes with --cache.");
  }
}

void distill_command(const DistillCommand& o) {
  check_distill_usage(o);
  train_in_group(*o.app, o.common, o.flags, [&] { return config_of(o); });
}

void add_files(CLI::App& command, DistillCommand& o) {
  DistillSettings& s = o.settings;
  add_model_option(command, "--teacher", s.teacher,
                   "Model to learn from: folder or GGUF file, of any weight format")
      ->required()
      ->type_name(kPathType);
  add_model_option(command, "--student", s.student, "Model to train: a folder with float weights")
      ->required()
      ->type_name(kPathType);
  command.add_option("--data", s.data, "Texts to learn on, .jsonl or .txt; may be repeated")
      ->required()
      ->type_name(kPathType);
  command.add_option("--validation", s.validation, "Texts to judge by every 50 steps")
      ->type_name(kPathType);
  command
      .add_option("--out", o.settings.output, "Folder for the trained student, log, checkpoints")
      ->required()
      ->check(folder_name())
      ->type_name(kPathType);
}

void add_loss(CLI::App& command, DistillCommand& o) {
  DistillSettings& s = o.settings;
  const auto add = [&](const char* name, double& value, NumberRange range, const char* what) {
    command.add_option(name, value, what)
        ->type_name("X")
        ->check(number_in(range))
        ->capture_default_str()
        ->group("Loss");
  };
  add("--temperature", s.temperature, kTemperatures, "Softens what teacher and student say");
  add("--ce-weight", s.ce_weight, kLossWeights, "Weight of the data's own cross-entropy");
  add("--hidden-weight", s.hidden_weight, kLossWeights,
      "Weight of the difference of hidden states");
  command
      .add_option("--cache", o.cache,
                  "Keep what the teacher says, for epochs and runs to come; without PATH in "
                  "OUT/teacher-cache")
      ->type_name(fmt::format("[{}]", kPathType))
      ->expected(0, 1)
      ->group("Loss");
  command.add_option("--top-k", s.top_k, "Likeliest tokens that the cache keeps")
      ->type_name("N")
      ->check(whole_number(1, kMostKeptTokens))
      ->capture_default_str()
      ->group("Loss");
}

void add_training(CLI::App& command, DistillCommand& o) {
  DistillSettings& s = o.settings;
  const auto add_count = [&](const char* name, std::int64_t& value, std::int64_t most,
                             const char* what) {
    return command.add_option(name, value, what)
        ->type_name("N")
        ->check(whole_number(1, most))
        ->group("Training");
  };
  command
      .add_option("--lr", s.learning_rate,
                  "Learning rate; falls along a straight line that reaches 0 behind the last step")
      ->type_name("X")
      ->check(number_in(kLearningRates))
      ->capture_default_str()
      ->group("Training");
  auto* epochs = command.add_option("--epochs", s.epochs, "How often to go over the data")
                     ->type_name("X")
                     ->check(number_in(kEpochs))
                     ->capture_default_str()
                     ->group("Training");
  add_count("--steps", o.steps, kMostSteps, "How long to train, in place of --epochs")
      ->excludes(epochs);
  add_count("--rows", s.rows, kMostRows, "Rows that are in memory at a time")
      ->capture_default_str();
  add_count("--accumulate", s.accumulate, kMostRows, "As many times --rows make a step")
      ->capture_default_str();
  add_count("--length", o.length, kMostRowTokens, "Tokens in a row")
      ->default_str("1024, or what both models reach");
  command.add_option("--seed", s.seed, "Of the order of the data")
      ->type_name("N")
      ->check(whole_number(0))
      ->capture_default_str()
      ->group("Training");
  command.add_option("--set", s.overrides, "Any other key of pangu train; may be repeated")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false)
      ->take_all()
      ->group("Training");
  command.add_flag("--resume", o.flags.resume, "Go on from the newest checkpoint, or begin")
      ->group("Training");
  command.add_flag("--estimate", o.flags.estimate, "Print the memory a run needs, and end")
      ->group("Training");
}

}  // namespace

void add_distill_command(CLI::App& app) {
  auto o = std::make_shared<DistillCommand>();
  o->app = app.add_subcommand(
      "distill",
      "Trains a student to say what a teacher says\n"
      "\n"
      "The student may be a smaller model with the same tokenizer, a pruned one, or one that is\n"
      "to speak as another does. The teacher only reads: its weights may be quantized. Output,\n"
      "Ctrl-C, --resume and mpirun are those of pangu train.\n"
      "\n"
      "Examples:\n"
      "  pangu distill --teacher BIG --student SMALL --data chats.jsonl --out NEW\n"
      "  pangu distill --teacher BIG --student SMALL --data a.jsonl b.jsonl --out NEW \\\n"
      "      --validation held-out.jsonl --cache --epochs 3\n"
      "  pangu distill --teacher BIG --student SMALL --data chats.jsonl --out NEW --estimate");
  add_files(*o->app, *o);
  add_loss(*o->app, *o);
  add_training(*o->app, *o);
  add_common_options(*o->app, o->common);
  o->app->get_option("--dtype")->description("Arithmetic: f32 or bf16");
  o->app->callback([o] { distill_command(*o); });
}

}  // namespace pangu::app
