// SPDX-License-Identifier: Apache-2.0
#include "adaptive/thinking/outcomes.h"

#include "base/error.h"

namespace pangu::adaptive {
namespace {

bool is_right(const ThinkingOutcome& o, bool slow) {
  return slow ? o.slow_right : o.fast_right;
}

std::int64_t tokens_of(const ThinkingOutcome& o, bool slow) {
  return slow ? o.slow_tokens : o.fast_tokens;
}

/// Sums of a mode over those of always slow.
RatioToSlow ratio_to_slow(std::span<const ThinkingOutcome> outcomes, std::span<const char> thinks,
                          std::uint64_t seed) {
  std::vector<eval::Cluster> right, tokens;
  double right_sum = 0, slow_right = 0, token_sum = 0, slow_tokens = 0;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    const ThinkingOutcome& o = outcomes[i];
    const bool slow = thinks[i] != 0;
    right.push_back({is_right(o, slow) ? 1.0 : 0.0, o.slow_right ? 1.0 : 0.0});
    tokens.push_back({static_cast<double>(tokens_of(o, slow)), static_cast<double>(o.slow_tokens)});
    right_sum += right.back().value;
    slow_right += right.back().weight;
    token_sum += tokens.back().value;
    slow_tokens += tokens.back().weight;
  }
  RatioToSlow out;
  if (slow_right > 0) {
    out.accuracy = right_sum / slow_right;
    out.accuracy_ci95 = eval::bootstrap_ratio(right, seed);
  }
  if (slow_tokens > 0) {
    out.tokens = token_sum / slow_tokens;
    out.tokens_ci95 = eval::bootstrap_ratio(tokens, seed);
  }
  return out;
}

}  // namespace

void ModeScore::add(const ThinkingOutcome& outcome, bool slow_mode) {
  ++n;
  right += is_right(outcome, slow_mode) ? 1 : 0;
  tokens += tokens_of(outcome, slow_mode);
  slow += slow_mode ? 1 : 0;
}

bool oracle_thinks(const ThinkingOutcome& o) {
  if (o.fast_right != o.slow_right) return o.slow_right;
  return o.slow_tokens < o.fast_tokens;
}

ThinkingScore score_thinking(std::span<const ThinkingOutcome> outcomes,
                             std::span<const char> thinks, std::uint64_t seed) {
  if (thinks.size() != outcomes.size()) {
    fail<ShapeError>("[thinking] there are {} decisions for {} items. One each was expected.",
                     thinks.size(), outcomes.size());
  }
  ThinkingScore score;
  std::vector<char> oracle;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    const ThinkingOutcome& o = outcomes[i];
    oracle.push_back(oracle_thinks(o) ? 1 : 0);
    score.fast.add(o, false);
    score.slow.add(o, true);
    score.automatic.add(o, thinks[i] != 0);
    score.oracle.add(o, oracle.back() != 0);
  }
  const std::vector<char> never(outcomes.size(), 0);
  score.fast_ratio = ratio_to_slow(outcomes, never, seed);
  score.automatic_ratio = ratio_to_slow(outcomes, thinks, seed);
  score.oracle_ratio = ratio_to_slow(outcomes, oracle, seed);
  return score;
}

}  // namespace pangu::adaptive
