// SPDX-License-Identifier: Apache-2.0
// From which prediction on to think: the cheapest choice that keeps what thinking is worth.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "adaptive/thinking/outcomes.h"

namespace pangu::adaptive {

/// Thresholds on a score from 0 to 1 that no prediction changes.
inline constexpr double kAlwaysThinks = 0, kNeverThinks = 2;

/// Of all thresholds (to think where the score reaches it), the one with the fewest tokens at which
/// every task keeps `keep` of the items that are right where all are thought about; of equals the
/// one that thinks least. There always is one: kAlwaysThinks keeps all. Between two scores it is in
/// the middle. Throws ShapeError unless there is one score for each outcome, InputError for a share
/// outside 0 to 1 and without outcomes.
double choose_thinking_threshold(std::span<const ThinkingOutcome> outcomes,
                                 std::span<const double> scores, double keep);

/// Decisions at thresholds that have not seen the items they decide on: the items of a fold are
/// judged by what choose_thinking_threshold() makes of all others. [N]
std::vector<char> cross_thresholds(std::span<const ThinkingOutcome> outcomes,
                                   std::span<const double> scores, std::span<const int> folds,
                                   double keep);

}  // namespace pangu::adaptive
