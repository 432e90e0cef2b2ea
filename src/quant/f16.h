// SPDX-License-Identifier: Apache-2.0
// f16 weights (IEEE binary16): 16 bits each, 11 bits of precision, up to 65504. Panel: [k][64],
// element (k, lane) at k * 64 + lane.
#pragma once

#include "quant/weight_format.h"

namespace pangu {

extern const FormatInfo kF16Format;

}  // namespace pangu
