// SPDX-License-Identifier: Apache-2.0
#include "apps/compress/prune_options.h"

#include <fmt/format.h>

#include <CLI/Config.hpp>
#include <CLI/Validators.hpp>
#include <algorithm>
#include <memory>
#include <type_traits>

#include "apps/shared/command_text.h"
#include "apps/shared/commands.h"
#include "apps/shared/option_rules.h"
#include "base/error.h"
#include "train/config_ranges.h"

namespace pangu::app {
namespace {

std::string method_list() {
  std::string text = "How units are scored:";
  for (const compress::Method* m : compress::methods()) {
    text += fmt::format("\n{:<18}{}", m->name, m->summary);
  }
  return text + "\nsparsegpt, wanda  of single weights, as magnitude and random";
}

void add_what(CLI::App& command, PruneCommand& o) {
  const auto add = [&](const char* flag, auto& value, const char* type, const char* text) {
    CLI::Option* option =
        command.add_option(flag, value, text)->type_name(type)->group("What is removed");
    using Value = std::remove_cvref_t<decltype(value)>;
    if constexpr (std::is_constructible_v<Value, double> && !std::is_integral_v<Value>) {
      option->check(float_number());
    }
    return option;
  };
  add("--unit", o.unit, "NAME", "neurons, heads, layers, channels or weights")
      ->capture_default_str();
  add("--method", o.method, "NAME", "")
      ->description(method_list())
      ->default_str("taylor; depth for layers, activation for channels, sparsegpt for weights");
  add("--ratio", o.run.prune.ratio, "R", "Share of the units to remove, above 0 and below 1")
      ->capture_default_str();
  add("--align", o.run.prune.align, "A", "Kept sizes are multiples of it")
      ->default_str("256 for neurons, 64 with camera and for channels, else 1")
      ->check(whole_number(1));
  add("--allocation", o.allocation, "NAME",
      "How layers share it: uniform, global (by score) or sensitivity (by influence)")
      ->capture_default_str();
  add("--rounds", o.run.prune.rounds, "N", "Rounds of scoring and removing")
      ->default_str("5 with gradients, else 1")
      ->check(whole_number(1, 1000));
  add("--pace", o.pace, "NAME", "Of rounds: linear, or cubic (much at first)")
      ->capture_default_str()
      ->transform(one_of({"linear", "cubic"}));
  command.add_flag("--mask", o.run.prune.mask, "Zeros in place of smaller matrices")
      ->group("What is removed");
  add("--pattern", o.pattern, "N:M", "weights: N of every M in a row stay; in place of --ratio");
  add("--scope", o.scope, "NAME", "weights, magnitude: compared within a matrix, row or the model")
      ->capture_default_str();
}

void add_text(CLI::App& command, PruneCommand& o) {
  const auto add = [&](const char* flag, auto& value, const char* type, const char* text) {
    return command.add_option(flag, value, text)->type_name(type)->group("Text to score on");
  };
  add("--calibration", o.calibration, kPathType,
      "Conversations, completions or texts; may be repeated")
      ->allow_extra_args(false)
      ->take_all();
  add("--sequences", o.sequences, "N", "Sequences to read")
      ->default_str("128, 16 with gradients")
      ->check(whole_number(1));
  add("--length", o.length, "N", "Tokens in a sequence, at most")
      ->capture_default_str()
      ->check(whole_number(2));
  add("--loss-on", o.loss_on, "WHAT", "Of gradients: assistant (replies, completions) or all")
      ->capture_default_str()
      ->transform(one_of({"assistant", "all"}));
  add("--seed", o.run.prune.score.seed, "S", "Of the order of texts, and of method random")
      ->check(whole_number(0))
      ->capture_default_str();
  add("--reduce-ratio", o.run.prune.score.camera.reduce_ratio, "A",
      "camera: weight of the largest activation beside the sum of squares")
      ->capture_default_str()
      ->check(number_in({.min = 0, .max = 1}));
  add("--feature-power", o.run.prune.score.slim.feature_power, "P",
      "slim: power of the output's covariance, 0 or 1")
      ->capture_default_str()
      ->check(whole_number(0, 1));
  command.add_flag("--without-down", o.without_down, "taylor: gate and up alone")
      ->group("Text to score on");
}

void add_repair(CLI::App& command, PruneCommand& o) {
  const auto add = [&](const char* flag, auto& value, const char* type, const char* text) {
    return command.add_option(flag, value, text)->type_name(type)->group("Repair");
  };
  add("--repair", o.repair, "NAME", "Regression of what is left: none, scale, ridge or auto")
      ->default_str("auto with slim, else none");
  add("--distill", o.run.distillation.data, kPathType,
      "After every round, learn from the original on this data; may be repeated")
      ->allow_extra_args(false)
      ->take_all();
  CLI::Option* epochs =
      add("--distill-epochs", o.run.distillation.epochs, "E", "How often a round goes over it")
          ->check(number_in(kEpochs))
          ->capture_default_str();
  add("--distill-steps", o.run.distillation.steps, "N", "Steps of a round, in place of epochs")
      ->check(whole_number(1, kMostSteps))
      ->excludes(epochs);
  add("--distill-lr", o.run.distillation.learning_rate, "R",
      "Learning rate; in each round falls to 0 behind the last step")
      ->check(number_in(kLearningRates))
      ->capture_default_str();
  add("--temperature", o.run.distillation.temperature, "T", "Of the original's answers")
      ->check(number_in(kTemperatures))
      ->capture_default_str();
  add("--ce-weight", o.run.distillation.ce_weight, "X", "Weight of the data's own cross-entropy")
      ->check(number_in(kLossWeights))
      ->capture_default_str();
  add("--cache", o.run.distillation.cache, kPathType,
      "Keep what the original says, for rounds and runs to come");
  add("--distill-set", o.run.distillation.overrides, "KEY=VALUE",
      "Any other key of a training config")
      ->allow_extra_args(false)
      ->take_all();
}

void add_report(CLI::App& command, PruneCommand& o) {
  command
      .add_option("--eval", o.eval,
                  "Score every round, and the original, on a task of `pangu eval`; may be repeated")
      ->type_name(fmt::format("TASK:{}", kPathType))
      ->allow_extra_args(false)
      ->take_all()
      ->group("Report");
  command.add_option("--eval-limit", o.eval_limit, "Only the first N items of each")
      ->type_name("N")
      ->default_str("all")
      ->check(whole_number(1))
      ->group("Report");
  command.add_flag("--no-speed", o.no_speed, "Do not measure prefill and decode speed")
      ->group("Report");
}

}  // namespace

void add_prune_options(CLI::App& command, PruneCommand& o) {
  o.app = &command;
  command.add_option("IN", o.run.prune.in, "Hugging Face folder with float weights")
      ->required()
      ->type_name(kPathType);
  command.add_option("OUT", o.run.prune.out, "Folder to write; must be new or empty")
      ->required()
      ->check(folder_name())
      ->type_name(kPathType);
  add_what(command, o);
  add_text(command, o);
  add_repair(command, o);
  add_format_options(command, o.formats, "of the finished model");
  add_report(command, o);
  command.add_flag("--resume", o.run.prune.resume, "Go on with an interrupted run")->group("Run");
  command.add_flag("--keep-rounds", o.run.prune.keep_rounds, "Keep the model of every round")
      ->group("Run");
  command.add_flag("--again", o.run.prune.again, "Accept a model that was pruned before")
      ->group("Run");
  add_common_options(command, o.common);
}

namespace {

/// Throws UsageError for options that have no effect beside the others.
void refuse_idle(const PruneCommand& o) {
  const CLI::App& app = *o.app;
  const compress::PruneOptions& p = o.run.prune;
  const bool weights = p.unit == compress::Unit::kWeights;
  if (!weights) refuse_given(app, {"--pattern", "--scope"}, "belongs to --unit weights.");
  if (p.sparse.pattern) {
    refuse_given(app, {"--ratio"}, "and --pattern both say how much is removed: leave one out.");
  }
  if (p.method != "camera") refuse_given(app, {"--reduce-ratio"}, "goes with --method camera.");
  if (p.method != "slim") refuse_given(app, {"--feature-power"}, "goes with --method slim.");
  if (!p.method.starts_with("taylor")) {
    refuse_given(app, {"--without-down"}, "goes with --method taylor or taylor-normalized.");
  }
  if (!o.run.distillation.wanted()) {
    refuse_given(app,
                 {"--distill-epochs", "--distill-steps", "--distill-lr", "--distill-set",
                  "--temperature", "--ce-weight", "--cache"},
                 "is about what rounds learn: it goes with --distill.");
  }
  if (o.eval.empty()) refuse_given(app, {"--eval-limit"}, "goes with --eval.");
}

}  // namespace

void remark_idle(const PruneCommand& o) {
  if (compress::PrunePlan::needs_text(o.run.prune)) return;
  remark_given(*o.app, {"--calibration", "--sequences", "--length", "--loss-on"},
               fmt::format("has no effect: method {} reads no text.", o.run.prune.method));
}

void check_prune_options(PruneCommand& o) {
  using namespace compress;
  try {
    PruneOptions& p = o.run.prune;
    p.unit = parse_unit(o.unit);
    p.method = !o.method.empty()           ? o.method
               : p.unit == Unit::kLayers   ? "depth"
               : p.unit == Unit::kChannels ? "activation"
               : p.unit == Unit::kWeights  ? "sparsegpt"
                                           : "taylor";
    p.allocation = parse_allocation(o.allocation);
    p.pace = o.pace == "cubic" ? Pace::kCubic : Pace::kLinear;
    if (!o.repair.empty()) p.repair = parse_repair(o.repair);
    if (!o.pattern.empty()) p.sparse.pattern = parse_sparse_pattern(o.pattern);
    p.sparse.scope = parse_sparse_scope(o.scope);
    p.score.taylor.include_down = !o.without_down;
    p.calibration.files.assign(o.calibration.begin(), o.calibration.end());
    p.calibration.length = o.length;
    p.calibration.seed = p.score.seed;
    p.calibration.loss_on = o.loss_on == "all" ? LossOn::kAll : LossOn::kAssistant;
    bool gradients = false;
    if (p.unit == Unit::kWeights) {
      parse_weight_method(p.method);
    } else {
      gradients = find_method(p.method, p.unit).needs == Needs::kGradients;
    }
    p.calibration.sequences = o.sequences > 0 ? o.sequences : gradients ? 16 : 128;
    if (!o.formats.layers.empty()) {
      p.formats = o.formats.parse();
    } else if (!o.formats.head.empty() || !o.formats.embedding.empty()) {
      throw UsageError("--head-format and --embedding-format go with --format.");
    }
    for (const std::string& task : o.eval) {
      o.run.tasks.push_back(recipes::parse_scored_task(task, o.eval_limit));
    }
    o.run.measure_speed = !o.no_speed;
    refuse_idle(o);
    PrunePlan::check(p);
  } catch (const ConfigError& error) {
    throw UsageError(error.what());
  }
}

}  // namespace pangu::app
