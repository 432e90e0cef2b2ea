// SPDX-License-Identifier: Apache-2.0
// bf16 weights: 16 bits each, 8 bits of precision, the range of f32.
//
// Panel: [ceil(k / 2)][64][2]: two consecutive inputs of an output share one 32-bit word, the
// lower half first, as the processors' bf16 dot products take them; a kernel without those gets
// two f32 vectors from a word with one shift and one mask. An odd last input is paired with zero.
#pragma once

#include "quant/weight_format.h"

namespace pangu {

extern const FormatInfo kBf16Format;

}  // namespace pangu
