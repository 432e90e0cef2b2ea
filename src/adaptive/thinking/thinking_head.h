// SPDX-License-Identifier: Apache-2.0
// The head of a probe that says what thinking is worth for a request.
#pragma once

#include <span>
#include <string_view>

#include "adaptive/intent/probe/probe.h"
#include "adaptive/thinking/outcomes.h"

namespace pangu::adaptive {

inline constexpr std::string_view kThinkingHead = "thinking";

/// Its classes: which mode is right where the other is not. A class that no training item had may
/// be missing, but kEitherClass.
inline constexpr std::string_view kSlowClass = "slow", kFastClass = "fast", kEitherClass = "either";

std::string_view thinking_class(const ThinkingOutcome& outcome);

/// What a head says of one request.
struct ThinkingOdds {
  double gain = 0;  ///< probability that slow is right and fast is not
  double loss = 0;  ///< that fast is right and slow is not

  /// How likely slow is the better one, where equal counts half: what the threshold is about.
  double score() const { return (1 + gain - loss) / 2; }
};

/// From the probabilities of the head's classes.
ThinkingOdds thinking_odds(const Head& head, std::span<const double> probabilities);

/// Throws ConfigError unless the classes are those above; `file` names the probe.
void require_thinking_head(const Head& head, std::string_view file);

/// A head that says the same of every request, where there was nothing to learn.
Head constant_thinking_head(const ThinkingOdds& odds);

/// Whether its threshold decides, whatever it is asked: no features need to be read.
bool always_thinks(const Head& head);
bool never_thinks(const Head& head);

}  // namespace pangu::adaptive
