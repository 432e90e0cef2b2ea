// SPDX-License-Identifier: Apache-2.0
// Q4_0 of GGUF files: 32 weights in 18 bytes, 4.5 bits each. The codes are those of
// quant/blocks/q4_0_blocks.h. Rows past f16 (a weight above about 5.2e5) get an infinite scale.
// Source: the block structures and reference quantizers of ggml.
#pragma once

#include "quant/blocks/q4_0_blocks.h"

namespace pangu {

using Q4_0Block = blocks::Q4_0Like<32>;
static_assert(sizeof(Q4_0Block) == 18);

/// Rows of k weights, k a multiple of the block; `data` may lie at any address.
/// `w` must be finite.
void encode_q4_0(const float* w, int64_t k, std::byte* data);
void decode_q4_0(const std::byte* data, int64_t k, float* w);

/// The codes 0 to 15 of a row in input order and the bits of its f16 scales, one for each 32.
void split_q4_0(const std::byte* data, int64_t k, std::uint8_t* codes, std::uint16_t* scales);

}  // namespace pangu
