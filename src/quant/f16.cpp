// SPDX-License-Identifier: Apache-2.0
#include "quant/f16.h"

#include "quant/plain_panel.h"

namespace pangu {

constinit const FormatInfo kF16Format{
    .format = WeightFormat::kF16,
    .name = "f16",
    .summary = "IEEE 16-bit floats",
    .parts = {{{"", DType::kF16, [](int64_t k) { return k; }}}},
    .is_float = true,
    .gguf_type = 1,
    .gguf_file_type = 1,
    .encode = &encode_floats<f16>,
    .decode = &decode_floats<f16>,
    .cpu = {.panel_bytes = &PlainPanel<f16>::bytes,
            .pack = &PlainPanel<f16>::pack,
            .unpack_row = &PlainPanel<f16>::unpack_row},
};

}  // namespace pangu
