// SPDX-License-Identifier: Apache-2.0
// What to measure next, from what was measured: a pure function, so that a run that was stopped, a
// second run and a run with more time all go on where the figures end.
//
// Decisions are races. Of each goal, the candidate that would be cheapest answers items as long as
// its quality is open; where it is lost, the next cheapest takes its place. What is never the
// cheapest that could be chosen answers nothing, however many variants there are.
// Compare: Even-Dar et al. 2006, "Action elimination and stopping conditions for the multi-armed
// bandit and reinforcement learning problems" (JMLR 7); here the order of costs is known and only
// the constraint is uncertain.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "adaptive/choose/recommend.h"
#include "adaptive/profile/profile_data.h"

namespace pangu::adaptive {

/// What may be measured, and the decisions that it is measured for.
struct Scope {
  std::vector<std::int64_t> variants;  ///< ids, those with the best hope first; the original's too
  std::vector<Thinking> thinkings;     ///< beside the model's own way
  std::vector<SpeculationMode> speculation;  ///< beside none
  std::vector<Goal> goals;                   ///< for every kind
  std::int64_t chunk = 24;                   ///< items that are answered between two looks
  double max_divergence = kMaxDivergence;
  bool divergence = true;   ///< whether there is text to measure it on
  bool exhaustive = false;  ///< everything, whatever hangs on it: what regret is measured against
};

enum class Step : std::uint8_t { kSpeed, kDivergence, kAnswers, kSpeculation };

struct Work {
  Step step = Step::kSpeed;
  std::int64_t variant = 0;
  std::int64_t task = 0;  ///< of answers and speculation
  Thinking thinking = Thinking::kDefault;
  std::int64_t first = 0, count = 0;  ///< of answers: items
  bool operator==(const Work&) const = default;
};

/// Nothing once all decisions are made.
std::optional<Work> next_work(const ProfileData& data, const Scope& scope);

/// Whether every variant's speed is known: from then on there is an answer for any constraint but
/// that of quality.
bool knows_speeds(const ProfileData& data, const Scope& scope);

/// Work that is left at most, and at least if every race ends with its first candidate.
struct WorkLeft {
  std::int64_t speeds = 0, divergences = 0;
  std::int64_t answers_least = 0, answers_most = 0;  ///< items
};
WorkLeft work_left(const ProfileData& data, const Scope& scope);

}  // namespace pangu::adaptive
