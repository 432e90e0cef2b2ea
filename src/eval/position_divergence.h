// SPDX-License-Identifier: Apache-2.0
// How the distribution that a model gives the next token differs from that of a reference.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "pangu/token.h"

namespace pangu::eval {

/// At one position of a text. Logarithms are natural.
struct PositionDivergence {
  double kl = 0;                 ///< sum over tokens of p (log p - log q); never negative
  double reference_logprob = 0;  ///< log p of the token that follows in the text
  double logprob = 0;            ///< log q of it
  double reference_prob = 0;     ///< p of it
  double prob = 0;               ///< q of it
  bool same_top = false;         ///< whether the likeliest token is the same (of equals: lowest id)

  bool operator==(const PositionDivergence&) const = default;
};

/// Throws NumericError "[kl] WHO gives token ... the logit nan ..." unless all are finite: a token
/// that is impossible to a model makes the divergence infinite or senseless.
void require_finite(std::span<const float> logits, std::string_view who);

/// Compares pairs of rows of logits in double, with the same bits on every machine. Holds the room
/// that this takes: one for each thread.
class RowComparison {
 public:
  /// `reference` gives p, `logits` gives q, as softmax. The divergence is summed as
  /// p (d + e^-d - 1) with d = log p - log q, which is the same sum, because p and q both add up to
  /// 1, but has no negative terms: nothing cancels, and what is small is exact to 13 digits. Equal
  /// logits give exactly 0.
  /// throws  ShapeError for rows of different or no length, InputError for a `next` outside them,
  ///         NumericError for NaN and +infinity (require_finite() finds -infinity, too).
  /// source  Kullback & Leibler 1951, "On Information and Sufficiency"; the terms are those of the
  ///         generalized divergence (Csiszar 1975).
  PositionDivergence compare(std::span<const float> reference, std::span<const float> logits,
                             TokenId next);

 private:
  std::vector<double> p_, q_;
};

}  // namespace pangu::eval
