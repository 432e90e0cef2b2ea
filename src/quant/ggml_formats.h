// SPDX-License-Identifier: Apache-2.0
// The block formats of GGUF files as weight formats. Stored rows are the file's blocks
// (src/quant/blocks/); what is computed is exactly what the blocks decode to, times bf16
// activations. Panels, with codes in the layouts of quant/code_panels.h:
//   q8_0            per 32 inputs: 64 f16 scales, 8-bit codes
//   q4_0, q4_0_64   as w4a16 without zero points (quant/w4_panel.h), groups of 32 and 64
//   q4_k            per 256 inputs: 64 f16 d, 64 f16 dmin, [8][64] scales u8, [8][64] minima u8,
//                   4-bit codes;  w = d scale code - dmin minimum for each 32 inputs
//   q6_k            per 256 inputs: 64 f16 d, [16][64] scales i8; then for each 16 inputs the lower
//                   four bits in the 4-bit layout and [64] words with the upper two bits: inputs
//                   0, 2, ... 14 in the lower half from its lowest bits on, the odd ones in the
//                   upper;  w = d scale (code - 32)
#pragma once

#include "quant/weight_format.h"

namespace pangu {

extern const FormatInfo kQ8_0Format, kQ4_0Format, kQ4_0_64Format, kQ4_KFormat, kQ6_KFormat;

struct Q8_0Panel {
  static constexpr int64_t kGroup = 32, kHeaderBytes = kPanelRows * 2;
  static constexpr int64_t kGroupBytes = kHeaderBytes + kGroup * kPanelRows;
};

struct Q4_KPanel {
  static constexpr int64_t kChunk = 256, kGroup = 32, kGroups = kChunk / kGroup;
  static constexpr int64_t kMinOffset = kPanelRows * 2, kScales = kPanelRows * 4,
                           kMinima = kScales + kGroups * kPanelRows,
                           kHeaderBytes = kMinima + kGroups * kPanelRows;
  static constexpr int64_t kGroupBytes = kGroup * kPanelRows / 2;
  static constexpr int64_t kChunkBytes = kHeaderBytes + kGroups * kGroupBytes;
};

struct Q6_KPanel {
  static constexpr int64_t kChunk = 256, kGroup = 16, kGroups = kChunk / kGroup;
  static constexpr int64_t kScales = kPanelRows * 2, kHeaderBytes = kScales + kGroups * kPanelRows;
  static constexpr int64_t kHighBits = kGroup * kPanelRows / 2,
                           kGroupBytes = kHighBits + kPanelRows * 4;
  static constexpr int64_t kChunkBytes = kHeaderBytes + kGroups * kGroupBytes;
};

}  // namespace pangu
