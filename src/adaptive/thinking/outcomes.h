// SPDX-License-Identifier: Apache-2.0
// Items that a model answered both at once (fast) and after thinking (slow): what became of them,
// and what any way of choosing between the two would have come to.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "eval/statistics.h"

namespace pangu::adaptive {

/// One item, in both modes. Tokens are those of the whole reply, thinking and answer.
struct ThinkingOutcome {
  int task = 0;  ///< which list of items it is from, counted from 0
  bool fast_right = false, slow_right = false;
  std::int64_t fast_tokens = 0, slow_tokens = 0;
};

/// A way of choosing, on some items.
struct ModeScore {
  std::int64_t n = 0, right = 0, tokens = 0;
  std::int64_t slow = 0;  ///< items that were thought about

  void add(const ThinkingOutcome& outcome, bool slow_mode);
  double accuracy() const {
    return n > 0 ? static_cast<double>(right) / static_cast<double>(n) : 0;
  }
  double tokens_per_item() const {
    return n > 0 ? static_cast<double>(tokens) / static_cast<double>(n) : 0;
  }
  eval::Interval accuracy_ci95() const { return eval::wilson(right, n); }
};

/// Of one way of choosing over always slow, with paired bootstrap intervals.
struct RatioToSlow {
  double accuracy = 1;  ///< 1 where slow has nothing right
  eval::Interval accuracy_ci95{1, 1};
  double tokens = 1;
  eval::Interval tokens_ci95{1, 1};
};

struct ThinkingScore {
  ModeScore fast, slow;  ///< always
  ModeScore automatic;
  ModeScore oracle;  ///< knows the outcomes: the cheapest mode that is right, else the cheapest
  RatioToSlow fast_ratio, automatic_ratio, oracle_ratio;
};

/// `thinks[i]` says whether item i was thought about. The same for the same arguments.
ThinkingScore score_thinking(std::span<const ThinkingOutcome> outcomes,
                             std::span<const char> thinks, std::uint64_t seed = 0);

/// Whether somebody who knew the outcome would think.
bool oracle_thinks(const ThinkingOutcome& outcome);

}  // namespace pangu::adaptive
