// SPDX-License-Identifier: Apache-2.0
// Speed of a model on this machine, beside what the machine gives at best in the same minute.
#pragma once

#include <vector>

#include "base/progress.h"
#include "models/decoder.h"

namespace pangu {

struct BenchOptions {
  int64_t prompt_tokens = 512;  ///< per sequence
  int64_t decode_tokens = 64;   ///< per sequence
  int64_t batch = 1;            ///< sequences at once
  int repetitions = 3;
  bool verify = true;  ///< measure the cost of passes over 1 to 8 tokens
  ProgressFn progress;
};

/// Median, smallest and largest of the repetitions.
struct Spread {
  double median = 0, min = 0, max = 0;
};
Spread spread_of(std::vector<double> values);

/// Rates count all sequences together. Shares compare each repetition with rooflines measured right
/// before and after it, because a shared machine's speed drifts.
struct BenchResult {
  Spread prefill_tokens_per_s, decode_tokens_per_s;
  Spread read_bandwidth_bytes_per_s, peak_ops_per_s;
  double prefill_ops_per_token = 0;   ///< of the matrix products; attention is not counted
  double decode_bytes_per_token = 0;  ///< weights and cache read in one pass, over its tokens
  Spread decode_bandwidth_share, prefill_peak_share;
  std::vector<double> verify_cost;  ///< seconds for 1..8 tokens over seconds for one
};

/// Runs on random token ids. Throws OutOfMemory if the cache does not fit, ConfigError for counts
/// that are not positive.
BenchResult run_benchmark(const Decoder& model, const BenchOptions& options, Context& ctx);

/// Bytes of all packed weights that a decoding pass reads.
int64_t weight_bytes(const Decoder& model);

}  // namespace pangu
