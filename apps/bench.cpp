// SPDX-License-Identifier: Apache-2.0
// pangu bench: speed of a model on this machine, beside the machine's own limits.
#include <fmt/format.h>

#include <CLI/Config.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "apps/commands.h"
#include "apps/common_options.h"
#include "apps/interrupt.h"
#include "apps/output.h"
#include "apps/progress_bar.h"
#include "apps/summary.h"
#include "apps/units.h"
#include "base/resources.h"
#include "models/config_shapes.h"
#include "runtime/benchmark.h"
#include "runtime/model.h"

namespace pangu::app {
namespace {

struct BenchCommand {
  CommonOptions common;
  std::string model;
  std::string shape;
  FormatOptions formats;
  BenchOptions bench;
  bool no_verify = false;
};

/// A shape by name, or from a config.json.
ModelConfig shape_config(const std::string& shape) {
  if (const auto config = named_shape(shape)) return *config;
  if (shape.ends_with(".json") || std::filesystem::exists(shape)) return read_model_config(shape);
  std::string names;
  for (const std::string_view n : shape_names())
    names += (names.empty() ? "" : ", ") + std::string(n);
  fail<ConfigError>("[bench] there is no shape '{}'. Use a config.json or one of: {}.", shape,
                    names);
}

Decoder load(const BenchCommand& o, const ProgressFn& progress, Context& ctx) {
  if (!o.shape.empty()) {
    const ModelConfig config = shape_config(o.shape);
    const auto source = random_source(config, config.dtype.value_or(DType::kBF16), 1);
    return load_decoder(config, *source, {.formats = o.formats.parse(), .progress = progress},
                        ctx);
  }
  Model model =
      load_model(o.model, {.formats = o.formats.parse(), .progress = progress, .need_tokenizer = false}, ctx);
  return std::move(*model.decoder);
}

Json json_of(const Spread& s) {
  return {{"median", s.median}, {"min", s.min}, {"max", s.max}};
}

Json report_json(const BenchCommand& o, const BenchResult& r, const std::string& format,
                 double load_s) {
  Json json = {{"model", o.shape.empty() ? o.model : o.shape},
               {"format", format},
               {"prompt_tokens", o.bench.prompt_tokens},
               {"decode_tokens", o.bench.decode_tokens},
               {"batch", o.bench.batch},
               {"repetitions", o.bench.repetitions},
               {"load_s", load_s},
               {"prefill_tokens_per_s", r.prefill_tokens_per_s.median},
               {"decode_tokens_per_s", r.decode_tokens_per_s.median},
               {"read_bandwidth_bytes_per_s", r.read_bandwidth_bytes_per_s.median},
               {"peak_ops_per_s", r.peak_ops_per_s.median},
               {"prefill_ops_per_token", r.prefill_ops_per_token},
               {"decode_bytes_per_token", r.decode_bytes_per_token},
               {"decode_bandwidth_share", r.decode_bandwidth_share.median},
               {"prefill_peak_share", r.prefill_peak_share.median},
               {"verify_cost", r.verify_cost},
               {"spread",
                {{"prefill_tokens_per_s", json_of(r.prefill_tokens_per_s)},
                 {"decode_tokens_per_s", json_of(r.decode_tokens_per_s)},
                 {"read_bandwidth_bytes_per_s", json_of(r.read_bandwidth_bytes_per_s)},
                 {"peak_ops_per_s", json_of(r.peak_ops_per_s)},
                 {"decode_bandwidth_share", json_of(r.decode_bandwidth_share)},
                 {"prefill_peak_share", json_of(r.prefill_peak_share)}}}};
  add_machine_keys(json, o.common);
  return json;
}

std::string report_text(const BenchCommand& o, const BenchResult& r, const std::string& format) {
  const auto giga = [](double x) { return x / 1e9; };
  std::string text = fmt::format("{}, {} weights; {}; median of {} (smallest to largest)\n",
                                 o.shape.empty() ? o.model : o.shape, format,
                                 machine_text(o.common), o.bench.repetitions);
  if (o.bench.prompt_tokens > 0) {
    const Spread& t = r.prefill_tokens_per_s;
    text += fmt::format(
        "prefill {:>5} x {}  {:8.1f} tokens/s ({:.1f} to {:.1f})  {:.1f} of {:.1f} GFLOP/s: "
        "{:.1f}%\n",
        o.bench.prompt_tokens, o.bench.batch, t.median, t.min, t.max,
        giga(t.median * r.prefill_ops_per_token), giga(r.peak_ops_per_s.median),
        100 * r.prefill_peak_share.median);
  }
  if (o.bench.decode_tokens > 0) {
    const Spread& t = r.decode_tokens_per_s;
    text += fmt::format(
        "decode  {:>5} x {}  {:8.1f} tokens/s ({:.1f} to {:.1f})  {:.1f} of {:.1f} GB/s: {:.1f}%\n",
        o.bench.decode_tokens, o.bench.batch, t.median, t.min, t.max,
        giga(t.median * r.decode_bytes_per_token), giga(r.read_bandwidth_bytes_per_s.median),
        100 * r.decode_bandwidth_share.median);
  }
  if (!r.verify_cost.empty()) {
    text += "cost of n tokens in one pass, one token being 1:";
    for (std::size_t n = 0; n < r.verify_cost.size(); ++n) {
      text += fmt::format("  {}: {:.2f}", n + 1, r.verify_cost[n]);
    }
    text += "\n";
  }
  return text;
}

void bench_command(BenchCommand& o) {
  if (o.model.empty() == o.shape.empty()) {
    throw UsageError("give either MODEL or --shape: what is to be measured.");
  }
  start_log(o.common);
  Interrupts interrupts;
  const bool visible = !o.common.quiet && is_terminal_stderr();
  const auto bar_for = [&](ProgressBar& bar) -> ProgressFn {
    return [&](std::string_view what, int64_t done, int64_t total) {
      interrupts.check();
      bar.update(what, done, total);
    };
  };
  Context ctx(context_options(o.common));
  const Stopwatch watch;
  ProgressBar loading("parameters", visible);
  const Decoder model = load(o, bar_for(loading), ctx);
  loading.clear();
  const double load_s = watch.seconds();

  ProgressBar measuring("rounds", visible);
  o.bench.verify = !o.no_verify;
  o.bench.progress = bar_for(measuring);
  const BenchResult result = run_benchmark(model, o.bench, ctx);
  measuring.clear();

  const std::string format(name(model.weights().layers.front().qkv.parts.front().format()));
  if (o.common.json) {
    print_json(report_json(o, result, format, load_s));
  } else {
    print(report_text(o, result, format));
  }
  if (!o.common.quiet) {
    note(fmt::format("load    {}, peak memory {}\n", seconds_text(load_s),
                     bytes_text(peak_rss_bytes())));
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
      "\n"
      "Read bandwidth and arithmetic peak are measured in the same run, right before and after\n"
      "each repetition: shares compare on a noisy machine, rates do not.");
  add_model_argument(*command, o->model)->required(false);
  const auto number = [&](const std::string& flag, auto& value, int64_t min,
                          const std::string& what) {
    command->add_option(flag, value, what)
        ->type_name("N")
        ->capture_default_str()
        ->check(whole_number(min, 1 << 24))
        ->group("Work");
  };
  command
      ->add_option("--shape", o->shape,
                   "In place of MODEL: random weights in the shape of a published model "
                   "(openpangu-embedded-1b, openpangu-embedded-7b, ...) or of a config.json")
      ->type_name("NAME")
      ->group("Work");
  number("--pp", o->bench.prompt_tokens, 0, "Prompt tokens of each sequence; 0 leaves prefill out");
  number("--tg", o->bench.decode_tokens, 0, "Tokens to decode in each sequence; 0 leaves it out");
  number("--batch", o->bench.batch, 1, "Sequences at once");
  number("--reps", o->bench.repetitions, 1, "Repetitions");
  command->add_flag("--no-verify", o->no_verify, "Leave out the cost of passes over 1 to 8 tokens")
      ->group("Work");
  add_common_options(*command, o->common);
  add_format_options(*command, o->formats);
  command->callback([o] { bench_command(*o); });
}

}  // namespace pangu::app
