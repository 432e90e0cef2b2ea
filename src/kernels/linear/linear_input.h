// SPDX-License-Identifier: Apache-2.0
// Brings activations into the form that a linear kernel takes: padded to whole groups of inputs, as
// f32, bf16 or int8, with the sums of each group.
//
// Panel words hold eight 4-bit codes (quant/code_panels.h). Masked, the nibbles in the lower halves
// of a word's bytes are inputs 0 4 1 5 and those in the upper halves 2 6 3 7: activations that are
// multiplied with bytes lie in that order.
//
// int8 activations are quantized per row (a token): scale = max |x| / 127, codes round half to
// even; a row without a number of kSmallestActivation counts as zeros and has scale 1. Source:
// dynamic per-token W8A8, as in SmoothQuant (Xiao et al., arXiv:2211.10438).
#pragma once

#include "kernels/linear/linear.h"

namespace pangu::kernels {

/// The result borrows from `args` and from memory that the calling thread keeps until its next
/// call.
LinearInput prepare_input(const LinearArgs& args, const LinearKernel& kernel, const Executor& on);

/// 127 divided by anything smaller may be infinite.
inline constexpr float kSmallestActivation = 0x1p-119f;

/// One row of int8 codes; returns the scale and gives their sum. `n` is a multiple of 32; elements
/// of x past k count as zeros.
using QuantizeRow = float(const float* x, int64_t k, int64_t n, std::int8_t* codes,
                          std::int32_t& sum);
QuantizeRow quantize_row_ref, quantize_row_avx2, quantize_row_avx512, quantize_row_neon;

/// All of them that this build has.
std::span<const Variant<QuantizeRow>> quantize_row_variants();

}  // namespace pangu::kernels
