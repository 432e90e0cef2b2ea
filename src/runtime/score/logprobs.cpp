// SPDX-License-Identifier: Apache-2.0
#include "runtime/score/logprobs.h"

#include <algorithm>

#include "base/error.h"
#include "base/portable_math.h"
#include "ops/exp_weights.h"

namespace pangu {
namespace {

// Shifted by the maximum, so that nothing overflows and the largest term is exactly 1.
double log_sum_exp_shifted(std::span<const float> logits, float max) {
  return max + log_positive(exp_weights(logits, max, 1.0, nullptr));
}

}  // namespace

double log_sum_exp(std::span<const float> logits) {
  std::vector<float> block_max;
  const float max = scan_blocks(logits, block_max);
  return log_sum_exp_shifted(logits, max);
}

TokenLogprobs token_logprobs(std::span<const float> logits, TokenId chosen, int n_top) {
  if (n_top < 0) {
    fail<ConfigError>(
        "[logprobs] {} top log-probabilities were asked for. 0 or more were expected. "
        "Use 0 for the chosen token alone.",
        n_top);
  }
  std::vector<float> block_max;
  const float max = scan_blocks(logits, block_max);
  if (chosen < 0 || static_cast<std::size_t>(chosen) >= logits.size()) {
    fail<InputError>(
        "[logprobs] token {} is not in the vocabulary: there are {} logits. An id "
        "from 0 to {} was expected. Are token and logits from the same model?",
        chosen, logits.size(), logits.size() - 1);
  }
  const double log_sum = log_sum_exp_shifted(logits, max);
  const auto logprob_of = [&](float logit) { return static_cast<float>(logit - log_sum); };

  TokenLogprobs result;
  result.chosen = {chosen, logprob_of(logits[static_cast<std::size_t>(chosen)])};
  std::vector<float> scratch;
  std::vector<ScoredToken> top;
  collect_top(logits, block_max, std::min(static_cast<std::size_t>(n_top), logits.size()), scratch,
              top);
  std::sort(top.begin(), top.end(), ranks_before);
  for (const ScoredToken& token : top) result.top.push_back({token.id, logprob_of(token.logit)});
  return result;
}

}  // namespace pangu
