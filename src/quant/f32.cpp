// SPDX-License-Identifier: Apache-2.0
#include "quant/f32.h"

#include "quant/plain_panel.h"

namespace pangu {

const FormatInfo kF32Format{WeightFormat::kF32,
                            "f32",
                            32.0,
                            &PlainPanel<float>::bytes,
                            &PlainPanel<float>::pack,
                            &PlainPanel<float>::unpack_row};

}  // namespace pangu
