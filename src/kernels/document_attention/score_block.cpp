// SPDX-License-Identifier: Apache-2.0
#include "kernels/document_attention/score_block.h"

namespace pangu::kernels {
namespace {

constexpr Variant<SoftmaxBlock> kSoftmax[] = {{Isa::kRef, &softmax_block_ref},
                                              {Isa::kAvx2, &softmax_block_avx2},
                                              {Isa::kAvx512, &softmax_block_avx512}};
constexpr Variant<GradientBlock> kGradient[] = {{Isa::kRef, &gradient_block_ref},
                                                {Isa::kAvx2, &gradient_block_avx2},
                                                {Isa::kAvx512, &gradient_block_avx512}};

}  // namespace

ScoreBlockKernels score_block_kernels(Isa isa) {
  return {best_variant<SoftmaxBlock>(kSoftmax, isa), best_variant<GradientBlock>(kGradient, isa)};
}

}  // namespace pangu::kernels
