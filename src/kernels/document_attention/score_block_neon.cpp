// SPDX-License-Identifier: Apache-2.0
#include "kernels/document_attention/score_block_simd.h"
#include "kernels/simd/neon.h"

namespace pangu::kernels {

void softmax_block_neon(const ScoreBlock& block, const OnlineSoftmax& state) {
  softmax_block<V128>(block, state);
}

void gradient_block_neon(const ScoreBlock& block, const ScoreGradients& gradients) {
  gradient_block<V128>(block, gradients);
}

}  // namespace pangu::kernels
