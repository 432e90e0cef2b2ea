// SPDX-License-Identifier: Apache-2.0
// Speed of a model on this machine, beside what the machine gives at best in the same minute.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "base/processor_time.h"
#include "base/progress.h"
#include "io/json.h"
#include "measure/benchmark_cost.h"
#include "measure/timed_passes.h"
#include "models/language_model.h"
#include "tensor/arithmetic.h"

namespace pangu {

struct BenchOptions {
  int64_t prompt_tokens = 512;  ///< per sequence
  int64_t decode_tokens = 64;   ///< per sequence
  int64_t batch = 1;            ///< sequences at once
  int repetitions = 3;
  std::optional<KvFormat> kv;  ///< of the cache; by default that of the arithmetic
  bool verify = true;          ///< measure the cost of passes over 1 to 8 tokens
  /// What the bandwidth is measured on; 0: what caches hold half of at most.
  int64_t bandwidth_block_bytes = 0;
  ProgressFn progress;
  std::function<void()> check;  ///< called before every pass; may be empty, may throw to end it all
};

/// The work of a measurement with these options.
PassWork work_of(const BenchOptions& options, const Context& ctx);

/// Median, smallest and largest of the repetitions.
struct Spread {
  double median = 0, min = 0, max = 0;
};
Spread spread_of(std::vector<double> values);
Json json_of(const Spread& spread);  ///< {"median", "min", "max"}

/// What the measured work takes, without the block that bandwidth is measured on.
struct BenchMemory {
  int64_t peak_bytes = 0;      ///< largest resident set since the process began
  int64_t resident_bytes = 0;  ///< resident set once the cache has been filled
  int64_t weight_bytes = 0;    ///< packed weights
  int64_t cache_bytes = 0;     ///< pages of the cache that were filled
};

/// Rates count all sequences together. Shares compare each repetition with rooflines measured right
/// before and after it, because a shared machine's speed drifts.
struct BenchResult {
  Spread prefill_tokens_per_s, decode_tokens_per_s;
  Spread read_bandwidth_bytes_per_s, peak_ops_per_s;
  /// Every measurement of the two, of which those above are means of two each.
  Spread bandwidth_probes, peak_probes;
  int64_t bandwidth_block_bytes = 0;  ///< what the bandwidth was measured on
  /// What peak_ops_per_s was measured in: int8 for weights whose kernels multiply int8 by int8,
  /// the context's type otherwise, as far as the instruction set has it.
  Arithmetic peak_arithmetic = Arithmetic::kF32;
  TokenCost prefill_cost, decode_cost;
  Spread decode_bandwidth_share;  ///< bytes that had to be read, of those that can be
  Spread prefill_peak_share;      ///< operations that had to be done, of those that can be
  BenchMemory memory;
  std::optional<OtherLoad> other_load;  ///< all the while; nothing where the system does not tell
  std::vector<double> verify_cost;      ///< seconds for 1..8 tokens over seconds for one
};

/// The arithmetic that a model's share of the peak refers to: that of its layers' products.
Arithmetic peak_arithmetic(const LanguageModel& model, const Context& ctx);

/// Throws ConfigError for counts that are not positive.
void check_bench_options(const BenchOptions& options);

/// Runs on random token ids. Throws OutOfMemory if the cache does not fit, ConfigError as
/// check_bench_options does.
BenchResult run_benchmark(const LanguageModel& model, const BenchOptions& options, Context& ctx);

}  // namespace pangu
