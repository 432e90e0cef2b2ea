// SPDX-License-Identifier: Apache-2.0
#include "kernels/document_attention/score_block_simd.h"
#include "kernels/simd/avx512.h"

namespace pangu::kernels {

void softmax_block_avx512(const ScoreBlock& block, const OnlineSoftmax& state) {
  softmax_block<V512>(block, state);
}

void gradient_block_avx512(const ScoreBlock& block, const ScoreGradients& gradients) {
  gradient_block<V512>(block, gradients);
}

}  // namespace pangu::kernels
