// SPDX-License-Identifier: Apache-2.0
#include "quant/blocks/q8_0.h"

#include <cstring>

#include "quant/blocks/block_math.h"
#include "tensor/dtype.h"

namespace pangu {
namespace {

using blocks::largest_magnitude;
using blocks::reciprocal_or_zero;

constexpr int kN = Q8_0Block::kWeights;

/// roundf for |x| < 2^31, in a form that compilers vectorize.
int round_half_away(float x) {
  const int whole = static_cast<int>(x);
  const float rest = x - static_cast<float>(whole);
  return whole + (rest >= 0.5f ? 1 : 0) - (rest <= -0.5f ? 1 : 0);
}

Q8_0Block encode_block(const float* w) {
  const float scale = largest_magnitude<kN>(w) / 127.0f;
  const float inverse = reciprocal_or_zero(scale);
  Q8_0Block block;
  block.scale = to_f16(scale).bits;
  for (int i = 0; i < kN; ++i) {
    block.codes[i] = static_cast<std::int8_t>(round_half_away(w[i] * inverse));
  }
  return block;
}

}  // namespace

void encode_q8_0(const float* w, int64_t k, std::byte* data) {
  for (int64_t i = 0; i < k; i += kN, data += sizeof(Q8_0Block)) {
    const Q8_0Block block = encode_block(w + i);
    std::memcpy(data, &block, sizeof(block));
  }
}

void decode_q8_0(const std::byte* data, int64_t k, float* w) {
  for (int64_t i = 0; i < k; i += kN, data += sizeof(Q8_0Block)) {
    std::int8_t codes[kN];
    std::uint16_t bits;
    split_q8_0(data, kN, codes, &bits);
    const float scale = to_f32(f16{bits});
    for (int j = 0; j < kN; ++j) w[i + j] = static_cast<float>(codes[j]) * scale;
  }
}

void split_q8_0(const std::byte* data, int64_t k, std::int8_t* codes, std::uint16_t* scales) {
  for (int64_t i = 0; i < k; i += kN, data += sizeof(Q8_0Block)) {
    std::memcpy(scales + i / kN, data, sizeof(std::uint16_t));
    std::memcpy(codes + i, data + offsetof(Q8_0Block, codes), kN);
  }
}

}  // namespace pangu
