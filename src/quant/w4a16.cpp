// SPDX-License-Identifier: Apache-2.0
#include "quant/w4a16.h"

#include <algorithm>
#include <cmath>

#include "quant/w4_panel.h"

namespace pangu {
namespace {

CodeGrid symmetric_grid(const float* w, int64_t n) {
  const f16 scale = to_f16(max_magnitude(w, n) / 7.0f);
  return {.scale = to_f32(scale), .zero = kNibbleZero, .lowest = 0, .highest = 15};
}

CodeGrid asymmetric_grid(const float* w, int64_t n) {
  float low = 0.0f, high = 0.0f;
  for (int64_t i = 0; i < n; ++i) {
    low = std::min(low, w[i]);
    high = std::max(high, w[i]);
  }
  const float s = to_f32(to_f16((high - low) / 15.0f));
  const float zero = s > 0.0f ? std::nearbyint(-low / s) : 0.0f;
  return {.scale = s,
          .zero = static_cast<int>(std::clamp(zero, 0.0f, 15.0f)),
          .lowest = 0,
          .highest = 15};
}

int nibble_of(float w, const CodeGrid& grid) {
  if (grid.scale == 0.0f) return grid.zero;
  const float q = std::nearbyint(w / grid.scale) + static_cast<float>(grid.zero);
  return static_cast<int>(std::clamp(q, 0.0f, 15.0f));
}

template <int Group, bool Asym>
struct W4A16 {
  using Panel = W4Panel<Group, Asym>;

  static int64_t groups(int64_t k) { return (k + Group - 1) / Group; }

  static void encode(const float* w, int64_t k, const StoredRowOut& out) {
    for (int64_t g = 0; g < groups(k); ++g) {
      const int64_t begin = g * Group, n = std::min<int64_t>(Group, k - begin);
      const CodeGrid grid = Asym ? asymmetric_grid(w + begin, n) : symmetric_grid(w + begin, n);
      store_unaligned(out.scales, g, to_f16(grid.scale));
      if constexpr (Asym) out.zeros[g] = static_cast<std::byte>(grid.zero);
      for (int64_t i = begin; i < begin + n; i += 2) {
        const int low = nibble_of(w[i], grid);
        const int high = i + 1 < begin + n ? nibble_of(w[i + 1], grid) : kNibbleZero;
        out.data[i / 2] = static_cast<std::byte>(low | high << 4);
      }
    }
  }

  static int zero_of(const StoredRow& row, int64_t g) {
    return Asym ? static_cast<int>(row.zeros[g]) : kNibbleZero;
  }

  static int code_at(const StoredRow& row, int64_t i) {
    return static_cast<int>(row.data[i / 2]) >> i % 2 * 4 & 0xF;
  }

  static void decode(const StoredRow& row, int64_t k, float* out) {
    for (int64_t g = 0; g < groups(k); ++g) {
      const float scale = to_f32(load_unaligned<f16>(row.scales, g));
      const int zero = zero_of(row, g);
      for (int64_t i = g * Group; i < std::min<int64_t>((g + 1) * Group, k); ++i) {
        out[i] = scale * static_cast<float>(code_at(row, i) - zero);
      }
    }
  }

  static void pack(std::span<const StoredRow> rows, int64_t k, std::byte* panel) {
    if (std::ssize(rows) < kPanelRows) Panel::clear(k, panel);
    for_row_pieces(rows.size(), k, Group, [&](int64_t lane, int64_t begin, int64_t end) {
      const StoredRow& row = rows[static_cast<std::size_t>(lane)];
      const int64_t g = begin / Group;
      const int zero = zero_of(row, g);
      std::uint8_t codes[Group];
      for (int64_t i = begin; i < end; ++i) {
        codes[i - begin] = static_cast<std::uint8_t>(code_at(row, i));
      }
      std::fill(codes + (end - begin), codes + Group, static_cast<std::uint8_t>(zero));
      Panel::put_group(codes, load_unaligned<std::uint16_t>(row.scales, g),
                       static_cast<std::uint8_t>(zero), g, lane, panel);
    });
  }

  static constexpr FormatInfo info(WeightFormat format, std::string_view name,
                                   std::string_view summary,
                                   std::optional<WeightFormat> stored_as = {}) {
    FormatInfo f{
        .format = format,
        .name = name,
        .summary = summary,
        .parts = {{{"", DType::kU8, [](int64_t k) { return (k + 1) / 2; }},
                   {"_scale", DType::kF16, &groups},
                   {}}},
        .group = Group,
        .gguf_type = {},
        .stored_as = stored_as,
        .head_format = WeightFormat::kW8A16,
        .encode = &encode,
        .grid = Asym ? &asymmetric_grid : &symmetric_grid,
        .round = &nibble_of,
        .decode = &decode,
        .cpu = {.panel_bytes = &Panel::bytes, .pack = &pack, .unpack_row = &Panel::unpack_row}};
    if (Asym) f.parts[2] = {"_zero", DType::kU8, &groups};
    return f;
  }
};

}  // namespace

constinit const FormatInfo kW4A16G32Format = W4A16<32, false>::info(
    WeightFormat::kW4A16G32, "w4a16-g32", "4 bits in groups of 32, symmetric, bf16 activations");
constinit const FormatInfo kW4A16G64Format = W4A16<64, false>::info(
    WeightFormat::kW4A16G64, "w4a16-g64", "4 bits in groups of 64, symmetric, bf16 activations");
constinit const FormatInfo kW4A16G128Format = W4A16<128, false>::info(
    WeightFormat::kW4A16G128, "w4a16-g128", "4 bits in groups of 128, symmetric, bf16 activations");
constinit const FormatInfo kW4A16G32AsymFormat =
    W4A16<32, true>::info(WeightFormat::kW4A16G32Asym, "w4a16-g32-asym",
                          "4 bits in groups of 32 with zero points, bf16 activations");
constinit const FormatInfo kW4A16G64AsymFormat =
    W4A16<64, true>::info(WeightFormat::kW4A16G64Asym, "w4a16-g64-asym",
                          "4 bits in groups of 64 with zero points, bf16 activations");
constinit const FormatInfo kW4A16G128AsymFormat =
    W4A16<128, true>::info(WeightFormat::kW4A16G128Asym, "w4a16-g128-asym",
                           "4 bits in groups of 128 with zero points, bf16 activations");
constinit const FormatInfo kW4A8G32Format = W4A16<32, false>::info(
    WeightFormat::kW4A8G32, "w4a8-g32", "4 bits in groups of 32, int8 activations per token",
    WeightFormat::kW4A16G32);
constinit const FormatInfo kW4A8G64Format = W4A16<64, false>::info(
    WeightFormat::kW4A8G64, "w4a8-g64", "4 bits in groups of 64, int8 activations per token",
    WeightFormat::kW4A16G64);
constinit const FormatInfo kW4A8G128Format = W4A16<128, false>::info(
    WeightFormat::kW4A8G128, "w4a8-g128", "4 bits in groups of 128, int8 activations per token",
    WeightFormat::kW4A16G128);

}  // namespace pangu
