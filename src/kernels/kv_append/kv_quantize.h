// SPDX-License-Identifier: Apache-2.0
// Codes of the vectors that enter a quantized KV cache (quant/kv_format.h).
//
// A NaN or infinity has no code: it makes the scale of its vector or group NaN, so that everything
// that looks at it comes out NaN, as it does in a cache of floats.
#pragma once

#include <cstdint>

#include "tensor/dtype.h"

namespace pangu::kernels {

/// Fills `codes[0..n)` with whole numbers from -127 to 127, rounded to nearest even, and returns
/// the scale. Zeros give scale 0.
float quantize_int8(const float* x, int64_t n, std::int8_t* codes);

struct Int4Scale {
  f16 scale, minimum;
};

/// Fills `codes[0..n)`, n <= 32, with whole numbers from 0 to 15. They are made with the rounded
/// scale and minimum that are returned. Elements past the range of f16 are taken for its ends.
Int4Scale quantize_int4(const float* x, int64_t n, std::uint8_t* codes);

}  // namespace pangu::kernels
