// SPDX-License-Identifier: Apache-2.0
// The last token that top-p keeps, found without sorting the vocabulary.
#pragma once

#include <span>
#include <vector>

#include "runtime/sample/sampler.h"

namespace pangu {

/// Tokens are ranked by logit, then by lower id. Returns the first one at which the running sum of
/// weights reaches `target`, or the last-ranked one if rounding keeps the sum below it. Reorders
/// `tokens`, which must not be empty, in O(n).
ScoredToken nucleus_end(std::span<SamplerScratch::Weighted> tokens, double target);

/// The same for a whole vocabulary: weights[i] = exp((logits[i] - max) * inverse_temperature), the
/// largest logit being `max`. Overwrites scratch.mass and scratch.kept.
ScoredToken nucleus_end(std::span<const float> logits, float max, double inverse_temperature,
                        std::span<const double> weights, double target, SamplerScratch& scratch);

}  // namespace pangu
