// SPDX-License-Identifier: Apache-2.0
// The panel of 4-bit weights in groups of 32, 64 or 128 inputs, whatever file they come from.
//
// One group after the other: 64 f16 scales, with zero points 64 bytes of them, then the group's
// codes in the 4-bit layout of quant/code_panels.h. w = scale * (code - zero), zero 8 where there
// is none; padding has codes 8 and scale 0.
#pragma once

#include <cstring>
#include <iterator>

#include "quant/code_panels.h"
#include "quant/float_rows.h"

namespace pangu {

inline constexpr int kNibbleZero = 8;

template <int Group, bool Asym>
struct W4Panel {
  static constexpr int64_t kZerosOffset = kPanelRows * 2;
  static constexpr int64_t kHeaderBytes = kZerosOffset + (Asym ? kPanelRows : 0);
  static constexpr int64_t kGroupBytes = kHeaderBytes + Group * kPanelRows / 2;

  static std::size_t bytes(int64_t k) {
    return static_cast<std::size_t>(padded_inputs(k, Group) / Group * kGroupBytes);
  }

  /// All groups empty: scale 0, codes and zeros 8.
  static void clear(int64_t k, std::byte* panel) {
    for (int64_t g = 0; g < padded_inputs(k, Group) / Group; ++g) {
      std::byte* group = panel + g * kGroupBytes;
      std::memset(group, 0, kZerosOffset);
      std::memset(group + kZerosOffset, kNibbleZero,
                  static_cast<std::size_t>(kHeaderBytes - kZerosOffset));
      std::memset(group + kHeaderBytes, 0x88, static_cast<std::size_t>(kGroupBytes - kHeaderBytes));
    }
  }

  /// One group of one output; `codes` has Group codes in input order.
  static void put_group(const std::uint8_t* codes, std::uint16_t scale, std::uint8_t zero,
                        int64_t g, int64_t lane, std::byte* panel) {
    std::byte* group = panel + g * kGroupBytes;
    store_unaligned(group, lane, scale);
    if constexpr (Asym) group[kZerosOffset + lane] = static_cast<std::byte>(zero);
    put_nibble_codes(codes, Group, lane, group + kHeaderBytes);
  }

  static void unpack_row(const std::byte* panel, int64_t lane, int64_t k, float* out) {
    for (int64_t i = 0; i < k; ++i) {
      const std::byte* group = panel + i / Group * kGroupBytes;
      const float scale = to_f32(load_unaligned<f16>(group, lane));
      const int zero = Asym ? static_cast<int>(group[kZerosOffset + lane]) : kNibbleZero;
      out[i] =
          scale * static_cast<float>(nibble_code(group + kHeaderBytes, lane, i % Group) - zero);
    }
  }
};

}  // namespace pangu
