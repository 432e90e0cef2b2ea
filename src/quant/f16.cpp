// SPDX-License-Identifier: Apache-2.0
#include "quant/f16.h"

#include "quant/plain_panel.h"

namespace pangu {

const FormatInfo kF16Format{
    WeightFormat::kF16,          "f16", 16.0, &PlainPanel<f16>::bytes, &PlainPanel<f16>::pack,
    &PlainPanel<f16>::unpack_row};

}  // namespace pangu
