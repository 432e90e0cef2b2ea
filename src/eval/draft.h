// SPDX-License-Identifier: Apache-2.0
// How good a small model is as a draft for another: how often its likeliest next token is the one
// that the other wrote.
#pragma once

#include <string>

#include "eval/result.h"
#include "eval/statistics.h"
#include "runtime/model.h"
#include "runtime/score/scoring.h"

namespace pangu::eval {

struct DraftAgreement {
  std::int64_t tokens = 0;  ///< of all replies
  Ratio share;              ///< of tokens; replies are the clusters of the interval
};

/// Runs the draft over prompts and replies, each token in the light of those that the other model
/// wrote before it. For greedy replies the share is the probability that speculative decoding
/// accepts a single drafted token.
/// Throws ConfigError if the draft knows another number of tokens than `known_ids`, the other
/// model's, or if there are no replies; as Scorer does.
/// source  Leviathan, Kalman & Matias 2023, arXiv:2211.17192, section 3.
DraftAgreement draft_agreement(const Model& draft, Context& ctx, const EvalResult& replies,
                               std::int64_t known_ids, const ScorerOptions& options);

}  // namespace pangu::eval
