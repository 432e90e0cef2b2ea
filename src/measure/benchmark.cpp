// SPDX-License-Identifier: Apache-2.0
#include "measure/benchmark.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/error.h"
#include "base/resources.h"
#include "measure/bandwidth_probe.h"
#include "measure/timed_passes.h"

namespace pangu {
namespace {

constexpr int64_t kVerifyTokens = 8;

class Bench {
 public:
  Bench(const LanguageModel& model, const BenchOptions& options, Context& ctx)
      : model_(model),
        options_(options),
        ctx_(ctx),
        passes_(model, work_of(options, ctx), kVerifyTokens, ctx),
        probe_(ctx, options.bandwidth_block_bytes) {
    result_.peak_arithmetic = peak_arithmetic(model, ctx);
    result_.prefill_cost = passes_.prefill_cost();
    result_.decode_cost = passes_.decode_cost();
  }

  BenchResult run() {
    passes_.warm_up();
    for (int r = 0; r < options_.repetitions; ++r) {
      report(r);
      passes_.begin();
      run_prefill();
      if (r == 0) take_memory();
      run_decode();
      if (r == 0) take_memory();
      if (r + 1 == options_.repetitions && options_.verify) measure_verify();
      passes_.end();
    }
    report(options_.repetitions);
    result_.other_load = load_.load();
    result_.prefill_tokens_per_s = spread_of(prefill_);
    result_.decode_tokens_per_s = spread_of(decode_);
    result_.read_bandwidth_bytes_per_s = spread_of(bandwidth_);
    result_.peak_ops_per_s = spread_of(peak_);
    result_.bandwidth_probes = spread_of(bandwidth_probes_);
    result_.peak_probes = spread_of(peak_probes_);
    result_.decode_bandwidth_share = spread_of(decode_share_);
    result_.prefill_peak_share = spread_of(prefill_share_);
    return std::move(result_);
  }

 private:
  void report(int done) const {
    if (options_.progress) options_.progress("measuring", done, options_.repetitions);
  }

  /// The peak is wanted even where there is no prefill to compare with it.
  void run_prefill() {
    const double before = measure_peak();
    if (options_.prompt_tokens > 0) prefill_.push_back(passes_.prefill());
    peak_.push_back((before + measure_peak()) / 2);
    if (options_.prompt_tokens > 0) {
      prefill_share_.push_back(prefill_.back() * result_.prefill_cost.ops() / peak_.back());
    }
  }

  void run_decode() {
    const double before = measure_bandwidth();
    if (options_.decode_tokens > 0) decode_.push_back(passes_.decode());
    bandwidth_.push_back((before + measure_bandwidth()) / 2);
    if (options_.decode_tokens > 0) {
      decode_share_.push_back(decode_.back() * result_.decode_cost.bytes() / bandwidth_.back());
    }
  }

  /// Called before the probe exists, and once again with it, when every page of the cache that the
  /// measurement needs has been filled.
  void take_memory() {
    BenchMemory& m = result_.memory;
    KvCache& cache = passes_.cache();
    const int64_t probe = probe_.block_bytes();
    m.resident_bytes = std::max<int64_t>(resident_bytes() - probe, 0);
    m.peak_bytes = std::max(m.peak_bytes, probe > 0 ? m.resident_bytes : peak_rss_bytes());
    m.weight_bytes = weight_bytes(model_);
    m.cache_bytes = 0;
    const auto page =
        static_cast<int64_t>(KvStorage::page_bytes(cache.storage().shape(), ctx_.device()));
    for (const SequenceId id : passes_.sequences()) {
      m.cache_bytes += (cache.length(id) + kPagePositions - 1) / kPagePositions * page;
    }
  }

  double measure_bandwidth() {
    bandwidth_probes_.push_back(probe_.measure());
    result_.bandwidth_block_bytes = probe_.block_bytes();
    return bandwidth_probes_.back();
  }

  double measure_peak() {
    peak_probes_.push_back(
        ctx_.device().peak_operations(result_.peak_arithmetic, 0.15, ctx_.executor()));
    return peak_probes_.back();
  }

  /// Rounds over all sizes, so that drift hits them alike; the fastest pass of each size counts.
  void measure_verify() {
    std::array<double, kVerifyTokens> best{};
    best.fill(1e30);
    const SequenceId id = passes_.sequences().front();
    const int64_t length = passes_.cache().length(id);
    for (int round = 0; round < 5; ++round) {
      for (int64_t n = 1; n <= kVerifyTokens; ++n) {
        double& slot = best[static_cast<std::size_t>(n - 1)];
        slot = std::min(slot, passes_.pass(id, n, Logits::kAll));
        passes_.cache().truncate(id, length);
      }
    }
    for (const double seconds : best) result_.verify_cost.push_back(seconds / best[0]);
  }

  const LanguageModel& model_;
  const BenchOptions& options_;
  Context& ctx_;
  TimedPasses passes_;
  OtherLoadMeter load_;
  BandwidthProbe probe_;  ///< its block is made when first needed: it must not count as the model's
  std::vector<double> prefill_, decode_, bandwidth_, peak_, prefill_share_, decode_share_;
  std::vector<double> bandwidth_probes_, peak_probes_;
  BenchResult result_;
};

}  // namespace

Arithmetic peak_arithmetic(const LanguageModel& model, const Context& ctx) {
  const WeightFormat format = model.product(0, TensorInput::kAttentionNorm).parts.front().format();
  return ctx.device().arithmetic_of(format, ctx.dtype(), ctx.isa());
}

PassWork work_of(const BenchOptions& o, const Context& ctx) {
  return {.prompt_tokens = o.prompt_tokens,
          .decode_tokens = o.decode_tokens,
          .batch = o.batch,
          .kv = o.kv.value_or(exact_kv_format(ctx.dtype())),
          .check = o.check};
}

Spread spread_of(std::vector<double> values) {
  if (values.empty()) return {};
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  const double median =
      values.size() % 2 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
  return {median, values.front(), values.back()};
}

Json json_of(const Spread& s) {
  return {{"median", s.median}, {"min", s.min}, {"max", s.max}};
}

void check_bench_options(const BenchOptions& options) {
  if (options.prompt_tokens < 0 || options.decode_tokens < 0 ||
      options.prompt_tokens + options.decode_tokens == 0 || options.batch < 1 ||
      options.repetitions < 1) {
    fail<ConfigError>(
        "[bench] {} prompt tokens, {} decoded tokens, {} sequences, {} repetitions: one of the "
        "first two and both of the others must be positive.",
        options.prompt_tokens, options.decode_tokens, options.batch, options.repetitions);
  }
}

BenchResult run_benchmark(const LanguageModel& model, const BenchOptions& options, Context& ctx) {
  check_bench_options(options);
  return Bench(model, options, ctx).run();
}

}  // namespace pangu
