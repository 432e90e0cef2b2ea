// SPDX-License-Identifier: Apache-2.0
#include "runtime/benchmark.h"

#include <algorithm>
#include <array>
#include <random>
#include <utility>

#include "base/resources.h"
#include "kernels/linear/linear.h"
#include "runtime/generator.h"
#include "runtime/kv_cache.h"

namespace pangu {
namespace {

constexpr int64_t kVerifyTokens = 8;

/// The arithmetic that a model's share of the peak refers to.
kernels::Arithmetic arithmetic_of(const Decoder& model, const Context& ctx) {
  using kernels::Arithmetic;
  const WeightFormat format = model.weights().layers.front().qkv.parts.front().format();
  const auto form = kernels::linear_kernel(format, ctx.dtype(), ctx.isa()).form;
  if (form >= kernels::InputForm::kInt8) return Arithmetic::kInt8;
  return kernels::native_arithmetic(
      ctx.dtype() == DType::kBF16 ? Arithmetic::kBF16 : Arithmetic::kF32, ctx.isa());
}

class Bench {
 public:
  Bench(const Decoder& model, const BenchOptions& options, Context& ctx)
      : model_(model),
        options_(options),
        ctx_(ctx),
        cache_(model.kv_shape(options.kv.value_or(exact_kv_format(ctx.dtype()))),
               (options.prompt_tokens + options.decode_tokens + kVerifyTokens + 32) * options.batch,
               ctx.shared_device()) {
    const double position_bytes = KvStorage::position_bytes(cache_.storage().shape());
    result_.peak_arithmetic = arithmetic_of(model, ctx);
    result_.prefill_cost =
        prefill_cost(model, position_bytes, options.prompt_tokens, kPrefillChunk);
    result_.decode_cost = decode_cost(model, position_bytes, options.prompt_tokens,
                                      options.decode_tokens, options.batch);
  }

  BenchResult run() {
    warm_up();
    for (int r = 0; r < options_.repetitions; ++r) {
      report(r);
      for (int64_t s = 0; s < options_.batch; ++s) sequences_.push_back(cache_.create());
      run_prefill();
      if (r == 0) take_memory();
      run_decode();
      if (r == 0) take_memory();
      if (r + 1 == options_.repetitions && options_.verify) measure_verify();
      release();
    }
    report(options_.repetitions);
    result_.prefill_tokens_per_s = spread_of(prefill_);
    result_.decode_tokens_per_s = spread_of(decode_);
    result_.read_bandwidth_bytes_per_s = spread_of(bandwidth_);
    result_.peak_ops_per_s = spread_of(peak_);
    result_.decode_bandwidth_share = spread_of(decode_share_);
    result_.prefill_peak_share = spread_of(prefill_share_);
    return std::move(result_);
  }

 private:
  static std::size_t probe_bytes() {
    return std::min<std::size_t>(std::size_t{512} << 20,
                                 static_cast<std::size_t>(total_memory_bytes()) / 8);
  }

  void report(int done) const {
    if (options_.progress) options_.progress("measuring", done, options_.repetitions);
  }

  /// The peak is wanted even where there is no prefill to compare with it.
  void run_prefill() {
    const double before = measure_peak();
    if (options_.prompt_tokens > 0) prefill_.push_back(measure_prefill());
    peak_.push_back((before + measure_peak()) / 2);
    if (options_.prompt_tokens > 0) {
      prefill_share_.push_back(prefill_.back() * result_.prefill_cost.ops() / peak_.back());
    }
  }

  void run_decode() {
    const double before = measure_bandwidth();
    if (options_.decode_tokens > 0) decode_.push_back(measure_decode());
    bandwidth_.push_back((before + measure_bandwidth()) / 2);
    if (options_.decode_tokens > 0) {
      decode_share_.push_back(decode_.back() * result_.decode_cost.bytes() / bandwidth_.back());
    }
  }

  /// Called before the probe exists, and once again with it, when every page of the cache that the
  /// measurement needs has been filled.
  void take_memory() {
    BenchMemory& m = result_.memory;
    const auto probe = static_cast<int64_t>(probe_ ? probe_->bytes() : 0);
    m.resident_bytes = std::max<int64_t>(resident_bytes() - probe, 0);
    m.peak_bytes = std::max(m.peak_bytes, probe_ ? m.resident_bytes : peak_rss_bytes());
    m.weight_bytes = weight_bytes(model_);
    m.cache_bytes = 0;
    const auto page = static_cast<int64_t>(KvStorage::page_bytes(cache_.storage().shape()));
    for (const SequenceId id : sequences_) {
      m.cache_bytes +=
          (cache_.length(id) + kernels::kPagePositions - 1) / kernels::kPagePositions * page;
    }
  }

  std::vector<TokenId> tokens(int64_t n) {
    std::vector<TokenId> ids(static_cast<std::size_t>(n));
    const auto vocab = static_cast<std::uint64_t>(model_.config().vocab_size);
    for (TokenId& id : ids) id = static_cast<TokenId>(rng_() % vocab);
    return ids;
  }

  void forward(const Batch& batch) { model_.forward(batch, cache_.storage(), ctx_); }

  void warm_up() {
    const SequenceId id = cache_.create();
    for (const int64_t n : {int64_t{16}, int64_t{1}}) {
      Batch batch;
      cache_.append(id, tokens(n), Logits::kLast, batch);
      forward(batch);
    }
    cache_.release(id);
  }

  double measure_bandwidth() {
    if (!probe_) {
      probe_ = allocate_buffer(ctx_.shared_device(), probe_bytes());
      // Every page must be there, and none may be the shared zero page.
      std::fill(probe_->data(), probe_->data() + probe_->bytes(), std::byte{1});
    }
    double best = 0;
    for (int i = 0; i < 3; ++i) {
      best = std::max(best,
                      kernels::read_bandwidth({probe_->data(), probe_->bytes()}, ctx_.executor()));
    }
    return best;
  }

  double measure_peak() {
    return kernels::peak_operations(result_.peak_arithmetic, 0.15, ctx_.executor());
  }

  double measure_prefill() {
    const Stopwatch watch;
    for (const SequenceId id : sequences_) {
      for (int64_t done = 0; done < options_.prompt_tokens;) {
        const int64_t n = std::min(kPrefillChunk, options_.prompt_tokens - done);
        done += n;
        Batch batch;
        cache_.append(id, tokens(n), done == options_.prompt_tokens ? Logits::kLast : Logits::kNone,
                      batch);
        forward(batch);
      }
    }
    return static_cast<double>(options_.prompt_tokens * options_.batch) / watch.seconds();
  }

  double measure_decode() {
    const Stopwatch watch;
    for (int64_t i = 0; i < options_.decode_tokens; ++i) {
      Batch batch;
      for (const SequenceId id : sequences_) cache_.append(id, tokens(1), Logits::kLast, batch);
      forward(batch);
    }
    return static_cast<double>(options_.decode_tokens * options_.batch) / watch.seconds();
  }

  /// Rounds over all sizes, so that drift hits them alike; the fastest pass of each size counts.
  void measure_verify() {
    std::array<double, kVerifyTokens> best{};
    best.fill(1e30);
    const SequenceId id = sequences_.front();
    const int64_t length = cache_.length(id);
    for (int round = 0; round < 5; ++round) {
      for (int64_t n = 1; n <= kVerifyTokens; ++n) {
        Batch batch;
        cache_.append(id, tokens(n), Logits::kAll, batch);
        const Stopwatch watch;
        forward(batch);
        double& slot = best[static_cast<std::size_t>(n - 1)];
        slot = std::min(slot, watch.seconds());
        cache_.truncate(id, length);
      }
    }
    for (const double seconds : best) result_.verify_cost.push_back(seconds / best[0]);
  }

  void release() {
    for (const SequenceId id : sequences_) cache_.release(id);
    sequences_.clear();
  }

  const Decoder& model_;
  const BenchOptions& options_;
  Context& ctx_;
  KvCache cache_;
  std::shared_ptr<Buffer> probe_;  ///< made when first needed: it must not count as the model's
  std::vector<SequenceId> sequences_;
  std::vector<double> prefill_, decode_, bandwidth_, peak_, prefill_share_, decode_share_;
  BenchResult result_;
  std::mt19937_64 rng_{1};
};

}  // namespace

Spread spread_of(std::vector<double> values) {
  if (values.empty()) return {};
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  const double median =
      values.size() % 2 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
  return {median, values.front(), values.back()};
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

BenchResult run_benchmark(const Decoder& model, const BenchOptions& options, Context& ctx) {
  check_bench_options(options);
  return Bench(model, options, ctx).run();
}

}  // namespace pangu
