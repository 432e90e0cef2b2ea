// SPDX-License-Identifier: Apache-2.0
// Q6_K of GGUF files: 256 weights in 210 bytes, 6.5625 bits each; a scale of 8 bits for each 16
// weights (a sub-block).
//
//   w = d * scale * (code - 32)
//
// Each half of 128 weights has 64 bytes with the lower four bits of its codes and 32 bytes with the
// upper two. Weight j of the half, j = 32 a + b, is in nibble a / 2 of low byte 32 (a % 2) + b, and
// in bits 2 a and 2 a + 1 of high byte b. Source: the block structures and reference quantizers of
// ggml.
#pragma once

#include <cstddef>
#include <cstdint>

namespace pangu {

struct Q6_KBlock {
  static constexpr int kWeights = 256, kSubBlock = 16, kSubBlocks = kWeights / kSubBlock;

  std::uint8_t low[kWeights / 2];
  std::uint8_t high[kWeights / 4];
  std::int8_t scales[kSubBlocks];
  std::uint16_t d;  ///< f16
};
static_assert(sizeof(Q6_KBlock) == 210);

/// Rows of k weights, k a multiple of the block; `data` may lie at any address.
/// `w` must be finite.
void encode_q6_k(const float* w, int64_t k, std::byte* data);
void decode_q6_k(const std::byte* data, int64_t k, float* w);

/// The codes 0 to 63 of a row in input order; the 8-bit scales, one for each 16 weights; the bits
/// of d, one for each 256.
void split_q6_k(const std::byte* data, int64_t k, std::uint8_t* codes, std::int8_t* sub_scales,
                std::uint16_t* d);

}  // namespace pangu
