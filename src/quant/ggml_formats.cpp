// SPDX-License-Identifier: Apache-2.0
#include "quant/ggml_formats.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <vector>

#include "quant/blocks/q4_0.h"
#include "quant/blocks/q4_0_64.h"
#include "quant/blocks/q4_k.h"
#include "quant/blocks/q6_k.h"
#include "quant/blocks/q8_0.h"
#include "quant/symmetric_codes.h"
#include "quant/w4_panel.h"

namespace pangu {
namespace {

/// The stored form of a format whose rows are blocks of `Bytes` bytes for `Block` weights.
template <int64_t Block, int64_t Bytes>
constexpr std::array<StoredPart, 3> block_parts() {
  return {{{"", DType::kU8, [](int64_t k) { return k / Block * Bytes; }}, {}, {}}};
}

template <void (*Encode)(const float*, int64_t, std::byte*)>
void encode_blocks(const float* w, int64_t k, const StoredRowOut& out) {
  Encode(w, k, out.data);
}

template <void (*Decode)(const std::byte*, int64_t, float*)>
void decode_blocks(const StoredRow& row, int64_t k, float* out) {
  Decode(row.data, k, out);
}

// --- q8_0

std::size_t q8_0_panel_bytes(int64_t k) {
  return static_cast<std::size_t>(k / Q8_0Panel::kGroup * Q8_0Panel::kGroupBytes);
}

void pack_q8_0(std::span<const StoredRow> rows, int64_t k, std::byte* panel) {
  constexpr int64_t G = Q8_0Panel::kGroup;
  if (std::ssize(rows) < kPanelRows) std::memset(panel, 0, q8_0_panel_bytes(k));
  for_row_pieces(rows.size(), k, G, [&](int64_t lane, int64_t begin, int64_t) {
    std::int8_t codes[G];
    std::uint16_t scale;
    split_q8_0(rows[static_cast<std::size_t>(lane)].data + begin / G * 34, G, codes, &scale);
    require_symmetric_codes(codes, G, "q8_0");
    std::byte* group = panel + begin / G * Q8_0Panel::kGroupBytes;
    store_unaligned(group, lane, scale);
    put_byte_codes(codes, G, lane, group + Q8_0Panel::kHeaderBytes);
  });
}

void unpack_q8_0(const std::byte* panel, int64_t lane, int64_t k, float* out) {
  for (int64_t i = 0; i < k; ++i) {
    const std::byte* group = panel + i / Q8_0Panel::kGroup * Q8_0Panel::kGroupBytes;
    const int code = byte_code(group + Q8_0Panel::kHeaderBytes, lane, i % Q8_0Panel::kGroup);
    out[i] = to_f32(load_unaligned<f16>(group, lane)) * static_cast<float>(code);
  }
}

// --- q4_0 and q4_0_64

template <int Group, int64_t BlockBytes,
          void (*Split)(const std::byte*, int64_t, std::uint8_t*, std::uint16_t*)>
void pack_q4(std::span<const StoredRow> rows, int64_t k, std::byte* panel) {
  using Panel = W4Panel<Group, false>;
  if (std::ssize(rows) < kPanelRows) Panel::clear(k, panel);
  for_row_pieces(rows.size(), k, Group, [&](int64_t lane, int64_t begin, int64_t) {
    std::uint8_t codes[Group];
    std::uint16_t scale;
    Split(rows[static_cast<std::size_t>(lane)].data + begin / Group * BlockBytes, Group, codes,
          &scale);
    Panel::put_group(codes, scale, kNibbleZero, begin / Group, lane, panel);
  });
}

// --- q4_k

std::size_t q4_k_panel_bytes(int64_t k) {
  return static_cast<std::size_t>(k / Q4_KPanel::kChunk * Q4_KPanel::kChunkBytes);
}

void pack_q4_k(std::span<const StoredRow> rows, int64_t k, std::byte* panel) {
  using P = Q4_KPanel;
  if (std::ssize(rows) < kPanelRows) std::memset(panel, 0, q4_k_panel_bytes(k));
  for_row_pieces(rows.size(), k, P::kChunk, [&](int64_t lane, int64_t begin, int64_t) {
    std::uint8_t codes[P::kChunk], scales[P::kGroups], minima[P::kGroups];
    std::uint16_t d, dmin;
    split_q4_k(rows[static_cast<std::size_t>(lane)].data + begin / P::kChunk * 144, P::kChunk,
               codes, scales, minima, &d, &dmin);
    std::byte* chunk = panel + begin / P::kChunk * P::kChunkBytes;
    store_unaligned(chunk, lane, d);
    store_unaligned(chunk + P::kMinOffset, lane, dmin);
    for (int64_t g = 0; g < P::kGroups; ++g) {
      chunk[P::kScales + g * kPanelRows + lane] = static_cast<std::byte>(scales[g]);
      chunk[P::kMinima + g * kPanelRows + lane] = static_cast<std::byte>(minima[g]);
    }
    put_nibble_codes(codes, P::kChunk, lane, chunk + P::kHeaderBytes);
  });
}

void unpack_q4_k(const std::byte* panel, int64_t lane, int64_t k, float* out) {
  using P = Q4_KPanel;
  for (int64_t i = 0; i < k; ++i) {
    const std::byte* chunk = panel + i / P::kChunk * P::kChunkBytes;
    const int64_t at = i % P::kChunk, g = at / P::kGroup;
    const auto scale = static_cast<float>(chunk[P::kScales + g * kPanelRows + lane]);
    const auto minimum = static_cast<float>(chunk[P::kMinima + g * kPanelRows + lane]);
    const float d = to_f32(load_unaligned<f16>(chunk, lane)) * scale;
    const float m = to_f32(load_unaligned<f16>(chunk + P::kMinOffset, lane)) * minimum;
    out[i] = d * static_cast<float>(nibble_code(chunk + P::kHeaderBytes, lane, at)) - m;
  }
}

// --- q6_k

std::size_t q6_k_panel_bytes(int64_t k) {
  return static_cast<std::size_t>(k / Q6_KPanel::kChunk * Q6_KPanel::kChunkBytes);
}

/// Lowest bit of input i of sixteen in its word of upper bits.
constexpr int high_bits_shift(int64_t i) {
  return static_cast<int>(i / 2 * 2 + i % 2 * 16);
}

void pack_q6_k(std::span<const StoredRow> rows, int64_t k, std::byte* panel) {
  using P = Q6_KPanel;
  if (std::ssize(rows) < kPanelRows) std::memset(panel, 0, q6_k_panel_bytes(k));
  for_row_pieces(rows.size(), k, P::kChunk, [&](int64_t lane, int64_t begin, int64_t) {
    std::uint8_t codes[P::kChunk];
    std::int8_t scales[P::kGroups];
    std::uint16_t d;
    split_q6_k(rows[static_cast<std::size_t>(lane)].data + begin / P::kChunk * 210, P::kChunk,
               codes, scales, &d);
    std::byte* chunk = panel + begin / P::kChunk * P::kChunkBytes;
    store_unaligned(chunk, lane, d);
    for (int64_t g = 0; g < P::kGroups; ++g) {
      chunk[P::kScales + g * kPanelRows + lane] = static_cast<std::byte>(scales[g]);
      std::byte* group = chunk + P::kHeaderBytes + g * P::kGroupBytes;
      std::uint8_t low[P::kGroup];
      std::uint32_t high = 0;
      for (int64_t i = 0; i < P::kGroup; ++i) {
        const std::uint8_t code = codes[g * P::kGroup + i];
        low[i] = code & 0xF;
        high |= static_cast<std::uint32_t>(code >> 4) << high_bits_shift(i);
      }
      put_nibble_codes(low, P::kGroup, lane, group);
      store_unaligned(group + P::kHighBits, lane, high);
    }
  });
}

void unpack_q6_k(const std::byte* panel, int64_t lane, int64_t k, float* out) {
  using P = Q6_KPanel;
  for (int64_t i = 0; i < k; ++i) {
    const std::byte* chunk = panel + i / P::kChunk * P::kChunkBytes;
    const int64_t g = i % P::kChunk / P::kGroup, at = i % P::kGroup;
    const std::byte* group = chunk + P::kHeaderBytes + g * P::kGroupBytes;
    const auto high = load_unaligned<std::uint32_t>(group + P::kHighBits, lane);
    const int code =
        nibble_code(group, lane, at) | static_cast<int>(high >> high_bits_shift(at) & 3u) << 4;
    const auto scale = static_cast<std::int8_t>(chunk[P::kScales + g * kPanelRows + lane]);
    const float d = to_f32(load_unaligned<f16>(chunk, lane)) * static_cast<float>(scale);
    out[i] = d * static_cast<float>(code - 32);
  }
}

}  // namespace

constinit const FormatInfo kQ8_0Format{
    .format = WeightFormat::kQ8_0,
    .name = "q8_0",
    .summary = "GGUF: int8 in blocks of 32",
    .parts = block_parts<32, 34>(),
    .block = 32,
    .group = 32,
    .gguf_type = 8,
    .gguf_file_type = 7,
    .encode = &encode_blocks<&encode_q8_0>,
    .decode = &decode_blocks<&decode_q8_0>,
    .cpu = {.panel_bytes = &q8_0_panel_bytes, .pack = &pack_q8_0, .unpack_row = &unpack_q8_0},
};

constinit const FormatInfo kQ4_0Format{
    .format = WeightFormat::kQ4_0,
    .name = "q4_0",
    .summary = "GGUF: 4 bits in blocks of 32",
    .parts = block_parts<32, 18>(),
    .block = 32,
    .group = 32,
    .gguf_type = 2,
    .gguf_file_type = 2,
    .head_format = WeightFormat::kQ6_K,
    .encode = &encode_blocks<&encode_q4_0>,
    .decode = &decode_blocks<&decode_q4_0>,
    .cpu = {.panel_bytes = &W4Panel<32, false>::bytes,
            .pack = &pack_q4<32, 18, &split_q4_0>,
            .unpack_row = &W4Panel<32, false>::unpack_row},
};

constinit const FormatInfo kQ4_0_64Format{
    .format = WeightFormat::kQ4_0_64,
    .name = "q4_0_64",
    .summary = "GGUF: 4 bits in blocks of 64, made for Ascend",
    .parts = block_parts<64, 34>(),
    .block = 64,
    .group = 64,
    .gguf_type = 200,
    .head_format = WeightFormat::kQ6_K,
    .encode = &encode_blocks<&encode_q4_0_64>,
    .decode = &decode_blocks<&decode_q4_0_64>,
    .cpu = {.panel_bytes = &W4Panel<64, false>::bytes,
            .pack = &pack_q4<64, 34, &split_q4_0_64>,
            .unpack_row = &W4Panel<64, false>::unpack_row},
};

constinit const FormatInfo kQ4_KFormat{
    .format = WeightFormat::kQ4_K,
    .name = "q4_k",
    .summary = "GGUF: 4 bits, blocks of 256 with a scale and a minimum for each 32",
    .parts = block_parts<256, 144>(),
    .block = 256,
    .group = 32,
    .gguf_type = 12,
    .gguf_file_type = 14,
    .head_format = WeightFormat::kQ6_K,
    .encode = &encode_blocks<&encode_q4_k>,
    .decode = &decode_blocks<&decode_q4_k>,
    .cpu = {.panel_bytes = &q4_k_panel_bytes, .pack = &pack_q4_k, .unpack_row = &unpack_q4_k},
};

constinit const FormatInfo kQ6_KFormat{
    .format = WeightFormat::kQ6_K,
    .name = "q6_k",
    .summary = "GGUF: 6 bits, blocks of 256 with a scale for each 16",
    .parts = block_parts<256, 210>(),
    .block = 256,
    .group = 16,
    .gguf_type = 14,
    .gguf_file_type = 18,
    .encode = &encode_blocks<&encode_q6_k>,
    .decode = &decode_blocks<&decode_q6_k>,
    .cpu = {.panel_bytes = &q6_k_panel_bytes, .pack = &pack_q6_k, .unpack_row = &unpack_q6_k},
};

}  // namespace pangu
