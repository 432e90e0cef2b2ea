// SPDX-License-Identifier: Apache-2.0
#include "kernels/document_attention/score_block.h"

namespace pangu::kernels {
namespace {

constexpr Variant<SoftmaxBlock> kSoftmax[] = {PANGU_VARIANTS(softmax_block)};
constexpr Variant<GradientBlock> kGradient[] = {PANGU_VARIANTS(gradient_block)};

}  // namespace

ScoreBlockKernels score_block_kernels(Isa isa) {
  return {best_variant<SoftmaxBlock>(kSoftmax, isa), best_variant<GradientBlock>(kGradient, isa)};
}

}  // namespace pangu::kernels
