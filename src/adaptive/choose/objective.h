// SPDX-License-Identifier: Apache-2.0
// What a user wants of a model, and what it must keep to.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace pangu::adaptive {

enum class Objective : std::uint8_t {
  kLatency,     ///< seconds from a question to the end of its answer
  kThroughput,  ///< answers per second, of many asked at once
  kMemory,      ///< resident bytes
  kBalanced     ///< geometric mean of seconds per answer and bytes
};

std::span<const Objective> objectives();
/// "latency", "throughput", "memory", "balanced".
std::string_view name(Objective objective);
/// Throws ConfigError for another name.
Objective parse_objective(std::string_view name);

struct Constraints {
  double min_quality = 0.98;               ///< share of the original's score that has to be kept
  std::optional<std::int64_t> max_memory;  ///< resident bytes
  std::optional<double> max_first_token;   ///< seconds to the first token of an answer
  std::optional<double> min_speed;         ///< tokens per second of one reply
};

}  // namespace pangu::adaptive
