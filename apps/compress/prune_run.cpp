// SPDX-License-Identifier: Apache-2.0
#include "apps/compress/prune_run.h"

#include <fmt/format.h>

#include <filesystem>
#include <string>
#include <vector>

#include "apps/compress/prune_measure.h"
#include "apps/compress/prune_report.h"
#include "apps/shared/command_text.h"
#include "apps/shared/machine_text.h"
#include "apps/shared/output.h"
#include "apps/shared/progress_bar.h"
#include "apps/shared/units.h"
#include "apps/train/train_run.h"
#include "base/resources.h"
#include "comm/single_process.h"
#include "models/parameter_count.h"
#include "runtime/model.h"
#include "train/distill_config.h"

namespace pangu::app {
namespace {

namespace fs = std::filesystem;

void print_result(const PruneCommand& o, const compress::PruneResult& result, double seconds) {
  const compress::RoundResult& before = result.rounds.front();
  const compress::RoundResult& after = result.rounds.back();
  if (o.common.json) {
    Json json{{"parameters_in", before.parameters},
              {"parameters_out", after.parameters},
              {"bytes_in", before.bytes},
              {"bytes_out", after.bytes},
              {"flops_in", product_flops(before.config)},
              {"flops_out", product_flops(after.config)},
              {"kept", after.kept},
              {"rounds", Json::array()},
              {"seconds", seconds},
              {"peak_rss_bytes", peak_rss_bytes()},
              {"out", o.prune.out.string()}};
    for (const compress::RoundResult& r : result.rounds) {
      json["rounds"].push_back({{"round", r.round},
                                {"ratio", r.ratio},
                                {"format", r.format},
                                {"kept", r.kept},
                                {"parameters", r.parameters},
                                {"bytes", r.bytes}});
    }
    print_json(json);
  }
  if (o.common.quiet) return;
  note(fmt::format(
      "pruned   {} to {} parameters ({:.1f}%), {} to {}; {}, peak memory {}\n", before.parameters,
      after.parameters,
      100.0 * static_cast<double>(after.parameters) / static_cast<double>(before.parameters),
      bytes_text(before.bytes), bytes_text(after.bytes), seconds_text(seconds),
      bytes_text(peak_rss_bytes())));
  note(fmt::format("model    {}, with REPORT.md\n", o.prune.out.string()));
}

/// The round's model, after it learnt from the original.
void distill_round(const PruneCommand& o, const fs::path& student, const fs::path& out,
                   Interrupts& interrupts) {
  DistillSettings settings{.teacher = o.prune.in.string(),
                           .student = student.string(),
                           .data = o.distill,
                           .validation = {},
                           .output = out.string(),
                           .learning_rate = o.distill_rate,
                           .epochs = o.distill_epochs,
                           .steps = o.distill_steps,
                           .temperature = o.distill_temperature,
                           .ce_weight = o.distill_ce_weight,
                           .seed = o.prune.score.seed,
                           .overrides = o.distill_set,
                           .options = {{"distill.temperature", "--temperature"},
                                       {"distill.ce_weight", "--ce-weight"},
                                       {"optimizer.learning_rate", "--distill-lr"},
                                       {"epochs", "--distill-epochs"}}};
  if (!o.distill_cache.empty()) settings.cache = o.distill_cache;
  settings.overrides.push_back("dtype=" + o.common.dtype);
  if (o.prune.mask || o.prune.unit == compress::Unit::kWeights) {
    settings.overrides.emplace_back("model.keep_zeros=true");
  }
  const TrainConfig config = distill_config(settings);
  CommonOptions common = o.common;
  common.json = false;  // one result is printed, at the end
  SingleProcess alone;
  TrainRun run{.config = config,
               .common = common,
               .command = {},
               .resume_command = command_text(*o.app, false) + " --resume",
               .resume = true,
               .ranks = alone,
               .interrupts = interrupts};
  run.run();
}

/// Both models in memory, taking turns; nothing where they do not fit.
std::vector<ModelSpeed> measure_speed(const PruneCommand& o, const compress::PruneResult& result,
                                      const fs::path& after, Context& ctx,
                                      const Interrupts& interrupts) {
  const std::int64_t bytes = result.rounds.front().bytes + result.rounds.back().bytes;
  if (o.no_speed || bytes > total_memory_bytes() * 3 / 4) return {};
  const Model original = load_model(o.prune.in, {.need_tokenizer = false}, ctx);
  const Model pruned = load_model(after, {.need_tokenizer = false}, ctx);
  const std::vector<SpeedSubject> subjects = {{"before", original.network.get()},
                                              {"after", pruned.network.get()}};
  return compare_speed(subjects,
                       {.prompt_tokens = 128,
                        .decode_tokens = 32,
                        .repetitions = 6,
                        .verify = false,
                        .check = [&] { interrupts.check(); }},
                       ctx);
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

}  // namespace

void run_prune(const PruneCommand& o, Interrupts& interrupts) {
  Context ctx(context_options(o.common));
  PruneMeasure measure(o.eval, o.eval_limit, o.common, interrupts);
  ProgressBar bar("", !o.common.quiet && is_terminal_stderr());
  const Stopwatch watch;
  compress::PruneHooks hooks;
  hooks.progress = [&](std::string_view what, std::int64_t done, std::int64_t total) {
    interrupts.check();
    bar.update(what, done, total);
  };
  hooks.say = [&](const std::string& line) {
    bar.clear();
    if (!o.common.quiet) note(line + "\n");
  };
  hooks.check_measured = [&](const JsonObject& round) { measure.check(round); };
  if (!measure.empty()) {
    hooks.measure = [&](std::int64_t, const fs::path& model) {
      bar.clear();
      return measure.scores(model, ctx);
    };
  }
  if (!o.distill.empty()) {
    hooks.improve = [&](std::int64_t, const fs::path& student, const fs::path& out) {
      bar.clear();
      distill_round(o, student, out, interrupts);
    };
  }
  hooks.finish = [&](const compress::PruneResult& result, const fs::path& folder) {
    bar.clear();
    write_prune_report({.options = o.prune,
                        .result = result,
                        .command = command_text(*o.app, true),
                        .machine = machine_text(o.common),
                        .distilled = !o.distill.empty(),
                        .scores = score_table(result, (o.prune.out / "prune.json").string()),
                        .speeds = measure_speed(o, result, folder, ctx, interrupts)},
                       folder);
  };
  const compress::PruneResult result = compress::prune_checkpoint(o.prune, hooks, ctx);
  bar.clear();
  print_result(o, result, watch.seconds());
}

}  // namespace pangu::app
