// SPDX-License-Identifier: Apache-2.0
// f32 weights: 32 bits each, exact. Panel: [k][64], element (k, lane) at k * 64 + lane.
#pragma once

#include "quant/weight_format.h"

namespace pangu {

extern const FormatInfo kF32Format;

}  // namespace pangu
