// SPDX-License-Identifier: Apache-2.0
#include "quant/f32.h"

#include "quant/plain_panel.h"

namespace pangu {

constinit const FormatInfo kF32Format{
    .format = WeightFormat::kF32,
    .name = "f32",
    .summary = "32-bit floats, exact",
    .parts = {{{"", DType::kF32, [](int64_t k) { return k; }}}},
    .is_float = true,
    .gguf_type = 0,
    .gguf_file_type = 0,
    .encode = &encode_floats<float>,
    .decode = &decode_floats<float>,
    .cpu = {.panel_bytes = &PlainPanel<float>::bytes,
            .pack = &PlainPanel<float>::pack,
            .unpack_row = &PlainPanel<float>::unpack_row},
};

}  // namespace pangu
