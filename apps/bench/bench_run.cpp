// SPDX-License-Identifier: Apache-2.0
#include "apps/bench/bench_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "apps/shared/shape_text.h"
#include "base/last_name.h"
#include "base/processor_caches.h"
#include "measure/beyond_roof.h"
#include "measure/busy_machine.h"
#include "models/parameter_count.h"
#include "report/units.h"
#include "runtime/model.h"

namespace pangu::app {
namespace {

/// "w8a16", or "q4_k+q6_k" where a model mixes formats.
std::string layer_formats(const LanguageModel& model) {
  std::vector<WeightFormat> seen;
  std::string text;
  for (const WeightUse& w : model.weights()) {
    if (!w.product || w.layer == kNoLayer) continue;
    for (const PackedMatrix& part : w.product->parts) {
      if (std::ranges::find(seen, part.format()) != seen.end()) continue;
      seen.push_back(part.format());
      text += (text.empty() ? "" : "+") + std::string(name(part.format()));
    }
  }
  return text;
}

Json json_of(const TokenCost& c) {
  return {{"product_ops", c.product_ops},
          {"attention_ops", c.attention_ops},
          {"weight_bytes", c.weight_bytes},
          {"cache_bytes", c.cache_bytes}};
}

/// Null where the system does not tell.
Json json_of(const std::optional<OtherLoad>& load) {
  if (!load) return nullptr;
  return {{"steal", load->steal}, {"others", load->others}};
}

/// "prefill    512 x 1    230.7 tokens/s (229.9 to 231.2)"
std::string rate_line(std::string_view phase, int64_t tokens, int64_t batch, const Spread& rate) {
  return fmt::format("{:<8} {:>6} x {:<3} {:8.1f} tokens/s ({:.1f} to {:.1f})", phase, tokens,
                     batch, rate.median, rate.min, rate.max);
}

std::string cost_line(const TokenCost& c) {
  return fmt::format("  per token {} ({} for attention), reading {} of weights, {} of cache\n",
                     decimal_text(c.ops(), "op"), decimal_text(c.attention_ops, "op"),
                     decimal_text(c.weight_bytes, "B"), decimal_text(c.cache_bytes, "B"));
}

std::string head_text(const BenchRun& r) {
  std::string text = fmt::format("{}: {} weights", r.model, r.format);
  if (r.head_format != r.format) text += fmt::format(", {} head", r.head_format);
  if (r.embedding_format != r.head_format)
    text += fmt::format(", {} embedding", r.embedding_format);
  return text +
         fmt::format(", {} cache; {} thread{}{}, {}, {}\n{}\nmedian of {} (smallest to largest)\n",
                     r.kv_format, r.threads, r.threads == 1 ? "" : "s",
                     r.nodes == 1 ? "" : fmt::format(" on {} memory nodes", r.nodes), name(r.isa),
                     r.dtype, shape_text(r.config), r.repetitions);
}

}  // namespace

std::string BenchSubject::given() const {
  return shape.name.empty() ? model : shape.name + shape.changes();
}

std::string BenchSubject::title() const {
  if (shape.name.empty()) return last_name(model);
  const bool is_path = shape.name.find('/') != std::string::npos;
  return (is_path ? last_name(shape.name) : shape.name) + shape.changes();
}

std::unique_ptr<LanguageModel> BenchSubject::load(const WeightFormats& formats,
                                                  const ProgressFn& progress, Context& ctx) const {
  if (!shape.name.empty()) {
    const ModelConfig config = shape.config();
    const auto source = random_source(config, config.dtype.value_or(DType::kBF16), 1);
    return load_language_model(config, *source, {.formats = formats, .progress = progress}, ctx);
  }
  Model loaded =
      load_model(model, {.formats = formats, .progress = progress, .need_tokenizer = false}, ctx);
  return std::move(loaded.network);
}

BenchRun run_bench(const BenchSubject& subject, const LanguageModel& model,
                   const BenchOptions& options, Context& ctx) {
  BenchRun run{.model = subject.given(),
               .config = model.config(),
               .format = layer_formats(model),
               .head_format = std::string(name(model.head().parts.front().format())),
               .kv_format = std::string(name(options.kv.value_or(exact_kv_format(ctx.dtype())))),
               .dtype = std::string(name(ctx.dtype())),
               .isa = ctx.isa(),
               .threads = ctx.threads().size(),
               .nodes = ctx.threads().nodes(),
               .prompt_tokens = options.prompt_tokens,
               .decode_tokens = options.decode_tokens,
               .batch = options.batch,
               .repetitions = options.repetitions};
  run.embedding_format = std::string(name(model.embedding().format()));
  run.result = run_benchmark(model, options, ctx);
  return run;
}

int64_t activation_bytes(const BenchRun& run) {
  const BenchMemory& m = run.result.memory;
  return std::max<int64_t>(m.resident_bytes - m.weight_bytes - m.cache_bytes - run.program_bytes,
                           0);
}

std::vector<std::string> bench_remarks(const BenchRun& run) {
  const BenchResult& r = run.result;
  std::vector<std::string> remarks;
  const auto add = [&](BeyondRoof why, std::string_view phase, const std::string& roof,
                       const Spread& probes, const char* unit) {
    if (why == BeyondRoof::kNo) return;
    const std::string range =
        decimal_text(probes.min, unit) + " to " + decimal_text(probes.max, unit);
    remarks.push_back(fmt::format(
        "{} above 100% of the {}: {}", phase, roof,
        why == BeyondRoof::kCached
            ? "weights and cache fit into the processor's caches, which are faster than "
              "memory."
        : why == BeyondRoof::kBusy
            ? fmt::format("the machine was busy while that was measured ({}). Measure "
                          "again when nothing else runs.",
                          range)
            : fmt::format("its probe is too weak, for it gave the same every time ({}). "
                          "Take the share for the whole.",
                          range)));
  };
  const double ops = r.prefill_tokens_per_s.median * r.prefill_cost.ops();
  add(beyond_roof(ops, r.prefill_peak_share.median, r.peak_probes, false), "prefill",
      std::string(name(r.peak_arithmetic)) + " peak", r.peak_probes, "op/s");
  const double bytes = r.decode_tokens_per_s.median * r.decode_cost.bytes();
  const bool in_caches = r.memory.weight_bytes + r.memory.cache_bytes <= largest_cache_bytes();
  add(beyond_roof(bytes, r.decode_bandwidth_share.median, r.bandwidth_probes, in_caches), "decode",
      "read bandwidth", r.bandwidth_probes, "B/s");
  if (auto cached = cached_roof_remark(r.bandwidth_block_bytes, largest_cache_bytes())) {
    remarks.push_back(*std::move(cached));
  }
  if (auto busy = busy_remark(r.other_load)) remarks.push_back(*std::move(busy));
  return remarks;
}

Json bench_json(const BenchRun& run) {
  const BenchResult& r = run.result;
  Json shape = shape_json(run.config);
  shape["parameters"] = parameter_count(run.config).total();
  return {{"model", run.model},
          {"shape", std::move(shape)},
          {"format", run.format},
          {"head_format", run.head_format},
          {"embedding_format", run.embedding_format},
          {"kv_format", run.kv_format},
          {"dtype", run.dtype},
          {"isa", name(run.isa)},
          {"threads", run.threads},
          {"memory_nodes", run.nodes},
          {"prompt_tokens", run.prompt_tokens},
          {"decode_tokens", run.decode_tokens},
          {"batch", run.batch},
          {"repetitions", run.repetitions},
          {"load_s", run.load_s},
          {"prefill_tokens_per_s", r.prefill_tokens_per_s.median},
          {"decode_tokens_per_s", r.decode_tokens_per_s.median},
          {"read_bandwidth_bytes_per_s", r.read_bandwidth_bytes_per_s.median},
          {"peak_ops_per_s", r.peak_ops_per_s.median},
          {"peak_arithmetic", name(r.peak_arithmetic)},
          {"prefill_ops_per_token", r.prefill_cost.ops()},
          {"prefill_bytes_per_token", r.prefill_cost.bytes()},
          {"decode_ops_per_token", r.decode_cost.ops()},
          {"decode_bytes_per_token", r.decode_cost.bytes()},
          {"prefill_cost", json_of(r.prefill_cost)},
          {"decode_cost", json_of(r.decode_cost)},
          {"decode_bandwidth_share", r.decode_bandwidth_share.median},
          {"prefill_peak_share", r.prefill_peak_share.median},
          {"peak_rss_bytes", r.memory.peak_bytes},
          {"model_rss_bytes", r.memory.resident_bytes},
          {"memory",
           {{"weight_bytes", r.memory.weight_bytes},
            {"cache_bytes", r.memory.cache_bytes},
            {"activation_bytes", activation_bytes(run)},
            {"program_bytes", run.program_bytes}}},
          {"verify_cost", r.verify_cost},
          {"remarks", bench_remarks(run)},
          {"other_load", json_of(r.other_load)},
          {"spread",
           {{"prefill_tokens_per_s", json_of(r.prefill_tokens_per_s)},
            {"decode_tokens_per_s", json_of(r.decode_tokens_per_s)},
            {"read_bandwidth_bytes_per_s", json_of(r.read_bandwidth_bytes_per_s)},
            {"peak_ops_per_s", json_of(r.peak_ops_per_s)},
            {"decode_bandwidth_share", json_of(r.decode_bandwidth_share)},
            {"prefill_peak_share", json_of(r.prefill_peak_share)}}}};
}

std::string bench_text(const BenchRun& run) {
  const BenchResult& r = run.result;
  std::string text = head_text(run);
  if (run.prompt_tokens > 0) {
    const double ops = r.prefill_tokens_per_s.median * r.prefill_cost.ops();
    text += rate_line("prefill", run.prompt_tokens, run.batch, r.prefill_tokens_per_s);
    text += fmt::format("  {:.1f}% of the {} peak: {} of {}\n", 100 * r.prefill_peak_share.median,
                        name(r.peak_arithmetic), decimal_text(ops, "op/s"),
                        decimal_text(r.peak_ops_per_s.median, "op/s"));
    text += cost_line(r.prefill_cost);
  }
  if (run.decode_tokens > 0) {
    const double bytes = r.decode_tokens_per_s.median * r.decode_cost.bytes();
    text += rate_line("decode", run.decode_tokens, run.batch, r.decode_tokens_per_s);
    text += fmt::format("  {:.1f}% of the read bandwidth: {} of {}\n",
                        100 * r.decode_bandwidth_share.median, decimal_text(bytes, "B/s"),
                        decimal_text(r.read_bandwidth_bytes_per_s.median, "B/s"));
    text += cost_line(r.decode_cost);
  }
  text += fmt::format("memory   {}: weights {}, cache {}, activations {}, program {}\n",
                      bytes_text(r.memory.resident_bytes), bytes_text(r.memory.weight_bytes),
                      bytes_text(r.memory.cache_bytes), bytes_text(activation_bytes(run)),
                      bytes_text(run.program_bytes));
  for (const std::string& remark : bench_remarks(run)) text += "remark   " + remark + "\n";
  if (!r.verify_cost.empty()) {
    text += "cost of n tokens in one pass, one token being 1:";
    for (std::size_t n = 0; n < r.verify_cost.size(); ++n) {
      text += fmt::format("  {}: {:.2f}", n + 1, r.verify_cost[n]);
    }
    text += "\n";
  }
  return text;
}

}  // namespace pangu::app
