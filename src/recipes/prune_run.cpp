// SPDX-License-Identifier: Apache-2.0
#include "recipes/prune_run.h"

#include <filesystem>

#include "base/error.h"
#include "base/resources.h"
#include "comm/single_process.h"
#include "measure/speed_comparison.h"
#include "recipes/output_folder.h"
#include "recipes/prune_report.h"
#include "runtime/model.h"
#include "train/distill_config.h"

namespace pangu::recipes {
namespace {

namespace fs = std::filesystem;

/// The config with which a round's model learns from the original.
TrainConfig round_config(const PruneRunOptions& o, const fs::path& student, const fs::path& out) {
  const RoundDistillation& d = o.distillation;
  DistillSettings settings{.teacher = o.prune.in.string(),
                           .student = student.string(),
                           .data = d.data,
                           .validation = {},
                           .output = out.string(),
                           .learning_rate = d.learning_rate,
                           .epochs = d.epochs,
                           .steps = d.steps,
                           .temperature = d.temperature,
                           .ce_weight = d.ce_weight,
                           .seed = o.prune.score.seed,
                           .overrides = d.overrides,
                           .options = d.options};
  if (!d.cache.empty()) settings.cache = d.cache;
  settings.overrides.push_back("dtype=" + std::string(name(o.machine.dtype)));
  if (o.prune.mask || o.prune.unit == compress::Unit::kWeights) {
    settings.overrides.emplace_back("model.keep_zeros=true");
  }
  return distill_config(settings);
}

/// Scores before and after, from what was kept of each.
std::vector<eval::ScoreRow> score_table(const compress::PruneResult& result,
                                        const std::string& file) {
  std::vector<eval::TaskScores> tasks;
  const Json& before = result.rounds.front().measured;
  const Json& after = result.rounds.back().measured;
  for (std::size_t t = 0; t < before.size(); ++t) {
    const JsonObject a(file, before[t]), b(file, after[t]);
    tasks.push_back({a.get_string("task"), kept_result(a), kept_result(b)});
  }
  return eval::score_rows(tasks);
}

class PruneRun {
 public:
  PruneRun(const PruneRunOptions& options, const PruneRunHooks& hooks)
      : o_(options),
        hooks_(hooks),
        prune_(options.prune),
        ctx_(options.machine),
        scores_(options.tasks, options.machine.threads) {
    prune_.resume_settings = more_prune_settings(o_);
  }

  compress::PruneResult run() { return compress::prune_checkpoint(prune_, prune_hooks(), ctx_); }

 private:
  void check() const {
    if (hooks_.cancel.stop_requested()) fail<Cancelled>("[cancel] stopped.");
  }
  void begin_phase() const {
    if (hooks_.begin_phase) hooks_.begin_phase();
  }

  compress::PruneHooks prune_hooks();
  /// The round's model, after it learnt from the original.
  void learn(const fs::path& student, const fs::path& out) const;
  void report(const compress::PruneResult& result, const fs::path& folder);
  /// Both models in memory, taking turns; nothing where they do not fit.
  std::vector<ModelSpeed> measure_speed(const compress::PruneResult& result, const fs::path& after);

  const PruneRunOptions& o_;
  const PruneRunHooks& hooks_;
  compress::PruneOptions prune_;
  Context ctx_;
  TaskScores scores_;
};

compress::PruneHooks PruneRun::prune_hooks() {
  compress::PruneHooks hooks;
  hooks.progress = hooks_.progress;
  hooks.say = [this](const std::string& line) {
    if (hooks_.say) hooks_.say(line);
  };
  hooks.check_measured = [this](const JsonObject& round) { scores_.check(round); };
  if (!scores_.empty()) {
    hooks.measure = [this](std::int64_t, const fs::path& model) {
      begin_phase();
      return scores_.scores(model, {.progress = hooks_.scoring, .cancel = hooks_.cancel}, ctx_);
    };
  }
  if (o_.distillation.wanted()) {
    hooks.improve = [this](std::int64_t, const fs::path& student, const fs::path& out) {
      begin_phase();
      learn(student, out);
    };
  }
  hooks.finish = [this](const compress::PruneResult& result, const fs::path& folder) {
    begin_phase();
    report(result, folder);
  };
  return hooks;
}

void PruneRun::learn(const fs::path& student, const fs::path& out) const {
  const TrainConfig config = round_config(o_, student, out);
  SingleProcess alone;
  const TrainRunHooks hooks =
      hooks_.begin_training ? hooks_.begin_training(config) : TrainRunHooks{};
  const TrainRunResult result =
      run_training(config, {.machine = o_.machine, .command = {}, .resume = true}, hooks, alone);
  if (hooks_.trained) hooks_.trained(config, result);
  if (result.training.interrupted) fail<Cancelled>("[cancel] stopped while a round learnt.");
}

void PruneRun::report(const compress::PruneResult& result, const fs::path& folder) {
  write_prune_report({.options = prune_,
                      .result = result,
                      .command = o_.command,
                      .machine = o_.machine_text,
                      .distilled = o_.distillation.wanted(),
                      .scores = score_table(result, (prune_.out / "prune.json").string()),
                      .speeds = measure_speed(result, folder)},
                     folder);
}

std::vector<ModelSpeed> PruneRun::measure_speed(const compress::PruneResult& result,
                                                const fs::path& after) {
  const std::int64_t bytes = result.rounds.front().bytes + result.rounds.back().bytes;
  if (!o_.measure_speed || bytes > total_memory_bytes() * 3 / 4) return {};
  const Model original = load_model(prune_.in, {.need_tokenizer = false}, ctx_);
  const Model pruned = load_model(after, {.need_tokenizer = false}, ctx_);
  const std::vector<SpeedSubject> subjects = {{"before", original.network.get()},
                                              {"after", pruned.network.get()}};
  return compare_speed(subjects,
                       {.prompt_tokens = 128,
                        .decode_tokens = 32,
                        .repetitions = 6,
                        .verify = false,
                        .check = [this] { check(); }},
                       ctx_);
}

}  // namespace

compress::PruneResult run_pruning(const PruneRunOptions& options, const PruneRunHooks& hooks) {
  require_other_folder(options.prune.out, {options.prune.in});
  return PruneRun(options, hooks).run();
}

Json more_prune_settings(const PruneRunOptions& o) {
  const RoundDistillation& d = o.distillation;
  Json tasks = Json::array();
  for (const ScoredTask& task : o.tasks) tasks.push_back(task.name);
  if (!d.wanted()) return {{"--eval", tasks}, {"--distill", false}};
  return {{"--eval", tasks},
          {"--distill", true},
          {"--distill-epochs", d.epochs},
          {"--distill-steps", d.steps ? Json(*d.steps) : Json()},
          {"--distill-lr", d.learning_rate},
          {"--temperature", d.temperature},
          {"--ce-weight", d.ce_weight},
          {"--distill-set", d.overrides}};
}

}  // namespace pangu::recipes
