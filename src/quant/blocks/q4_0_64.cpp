// SPDX-License-Identifier: Apache-2.0
#include "quant/blocks/q4_0_64.h"

namespace pangu {

void encode_q4_0_64(const float* w, int64_t k, std::byte* data) {
  blocks::encode_blocks<64>(w, k, data);
}

void decode_q4_0_64(const std::byte* data, int64_t k, float* w) {
  blocks::decode_blocks<64>(data, k, w);
}

void split_q4_0_64(const std::byte* data, int64_t k, std::uint8_t* codes, std::uint16_t* scales) {
  blocks::split_blocks<64>(data, k, codes, scales);
}

}  // namespace pangu
