// SPDX-License-Identifier: Apache-2.0
// pangu bench: speed of a model on this machine, beside the machine's own limits.
#include <fmt/format.h>

#include <CLI/Config.hpp>
#include <memory>
#include <string>

#include "apps/bench/bench_against.h"
#include "apps/bench/bench_replay.h"
#include "apps/bench/bench_run.h"
#include "apps/bench/bench_sweep.h"
#include "apps/shared/command_frame.h"
#include "apps/shared/commands.h"
#include "apps/shared/common_options.h"
#include "apps/shared/option_rules.h"
#include "apps/shared/output.h"
#include "base/resources.h"
#include "report/units.h"

namespace pangu::app {
namespace {

struct BenchCommand {
  CommonOptions common;
  BenchSubject subject;
  FormatOptions formats;
  BenchOptions bench;
  SweepOptions sweep;
  ReplayFlags replay;
  std::string against;
  bool no_verify = false;
};

void run_once(BenchCommand& o, const CommandFrame& frame) {
  Context ctx(context_options(o.common));
  const int64_t before = resident_bytes();
  const Stopwatch watch;
  ProgressBar loading = frame.bar("parameters");
  const auto model = o.subject.load(o.formats.parse(), frame.progress(loading), ctx);
  loading.clear();
  const double load_s = watch.seconds();

  ProgressBar measuring = frame.bar("rounds");
  o.bench.kv = kv_format(o.common);
  o.bench.verify = !o.no_verify;
  o.bench.progress = frame.progress(measuring);
  o.bench.check = frame.check();
  BenchRun run = run_bench(o.subject, *model, o.bench, ctx);
  run.load_s = load_s;
  run.program_bytes = before;
  measuring.clear();

  if (o.common.json) {
    print_json(bench_json(run));
  } else {
    print(bench_text(run));
  }
  frame.say(fmt::format("load    {}, peak memory {}\n", seconds_text(load_s),
                        bytes_text(run.result.memory.peak_bytes)));
}

void bench_command(BenchCommand& o) {
  if (o.subject.model.empty() == o.subject.shape.name.empty()) {
    throw UsageError("give either MODEL or --shape: what is to be measured.");
  }
  if (!o.against.empty() && (o.sweep.wanted() || o.replay.wanted())) {
    throw UsageError("--against excludes --sweep, --spec and --replay.");
  }
  if (!o.sweep.wanted() && o.bench.prompt_tokens + o.bench.decode_tokens == 0) {
    throw UsageError("--pp and --tg are both 0: nothing would be measured.");
  }
  CommandFrame frame(o.common);
  if (!o.against.empty()) {
    run_bench_against(o.subject, o.against, o.formats, o.bench, frame);
  } else if (o.sweep.wanted()) {
    run_sweep(o.subject, o.formats, o.sweep, o.bench, frame);
  } else if (o.replay.wanted()) {
    run_replay_bench(o.subject, o.formats, o.replay, o.bench, frame);
  } else {
    run_once(o, frame);
  }
}

}  // namespace

void add_bench_command(CLI::App& app) {
  auto o = std::make_shared<BenchCommand>();
  CLI::App* command = app.add_subcommand(
      "bench",
      "Measures prefill and decode speed, beside the machine's own limits\n"
      "\n"
      "Examples:\n"
      "  pangu bench MODEL\n"
      "  pangu bench --shape openpangu-embedded-1b --format bf16 --threads 2\n"
      "  pangu bench --shape openpangu-embedded-1b --layers 20 --intermediate-size 4864\n"
      "  pangu bench pruned --against original --reps 10\n"
      "  pangu bench --shape openpangu-embedded-1b --sweep results --batches 1,8\n"
      "  pangu bench --shape openpangu-embedded-1b --format w8a16 --spec auto --tg 256\n"
      "\n"
      "Read bandwidth and arithmetic peak are measured in the same run, right before and after\n"
      "each repetition: shares compare on a noisy machine, rates do not.");
  add_model_argument(*command, o->subject.model)->required(false);
  const auto number = [&](const std::string& flag, auto& value, int64_t min,
                          const std::string& what) {
    command->add_option(flag, value, what)
        ->type_name("N")
        ->capture_default_str()
        ->check(whole_number(min, 1 << 24))
        ->group("Work");
  };
  number("--pp", o->bench.prompt_tokens, 0, "Prompt tokens of each sequence; 0 leaves prefill out");
  number("--tg", o->bench.decode_tokens, 0, "Tokens to decode in each sequence; 0 leaves it out");
  number("--batch", o->bench.batch, 1, "Sequences at once");
  number("--reps", o->bench.repetitions, 1, "Repetitions");
  command->add_flag("--no-verify", o->no_verify, "Leave out the cost of passes over 1 to 8 tokens")
      ->group("Work");
  command
      ->add_option("--against", o->against,
                   "Another model, or with --shape another shape: both take turns, for ratios of "
                   "speed that compare")
      ->type_name("OTHER")
      ->check(not_empty())
      ->group("Work");
  add_shape_options(*command, o->subject.shape);
  add_common_options(*command, o->common);
  add_kv_format_option(*command, o->common);
  add_format_options(*command, o->formats);
  add_sweep_options(*command, o->sweep);
  add_replay_options(*command, o->replay);
  command->callback([o, command] {
    // A single number that was given stands for a list of one.
    const auto as_list = [&](const char* flag, std::string& list, int64_t value) {
      if (list.empty() && command->count(flag) > 0) list = std::to_string(value);
    };
    as_list("--pp", o->sweep.contexts, o->bench.prompt_tokens);
    as_list("--batch", o->sweep.batches, o->bench.batch);
    check_replay_usage(*command, o->replay);
    bench_command(*o);
  });
}

}  // namespace pangu::app
