// SPDX-License-Identifier: Apache-2.0
// The exponentials of a whole vocabulary: nearly all the time that sampling takes.
#pragma once

#include <cstddef>
#include <span>

#include "base/cpu.h"

namespace pangu::kernels {

/// weights[i] = exp((logits[i] - max) * scale), by exp_nonpositive; returns their
/// sum. `weights` may be null, then only the sum is computed. max >= every logit; n logits.
using ExpWeights = double (*)(const float* logits, std::size_t n, float max, double scale,
                              double* weights) noexcept;

struct ExpWeightsVariant {
  Isa isa;
  ExpWeights fn;
};

/// Every variant this processor can run, best first. They give the same bits: the wider ones only
/// compute more of the same lanes at once.
std::span<const ExpWeightsVariant> exp_weights_variants();

}  // namespace pangu::kernels
