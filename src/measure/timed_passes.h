// SPDX-License-Identifier: Apache-2.0
// Random tokens through a model, with a clock beside them: what benchmarks of speed consist of.
#pragma once

#include <functional>
#include <random>
#include <vector>

#include "measure/benchmark_cost.h"
#include "models/language_model.h"
#include "runtime/cache/kv_cache.h"

namespace pangu {

/// The work of one measurement.
struct PassWork {
  int64_t prompt_tokens = 512;  ///< per sequence
  int64_t decode_tokens = 64;   ///< per sequence
  int64_t batch = 1;            ///< sequences at once
  KvFormat kv = KvFormat::kBF16;
  /// Called before every sequence and pass, and may throw to end the work; may be empty.
  std::function<void()> check;
};

/// A model with a cache of its own. Model and context must outlive it.
class TimedPasses {
 public:
  /// Room for the work, and `spare` positions more in each sequence. Throws OutOfMemory.
  TimedPasses(const LanguageModel& model, const PassWork& work, int64_t spare, Context& ctx);

  /// Passes over a few tokens, whose time nobody takes: pages come in, threads wake up.
  void warm_up();

  /// Makes the sequences of the batch, all empty. There must be none.
  void begin();
  /// Tokens per second over all sequences, while these read their prompts one after the other.
  double prefill();
  /// The same while all of them together are continued token by token.
  double decode();
  /// Forgets the sequences.
  void end();

  TokenCost prefill_cost() const;
  TokenCost decode_cost() const;

  const std::vector<SequenceId>& sequences() const { return sequences_; }
  KvCache& cache() { return cache_; }
  /// One pass over `n` more tokens of a sequence; returns its seconds.
  double pass(SequenceId id, int64_t n, Logits logits);

 private:
  std::vector<TokenId> tokens(int64_t n);
  void check() const {
    if (work_.check) work_.check();
  }
  void forward(const Batch& batch) {
    check();
    model_.forward(batch, cache_.storage(), ctx_);
  }
  double position_bytes() const;

  const LanguageModel& model_;
  PassWork work_;
  Context& ctx_;
  KvCache cache_;
  std::vector<SequenceId> sequences_;
  std::mt19937_64 rng_{1};
};

}  // namespace pangu
