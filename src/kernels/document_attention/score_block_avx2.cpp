// SPDX-License-Identifier: Apache-2.0
#include "kernels/document_attention/score_block_simd.h"
#include "kernels/simd/avx2.h"

namespace pangu::kernels {

void softmax_block_avx2(const ScoreBlock& block, const OnlineSoftmax& state) {
  softmax_block<V256>(block, state);
}

void gradient_block_avx2(const ScoreBlock& block, const ScoreGradients& gradients) {
  gradient_block<V256>(block, gradients);
}

}  // namespace pangu::kernels
