// SPDX-License-Identifier: Apache-2.0
// 4-bit weights in groups of 32, 64 or 128 consecutive inputs, multiplied with bf16 activations, or
// (w4a8, symmetric) with activations quantized per token while running, as for w8a8. One stored
// form and one panel for both.
//
// Stored: codes u8 [out, ceil(in / 2)], input 2 i in the low nibble of byte i; scales f16
// [out, groups]; asymmetric formats add zero points u8 [out, groups]. The last group may be short.
//   symmetric   w = scale * (code - 8), scale = max |w| / 7, codes 1 to 15
//   asymmetric  w = scale * (code - zero), over the group's range extended to contain 0:
//               scale = (max - min) / 15, zero = round(-min / scale)
// Codes are rounded half to even from the scale as f16 holds it. Source of the grids: the
// group-wise round-to-nearest of AWQ (Lin et al., arXiv:2306.00978) and GPTQ (Frantar et al.,
// arXiv:2210.17323). Panel: quant/w4_panel.h.
#pragma once

#include "quant/weight_format.h"

namespace pangu {

extern const FormatInfo kW4A16G32Format, kW4A16G64Format, kW4A16G128Format, kW4A16G32AsymFormat,
    kW4A16G64AsymFormat, kW4A16G128AsymFormat, kW4A8G32Format, kW4A8G64Format, kW4A8G128Format;

}  // namespace pangu
