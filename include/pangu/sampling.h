// SPDX-License-Identifier: Apache-2.0
// How the next token is chosen from the logits. docs/sampling.md explains each option with
// examples.
#pragma once

#include <cstdint>
#include <vector>

#include "pangu/token.h"

namespace pangu {

/// What is added to the logit of a token.
struct LogitBias {
  TokenId id = 0;
  float bias = 0.0f;  ///< finite; -100 all but forbids a token, 100 all but demands it
};

/// Options of one request. They act in this order: repetition, presence and frequency penalty,
/// bias, temperature, top_k, top_p, min_p. The defaults sample from the model's own distribution.
struct SamplingOptions {
  /// Divides the logits; finite and >= 0. 0 is greedy: the largest logit wins, the lowest id on
  /// ties.
  float temperature = 1.0f;
  /// Keeps the top_k most likely tokens; >= 0, 0 is off. Of equal logits the lowest ids are kept.
  int top_k = 0;
  /// Keeps the fewest most likely tokens that together reach this probability; 0 ... 1, 1 is off.
  float top_p = 1.0f;
  /// Drops tokens less likely than min_p times the most likely one; 0 ... 1, 0 is off.
  float min_p = 0.0f;
  /// Divides positive and multiplies negative logits of tokens seen in the prompt or the reply,
  /// once for each distinct token; finite and > 0, 1 is off.
  float repetition_penalty = 1.0f;
  /// Subtracted from the logit of every token the reply already has; -2 ... 2, 0 is off.
  float presence_penalty = 0.0f;
  /// Subtracted once for each time the reply already has the token; -2 ... 2, 0 is off.
  float frequency_penalty = 0.0f;
  /// The three penalties look at this many last tokens of prompt and reply; -1 is all, 0 is none.
  int penalty_last_n = -1;
  /// Added to logits, for each token once. What is masked stays so. Engines refuse ids that their
  /// model does not know.
  std::vector<LogitBias> logit_bias = {};
  /// The token at a position depends on the logits, these options, the seed and the position alone.
  std::uint64_t seed = 0;

  /// Whether any of the three penalties can change a logit.
  bool has_penalties() const;

  /// throws ConfigError naming the option, its value and the values allowed.
  void validate() const;
};

/// A token with the natural logarithm of its probability; -infinity if it cannot occur.
struct TokenLogprob {
  TokenId id = 0;
  float logprob = 0.0f;
};

}  // namespace pangu
