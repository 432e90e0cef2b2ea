// SPDX-License-Identifier: Apache-2.0
// int8 weights with one scale per output channel, for two kinds of arithmetic.
//
// Stored: codes int8 [out, in], scales bf16 [out, 1]; w = scale * code. Codes are symmetric:
// scale = max |w| / 127 rounded to bf16, code = round-half-even(w / scale) in [-127, 127]. Dividing
// by the rounded scale keeps codes and scales consistent. Source: the W8A16 quantizer of the
// openPangu optimization framework (Institute of Intelligent Computing Systems, Hunan University).
//
// w8a16 multiplies the codes with bf16 (or f32) activations. Panel: 64 f32 scales, then the 8-bit
// layout of quant/code_panels.h.
// w8a8 quantizes the activations too, per token while running (scale = max |x| / 127), and
// multiplies in integers. Panel: 64 f32 scales, then [k / 4][64][4] bytes, each code + 128, as VNNI
// dot products take their unsigned operand.
#pragma once

#include "quant/weight_format.h"

namespace pangu {

extern const FormatInfo kW8A16Format, kW8A8Format;

inline constexpr int64_t kW8HeaderBytes = kPanelRows * 4;
inline constexpr int kW8A8Offset = 128;

/// Most inputs whose products with 8-bit activations cannot overflow 32 bits.
inline constexpr int64_t kW8A8MaxInputs = 66000;

}  // namespace pangu
