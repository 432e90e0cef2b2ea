// SPDX-License-Identifier: Apache-2.0
// Q4_0_64: Q4_0 with blocks of 64, 34 bytes, 4.25 bits for each weight; half the scales suit the
// matrix units of Ascend. The codes are those of quant/blocks/q4_0_blocks.h, stored with offset 8.
// Source: the type of this name that the Ascend page of CAMERA (github.com/xuyuzhuang11/CAMERA)
// uses has no public definition; this is what two other forks of llama.cpp agree on.
#pragma once

#include "quant/blocks/q4_0_blocks.h"

namespace pangu {

using Q4_0_64Block = blocks::Q4_0Like<64>;
static_assert(sizeof(Q4_0_64Block) == 34);

/// Rows of k weights, k a multiple of the block; `data` may lie at any address.
/// `w` must be finite.
void encode_q4_0_64(const float* w, int64_t k, std::byte* data);
void decode_q4_0_64(const std::byte* data, int64_t k, float* w);

/// The codes 0 to 15 of a row in input order and the bits of its f16 scales, one for each 64.
void split_q4_0_64(const std::byte* data, int64_t k, std::uint8_t* codes, std::uint16_t* scales);

}  // namespace pangu
