// SPDX-License-Identifier: Apache-2.0
#include "adaptive/thinking/thinking_head.h"

#include <algorithm>
#include <cmath>

#include "adaptive/intent/features/text_features.h"
#include "adaptive/thinking/threshold.h"
#include "base/error.h"

namespace pangu::adaptive {
namespace {

/// Stands for none, of which there is no logarithm.
constexpr double kLeastProbability = 1e-6;

bool is_thinking_class(std::string_view name) {
  return name == kSlowClass || name == kFastClass || name == kEitherClass;
}

}  // namespace

std::string_view thinking_class(const ThinkingOutcome& o) {
  if (o.slow_right == o.fast_right) return kEitherClass;
  return o.slow_right ? kSlowClass : kFastClass;
}

ThinkingOdds thinking_odds(const Head& head, std::span<const double> probabilities) {
  ThinkingOdds odds;
  for (std::size_t c = 0; c < head.classes.size(); ++c) {
    if (head.classes[c] == kSlowClass) odds.gain = probabilities[c];
    if (head.classes[c] == kFastClass) odds.loss = probabilities[c];
  }
  return odds;
}

void require_thinking_head(const Head& head, std::string_view file) {
  const bool has_either = std::ranges::find(head.classes, kEitherClass) != head.classes.end();
  if (has_either && std::ranges::all_of(head.classes, is_thinking_class)) return;
  fail<ConfigError>(
      "[thinking] {}: the head \"{}\" does not tell slow, fast and either apart. Make it anew: "
      "pangu intent thinking.",
      file, head.name);
}

Head constant_thinking_head(const ThinkingOdds& odds) {
  Head head{
      .name = std::string(kThinkingHead),
      .classes = {std::string(kEitherClass), std::string(kSlowClass), std::string(kFastClass)},
      .blocks = kSurfaceBlock};
  head.mu.assign(kSurfaceFeatures, 0.0f);
  head.sigma.assign(kSurfaceFeatures, 1.0f);
  head.weight.assign(head.classes.size() * kSurfaceFeatures, 0.0f);
  for (const double p : {1 - odds.gain - odds.loss, odds.gain, odds.loss}) {
    head.bias.push_back(static_cast<float>(std::log(std::max(p, kLeastProbability))));
  }
  return head;
}

bool always_thinks(const Head& head) {
  return head.threshold <= kAlwaysThinks;
}

bool never_thinks(const Head& head) {
  return head.threshold > 1;
}

}  // namespace pangu::adaptive
