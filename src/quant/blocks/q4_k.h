// SPDX-License-Identifier: Apache-2.0
// Q4_K of GGUF files: 256 weights in 144 bytes, 4.5 bits each; a scale and a minimum of 6 bits for
// each 32 weights (a sub-block).
//
//   w = d * scale * code - dmin * minimum
//
// `scales` holds the 6-bit numbers in three rows of four bytes: in byte j of the first row the
// scale of sub-block j, in the second row its minimum, in the third the low nibbles of the scale
// (low) and of the minimum (high) of sub-block j + 4, whose upper two bits lie above those of
// sub-block j. `codes` holds 64 weights in each 32 bytes: byte j has weight j in the low nibble, j
// + 32 in the high one. Source: the block structures and reference quantizers of ggml.
#pragma once

#include <cstddef>
#include <cstdint>

namespace pangu {

struct Q4_KBlock {
  static constexpr int kWeights = 256, kSubBlock = 32, kSubBlocks = kWeights / kSubBlock;

  std::uint16_t d, dmin;  ///< f16
  std::uint8_t scales[12];
  std::uint8_t codes[kWeights / 2];
};
static_assert(sizeof(Q4_KBlock) == 144);

/// Rows of k weights, k a multiple of the block; `data` may lie at any address.
/// `w` must be finite.
void encode_q4_k(const float* w, int64_t k, std::byte* data);
void decode_q4_k(const std::byte* data, int64_t k, float* w);

/// The codes 0 to 15 of a row in input order; the 6-bit scales and minima, one of each for 32
/// weights; the bits of d and dmin, one of each for 256.
void split_q4_k(const std::byte* data, int64_t k, std::uint8_t* codes, std::uint8_t* sub_scales,
                std::uint8_t* sub_mins, std::uint16_t* d, std::uint16_t* dmin);

}  // namespace pangu
