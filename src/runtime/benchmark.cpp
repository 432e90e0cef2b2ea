// SPDX-License-Identifier: Apache-2.0
#include "runtime/benchmark.h"

#include <algorithm>
#include <array>
#include <random>
#include <utility>

#include "base/resources.h"
#include "kernels/roofline/roofline.h"
#include "runtime/generator.h"
#include "runtime/kv_cache.h"

namespace pangu {
namespace {

constexpr int64_t kVerifyTokens = 8;

/// Multiply-adds of one token, twice: every weight is used once.
double ops_per_token(const ModelConfig& c) {
  const ParameterCount n = parameter_count(c);
  return 2.0 * static_cast<double>(n.attention + n.mlp);
}

class Bench {
 public:
  Bench(const Decoder& model, const BenchOptions& options, Context& ctx)
      : model_(model),
        options_(options),
        ctx_(ctx),
        cache_(model.kv_shape(ctx.dtype()),
               (options.prompt_tokens + options.decode_tokens + kVerifyTokens + 32) * options.batch,
               ctx.shared_device()),
        probe_(allocate_buffer(ctx.shared_device(), probe_bytes())) {
    // Every page must be there, and none may be the shared zero page.
    std::fill(probe_->data(), probe_->data() + probe_->bytes(), std::byte{1});
  }

  BenchResult run() {
    warm_up();
    std::vector<double> prefill, decode, bandwidth, peak, decode_share, prefill_share;
    const double ops = ops_per_token(model_.config());
    const double bytes = bytes_per_pass() / static_cast<double>(options_.batch);
    for (int r = 0; r < options_.repetitions; ++r) {
      report(r);
      for (int64_t s = 0; s < options_.batch; ++s) sequences_.push_back(cache_.create());
      if (options_.prompt_tokens > 0) {
        const double before = measure_peak();
        prefill.push_back(measure_prefill());
        peak.push_back((before + measure_peak()) / 2);
        prefill_share.push_back(prefill.back() * ops / peak.back());
      }
      if (options_.decode_tokens > 0) {
        const double before = measure_bandwidth();
        decode.push_back(measure_decode());
        bandwidth.push_back((before + measure_bandwidth()) / 2);
        decode_share.push_back(decode.back() * bytes / bandwidth.back());
      }
      if (r + 1 == options_.repetitions && options_.verify) measure_verify();
      release();
    }
    report(options_.repetitions);
    return {.prefill_tokens_per_s = spread_of(prefill),
            .decode_tokens_per_s = spread_of(decode),
            .read_bandwidth_bytes_per_s = spread_of(bandwidth),
            .peak_ops_per_s = spread_of(peak),
            .prefill_ops_per_token = ops,
            .decode_bytes_per_token = bytes,
            .decode_bandwidth_share = spread_of(decode_share),
            .prefill_peak_share = spread_of(prefill_share),
            .verify_cost = std::move(verify_cost_)};
  }

 private:
  static std::size_t probe_bytes() {
    return std::min<std::size_t>(std::size_t{512} << 20,
                                 static_cast<std::size_t>(total_memory_bytes()) / 8);
  }

  void report(int done) const {
    if (options_.progress) options_.progress("measuring", done, options_.repetitions);
  }

  /// Weights, and the cache at the middle of the decoded stretch.
  double bytes_per_pass() const {
    const ModelConfig& c = model_.config();
    const double context = static_cast<double>(options_.prompt_tokens) +
                           static_cast<double>(options_.decode_tokens) / 2;
    const double position_bytes = 2.0 *
                                  static_cast<double>(c.n_layers * c.n_kv_heads * c.head_dim) *
                                  static_cast<double>(size_bytes(ctx_.dtype()));
    return static_cast<double>(weight_bytes(model_)) +
           static_cast<double>(options_.batch) * context * position_bytes;
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
    double best = 0;
    for (int i = 0; i < 3; ++i) {
      best = std::max(best,
                      kernels::read_bandwidth({probe_->data(), probe_->bytes()}, ctx_.executor()));
    }
    return best;
  }

  double measure_peak() { return kernels::peak_operations(ctx_.dtype(), 0.15, ctx_.executor()); }

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
    for (const double seconds : best) verify_cost_.push_back(seconds / best[0]);
  }

  void release() {
    for (const SequenceId id : sequences_) cache_.release(id);
    sequences_.clear();
  }

  const Decoder& model_;
  const BenchOptions& options_;
  Context& ctx_;
  KvCache cache_;
  std::shared_ptr<Buffer> probe_;
  std::vector<SequenceId> sequences_;
  std::vector<double> verify_cost_;
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

int64_t weight_bytes(const Decoder& model) {
  const Decoder::Weights& w = model.weights();
  const auto bias_bytes = [](const Linear& l) {
    return l.bias.defined() ? l.bias.count() * int64_t{4} : int64_t{0};
  };
  int64_t bytes = static_cast<int64_t>(w.head.bytes()) + w.final_norm.count() * 4;
  for (const DecoderLayer& l : w.layers) {
    for (const Linear* m : {&l.qkv, &l.o, &l.gate_up, &l.down}) {
      bytes += static_cast<int64_t>(m->bytes()) + bias_bytes(*m);
    }
    bytes += (l.attn_norm.count() + l.mlp_norm.count()) * 4;
  }
  return bytes;
}

BenchResult run_benchmark(const Decoder& model, const BenchOptions& options, Context& ctx) {
  if (options.prompt_tokens < 0 || options.decode_tokens < 0 ||
      options.prompt_tokens + options.decode_tokens == 0 || options.batch < 1 ||
      options.repetitions < 1) {
    fail<ConfigError>(
        "[bench] {} prompt tokens, {} decoded tokens, {} sequences, {} repetitions: one of the "
        "first two and both of the others must be positive.",
        options.prompt_tokens, options.decode_tokens, options.batch, options.repetitions);
  }
  return Bench(model, options, ctx).run();
}

}  // namespace pangu
