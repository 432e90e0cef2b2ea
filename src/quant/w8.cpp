// SPDX-License-Identifier: Apache-2.0
#include "quant/w8.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <iterator>

#include "quant/code_panels.h"
#include "quant/float_rows.h"
#include "quant/symmetric_codes.h"

namespace pangu {
namespace {

constexpr int64_t kPiece = 64;

CodeGrid grid(const float* w, int64_t n) {
  const bf16 scale = to_bf16(std::max(max_magnitude(w, n) / 127.0f, 1e-6f));
  return {.scale = to_f32(scale), .zero = 0, .lowest = -127, .highest = 127};
}

int round_to(float w, const CodeGrid& grid) {
  return static_cast<int>(std::clamp(std::nearbyint(w / grid.scale), -127.0f, 127.0f));
}

void encode(const float* w, int64_t k, const StoredRowOut& out) {
  const CodeGrid g = grid(w, k);
  store_unaligned(out.scales, 0, to_bf16(g.scale));
  auto* codes = reinterpret_cast<std::int8_t*>(out.data);
  for (int64_t i = 0; i < k; ++i) codes[i] = static_cast<std::int8_t>(round_to(w[i], g));
}

void decode(const StoredRow& row, int64_t k, float* out) {
  const float scale = to_f32(load_unaligned<bf16>(row.scales, 0));
  const auto* codes = reinterpret_cast<const std::int8_t*>(row.data);
  for (int64_t i = 0; i < k; ++i) out[i] = scale * static_cast<float>(codes[i]);
}

std::size_t w8_panel_bytes(int64_t k) {
  return static_cast<std::size_t>(kW8HeaderBytes + padded_inputs(k, 0) * kPanelRows);
}

void pack_scales(std::span<const StoredRow> rows, std::byte* panel) {
  for (std::size_t lane = 0; lane < kPanelRows; ++lane) {
    const float scale =
        lane < rows.size() ? to_f32(load_unaligned<bf16>(rows[lane].scales, 0)) : 0.0f;
    store_unaligned(panel, static_cast<int64_t>(lane), scale);
  }
}

float panel_scale(const std::byte* panel, int64_t lane) {
  return load_unaligned<float>(panel, lane);
}

/// Calls `put(codes, n, lane, first)` with pieces of every row, the last one padded by zeros to
/// the panel's number of inputs.
template <class Put>
void for_code_pieces(std::span<const StoredRow> rows, int64_t k, Put&& put) {
  for_row_pieces(
      rows.size(), padded_inputs(k, 0), kPiece, [&](int64_t lane, int64_t begin, int64_t end) {
        const auto* codes =
            reinterpret_cast<const std::int8_t*>(rows[static_cast<std::size_t>(lane)].data);
        if (end <= k) return put(codes + begin, end - begin, lane, begin);
        std::int8_t last[kPiece] = {};
        if (begin < k) std::copy(codes + begin, codes + k, last);
        put(last, end - begin, lane, begin);
      });
}

void pack_w8a16(std::span<const StoredRow> rows, int64_t k, std::byte* panel) {
  for (const StoredRow& row : rows) {
    require_symmetric_codes(reinterpret_cast<const std::int8_t*>(row.data), k, "w8a16");
  }
  pack_scales(rows, panel);
  std::byte* codes = panel + kW8HeaderBytes;
  if (std::ssize(rows) < kPanelRows) std::memset(codes, 0, w8_panel_bytes(k) - kW8HeaderBytes);
  for_code_pieces(rows, k, [&](const std::int8_t* row, int64_t n, int64_t lane, int64_t first) {
    put_byte_codes(row, n, lane, codes + first * kPanelRows);
  });
}

void unpack_w8a16(const std::byte* panel, int64_t lane, int64_t k, float* out) {
  const float scale = panel_scale(panel, lane);
  for (int64_t i = 0; i < k; ++i) {
    out[i] = scale * static_cast<float>(byte_code(panel + kW8HeaderBytes, lane, i));
  }
}

void pack_w8a8(std::span<const StoredRow> rows, int64_t k, std::byte* panel) {
  pack_scales(rows, panel);
  std::byte* codes = panel + kW8HeaderBytes;
  if (std::ssize(rows) < kPanelRows) {
    std::memset(codes, kW8A8Offset, w8_panel_bytes(k) - kW8HeaderBytes);
  }
  for_code_pieces(rows, k, [&](const std::int8_t* row, int64_t n, int64_t lane, int64_t first) {
    std::byte* to = codes + first * kPanelRows + lane * 4;
    for (int64_t i = 0; i < n; i += 4, to += kPanelRows * 4) {
      std::uint32_t four;
      std::memcpy(&four, row + i, 4);
      four ^= 0x80808080u;  // + 128 in every byte
      std::memcpy(to, &four, 4);
    }
  });
}

void unpack_w8a8(const std::byte* panel, int64_t lane, int64_t k, float* out) {
  const float scale = panel_scale(panel, lane);
  const auto* codes = reinterpret_cast<const std::uint8_t*>(panel + kW8HeaderBytes);
  for (int64_t i = 0; i < k; ++i) {
    const int code = codes[i / 4 * kPanelRows * 4 + lane * 4 + i % 4] - kW8A8Offset;
    out[i] = scale * static_cast<float>(code);
  }
}

constexpr std::array<StoredPart, 3> kParts{
    {{"", DType::kI8, [](int64_t k) { return k; }},
     {"_scale", DType::kBF16, [](int64_t) -> int64_t { return 1; }},
     {}}};

}  // namespace

constinit const FormatInfo kW8A16Format{
    .format = WeightFormat::kW8A16,
    .name = "w8a16",
    .summary = "int8 per output channel, bf16 activations",
    .parts = kParts,
    .gguf_type = {},
    .encode = &encode,
    .grid = &grid,
    .round = &round_to,
    .decode = &decode,
    .cpu = {.panel_bytes = &w8_panel_bytes, .pack = &pack_w8a16, .unpack_row = &unpack_w8a16},
};

constinit const FormatInfo kW8A8Format{
    .format = WeightFormat::kW8A8,
    .name = "w8a8",
    .summary = "int8 per output channel, int8 activations per token",
    .parts = kParts,
    .gguf_type = {},
    .stored_as = WeightFormat::kW8A16,
    .head_format = WeightFormat::kW8A16,
    .encode = &encode,
    .grid = &grid,
    .round = &round_to,
    .decode = &decode,
    .cpu = {.panel_bytes = &w8_panel_bytes, .pack = &pack_w8a8, .unpack_row = &unpack_w8a8},
};

}  // namespace pangu
