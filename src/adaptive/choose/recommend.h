// SPDX-License-Identifier: Apache-2.0
// The choice between strategies: the cheapest that keeps to the constraints, by what was measured.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "adaptive/choose/candidates.h"
#include "adaptive/choose/objective.h"

namespace pangu::adaptive {

/// Why a candidate is not taken, the first that holds.
enum class Obstacle : std::uint8_t {
  kNone,
  kMemory,      ///< beyond Constraints::max_memory
  kFirstToken,  ///< beyond max_first_token
  kSpeed,       ///< below min_speed
  kQuality,     ///< lost or missed
  kOpen         ///< nobody knows yet whether it keeps the quality
};

Obstacle obstacle(const Candidate& candidate, const Constraints& constraints);

struct Goal {
  Objective objective = Objective::kBalanced;
  Constraints constraints;
};

/// One candidate among others.
struct Ranked {
  const Candidate* candidate = nullptr;
  double cost = 0;
  Quality quality = Quality::kKept;
};

/// A candidate that would have been taken before the choice, or may be once its quality is no
/// longer open, but for the one constraint that forbids it.
struct Alternative {
  Ranked choice;
  Obstacle obstacle = Obstacle::kNone;
  /// The value of the constraint from which on it would be taken; of kOpen its score so far.
  double needed = 0;
};

struct Recommendation {
  Ranked choice;
  std::vector<Ranked> runners_up;  ///< the next ones that keep to the constraints, cheapest first
  /// Cheaper ones that do not, the cheapest of each obstacle.
  std::vector<Alternative> alternatives;
  /// The cheapest that may be cheaper than the choice once more items were answered.
  const Candidate* open = nullptr;
};

/// Nothing where no candidate keeps to the constraints; `nearest` then has, for each constraint
/// that is broken, the candidate that comes nearest to it: of those that break no other, where
/// there are any. Of equal costs the earlier candidate wins. Pointers are into `list`.
struct Decision {
  std::optional<Recommendation> recommendation;
  std::vector<Alternative> nearest;
};
Decision decide(const std::vector<Candidate>& list, const Goal& goal);

/// The cheapest candidate that is not ruled out, whose quality may be open: the one on which the
/// decision hangs. Null where all are ruled out.
const Candidate* leader(const std::vector<Candidate>& list, const Goal& goal);

}  // namespace pangu::adaptive
