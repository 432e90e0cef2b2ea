// SPDX-License-Identifier: Apache-2.0
// The exponentials of a whole vocabulary, on the host: nearly all the time that sampling takes.
#pragma once

#include <span>

namespace pangu {

/// weights[i] = exp((logits[i] - max) * scale); returns their sum, the same bits on every
/// instruction set. `weights` may be null: only the sum is computed. max >= every logit.
double exp_weights(std::span<const float> logits, float max, double scale, double* weights);

}  // namespace pangu
