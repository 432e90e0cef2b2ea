// SPDX-License-Identifier: Apache-2.0
#include "quant/bf16.h"

#include <algorithm>
#include <iterator>

#include "quant/float_rows.h"

namespace pangu {
namespace {

std::size_t bf16_panel_bytes(int64_t k) {
  return static_cast<std::size_t>((k + 1) / 2 * kPanelRows) * sizeof(std::uint32_t);
}

void pack(std::span<const StoredRow> rows, int64_t k, std::byte* panel) {
  auto* out = reinterpret_cast<std::uint32_t*>(panel);
  if (std::ssize(rows) < kPanelRows) std::fill(out, out + (k + 1) / 2 * kPanelRows, 0u);
  for_row_pieces(rows.size(), k, 32, [&](int64_t lane, int64_t begin, int64_t end) {
    const std::byte* row = rows[static_cast<std::size_t>(lane)].data;
    for (int64_t i = begin; i + 2 <= end; i += 2) {
      out[i / 2 * kPanelRows + lane] = load_unaligned<std::uint32_t>(row, i / 2);
    }
    if (end % 2 != 0) {
      out[end / 2 * kPanelRows + lane] = load_unaligned<std::uint16_t>(row, end - 1);
    }
  });
}

void unpack_row(const std::byte* panel, int64_t lane, int64_t k, float* out) {
  const auto* in = reinterpret_cast<const bf16*>(panel);
  for (int64_t i = 0; i < k; ++i) out[i] = to_f32(in[(i / 2 * kPanelRows + lane) * 2 + i % 2]);
}

}  // namespace

constinit const FormatInfo kBf16Format{
    .format = WeightFormat::kBF16,
    .name = "bf16",
    .summary = "16-bit floats with the range of f32",
    .parts = {{{"", DType::kBF16, [](int64_t k) { return k; }}}},
    .is_float = true,
    .gguf_type = 30,
    .gguf_file_type = 32,
    .encode = &encode_floats<bf16>,
    .decode = &decode_floats<bf16>,
    .cpu = {.panel_bytes = &bf16_panel_bytes, .pack = &pack, .unpack_row = &unpack_row},
};

}  // namespace pangu
