// SPDX-License-Identifier: Apache-2.0
#include "adaptive/choose/objective.h"

#include <iterator>

#include "base/clipped.h"
#include "base/error.h"

namespace pangu::adaptive {
namespace {

constexpr Objective kObjectives[] = {Objective::kLatency, Objective::kThroughput,
                                     Objective::kMemory, Objective::kBalanced};
constexpr std::string_view kObjectiveNames[] = {"latency", "throughput", "memory", "balanced"};

}  // namespace

std::span<const Objective> objectives() {
  return kObjectives;
}

std::string_view name(Objective objective) {
  return kObjectiveNames[static_cast<std::size_t>(objective)];
}

Objective parse_objective(std::string_view name) {
  for (const Objective objective : kObjectives) {
    if (pangu::adaptive::name(objective) == name) return objective;
  }
  fail<ConfigError>(
      "[recommend] '{}' is no objective. Expected latency, throughput, memory or balanced.",
      clipped(name));
}

}  // namespace pangu::adaptive
