// SPDX-License-Identifier: Apache-2.0
// The check of a choice on items that had no part in it, and the step back where it fails.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "adaptive/choose/recommend.h"
#include "adaptive/explore/laboratory.h"

namespace pangu::adaptive {

/// One candidate on the items that were kept back.
struct HeldOutCheck {
  std::string kind, strategy;
  PairedCounts pairs;
  eval::Interval promised;  ///< where pairs.kept() had to lie, with 95 %
  bool holds = false;
};

struct CheckedChoice {
  Candidate candidate;
  std::vector<HeldOutCheck> checks;  ///< the last one is the candidate's; none where nothing tells
  /// All that keep to the constraints, in the order of the list, but those that broke the promise.
  std::vector<Candidate> accepted;
};

/// Chooses among candidates of a task, checks, and goes on with the next one where the promise is
/// broken. The baseline needs no check. Nothing where no candidate keeps to the constraints.
std::optional<CheckedChoice> choose_checked(const std::vector<Candidate>& list, const Goal& goal,
                                            const KindTask& task, Laboratory& laboratory,
                                            const std::function<void(const std::string&)>& say);

/// The same decision with the answers at hand: `answers` gives those of a strategy's variant to the
/// items that were kept back, by item.
using HeldOutAnswers = std::function<std::vector<AnswerFigures>(const Variant&, Thinking)>;
std::optional<CheckedChoice> choose_checked(const std::vector<Candidate>& list, const Goal& goal,
                                            const std::string& kind, const HeldOutAnswers& answers,
                                            const std::function<void(const std::string&)>& say);

}  // namespace pangu::adaptive
