// SPDX-License-Identifier: Apache-2.0
// What Q4_0 and Q4_0_64 share: blocks of N weights, an f16 scale and N 4-bit codes.
//
//   w = scale * (code - 8), scale = m / -8
//
// with m the weight of largest magnitude (the first of several), which gets code 0 whatever its
// sign. Codes are made with the f32 scale, before it is rounded to f16; halves round up. Byte j
// holds weight j in its low nibble and weight j + N / 2 in the high one.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "quant/blocks/block_math.h"
#include "tensor/dtype.h"

namespace pangu::blocks {

template <int N>
struct Q4_0Like {
  static constexpr int kWeights = N;

  std::uint16_t scale;  ///< f16
  std::uint8_t codes[N / 2];
};

/// The weight of largest magnitude, the first of several; +0 if all are zero.
template <int N>
float extreme_weight(const float* w) {
  const float magnitude = largest_magnitude<N>(w);
  if (magnitude == 0.0f) return 0.0f;
  return *std::find_if(w, w + N, [&](float x) { return std::fabs(x) == magnitude; });
}

template <int N>
Q4_0Like<N> encode_block(const float* w) {
  const float scale = extreme_weight<N>(w) / -8.0f;
  const float inverse = reciprocal_or_zero(scale);
  std::uint8_t codes[N];
  for (int i = 0; i < N; ++i) {
    codes[i] = static_cast<std::uint8_t>(std::min(static_cast<int>(w[i] * inverse + 8.5f), 15));
  }
  Q4_0Like<N> block;
  block.scale = to_f16(scale).bits;
  for (int j = 0; j < N / 2; ++j) {
    block.codes[j] = static_cast<std::uint8_t>(codes[j] | codes[j + N / 2] << 4);
  }
  return block;
}

template <int N>
void encode_blocks(const float* w, int64_t k, std::byte* data) {
  for (int64_t i = 0; i < k; i += N, data += sizeof(Q4_0Like<N>)) {
    const auto block = encode_block<N>(w + i);
    std::memcpy(data, &block, sizeof(block));
  }
}

template <int N>
void split_blocks(const std::byte* data, int64_t k, std::uint8_t* codes, std::uint16_t* scales) {
  for (int64_t i = 0; i < k; i += N, data += sizeof(Q4_0Like<N>)) {
    std::memcpy(scales + i / N, data, sizeof(std::uint16_t));
    std::uint8_t packed[N / 2];
    std::memcpy(packed, data + offsetof(Q4_0Like<N>, codes), sizeof(packed));
    for (int j = 0; j < N / 2; ++j) codes[i + j] = packed[j] & 0xF;
    for (int j = 0; j < N / 2; ++j) codes[i + N / 2 + j] = packed[j] >> 4;
  }
}

template <int N>
void decode_blocks(const std::byte* data, int64_t k, float* w) {
  for (int64_t i = 0; i < k; i += N, data += sizeof(Q4_0Like<N>)) {
    std::uint8_t codes[N];
    std::uint16_t bits;
    split_blocks<N>(data, N, codes, &bits);
    const float scale = to_f32(f16{bits});
    for (int j = 0; j < N; ++j) w[i + j] = static_cast<float>(codes[j] - 8) * scale;
  }
}

}  // namespace pangu::blocks
