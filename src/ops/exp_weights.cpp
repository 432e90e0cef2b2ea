// SPDX-License-Identifier: Apache-2.0
#include "ops/exp_weights.h"

#include "kernels/exp_weights/exp_weights.h"

namespace pangu {

double exp_weights(std::span<const float> logits, float max, double scale, double* weights) {
  static const kernels::ExpWeights best = kernels::exp_weights_variants().front().fn;
  return best(logits.data(), logits.size(), max, scale, weights);
}

}  // namespace pangu
