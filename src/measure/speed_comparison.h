// SPDX-License-Identifier: Apache-2.0
// Speed of several models side by side, in one run: before and after pruning, in one format of
// weights and another. A shared machine's speed drifts by more than such things change, so the
// models take turns, and each is compared with the first within a round.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "io/json.h"
#include "measure/benchmark.h"

namespace pangu {

struct SpeedSubject {
  std::string name;
  const LanguageModel* model = nullptr;
};

struct ModelSpeed {
  std::string name;
  Spread prefill_tokens_per_s, decode_tokens_per_s;
  /// Of each round, this model's rate over the first model's: 1.25 is a quarter faster. Of the
  /// first one 1.
  Spread prefill_ratio, decode_ratio;
  TokenCost prefill_cost, decode_cost;  ///< per token: operations, bytes that have to be read
  int64_t weight_bytes = 0;             ///< packed weights in memory
  int64_t parameters = 0;               ///< as the config counts them
};

/// Measures `options.repetitions` rounds; in each, every model reads its prompt, and then every
/// model goes on. Who begins changes from round to round, so that with a multiple of the number of
/// models as repetitions none has an advantage. `options.verify` has no meaning here.
/// Every model has a cache of its own beside the weights.
/// Throws ConfigError as check_bench_options does and if there is no model, OutOfMemory if the
/// caches do not fit.
std::vector<ModelSpeed> compare_speed(std::span<const SpeedSubject> models,
                                      const BenchOptions& options, Context& ctx);

/// A table of GitHub's Markdown, newline at the end: rates as medians, ratios with the smallest and
/// the largest of all rounds. What was not measured is a dash.
std::string speed_markdown(std::span<const ModelSpeed> speeds);

/// A list of {"name", "prefill_tokens_per_s", "decode_tokens_per_s", "prefill_ratio",
/// "decode_ratio", each {"median", "min", "max"}, "prefill_ops_per_token", "decode_ops_per_token",
/// "prefill_bytes_per_token", "decode_bytes_per_token", "weight_bytes", "parameters"}.
Json speed_json(std::span<const ModelSpeed> speeds);

}  // namespace pangu
