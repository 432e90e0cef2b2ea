// SPDX-License-Identifier: Apache-2.0
// Log-probabilities of tokens under the model itself: from the raw logits, before any penalty,
// temperature or filter.
#pragma once

#include <span>
#include <vector>

#include "pangu/sampling.h"
#include "runtime/sample/logits_scan.h"

namespace pangu {

/// log(sum of e^logit), in double and in a fixed order; log p(i) = logits[i] - log_sum_exp(logits).
/// throws  ShapeError if there are no logits; NumericError for NaN, +infinity or only -infinity.
double log_sum_exp(std::span<const float> logits);

struct TokenLogprobs {
  TokenLogprob chosen;            ///< -infinity if the token was masked
  std::vector<TokenLogprob> top;  ///< likeliest first, lower id first on ties; never masked tokens
};

/// The log-probability of `chosen` and of the n_top likeliest tokens (fewer if fewer are possible).
/// throws  as log_sum_exp; InputError if chosen is not a token; ConfigError if n_top < 0.
TokenLogprobs token_logprobs(std::span<const float> logits, TokenId chosen, int n_top);

}  // namespace pangu
