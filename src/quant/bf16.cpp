// SPDX-License-Identifier: Apache-2.0
#include "quant/bf16.h"

#include <algorithm>
#include <iterator>
#include <type_traits>

#include "quant/float_rows.h"

namespace pangu {
namespace {

std::size_t panel_bytes(int64_t k) {
  return static_cast<std::size_t>((k + 1) / 2 * kPanelRows) * sizeof(std::uint32_t);
}

/// The pair of inputs 2 * pair and 2 * pair + 1 of one row as a word.
template <class S>
std::uint32_t load_pair(const std::byte* row, int64_t pair, int64_t k) {
  if constexpr (std::is_same_v<S, bf16>) {
    if (2 * pair + 1 < k) return load_unaligned<std::uint32_t>(row, pair);
  }
  const auto element = [&](int64_t i) -> std::uint32_t {
    return i < k ? to_bf16(to_f32(load_unaligned<S>(row, i))).bits : 0u;
  };
  return element(2 * pair) | element(2 * pair + 1) << 16;
}

void pack(std::span<const PanelRow> rows, int64_t k, std::byte* panel) {
  auto* out = reinterpret_cast<std::uint32_t*>(panel);
  if (std::ssize(rows) < kPanelRows) std::fill(out, out + (k + 1) / 2 * kPanelRows, 0u);
  for_row_pieces(rows, k,
                 [&]<class S>(int64_t lane, const std::byte* row, int64_t begin, int64_t end) {
                   for (int64_t pair = begin / 2; pair < (end + 1) / 2; ++pair) {
                     out[pair * kPanelRows + lane] = load_pair<S>(row, pair, k);
                   }
                 });
}

void unpack_row(const std::byte* panel, int64_t lane, int64_t k, float* out) {
  const auto* in = reinterpret_cast<const bf16*>(panel);
  for (int64_t i = 0; i < k; ++i) out[i] = to_f32(in[(i / 2 * kPanelRows + lane) * 2 + i % 2]);
}

}  // namespace

const FormatInfo kBf16Format{WeightFormat::kBF16, "bf16", 16.0, &panel_bytes, &pack, &unpack_row};

}  // namespace pangu
