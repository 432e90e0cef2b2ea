// SPDX-License-Identifier: Apache-2.0
// Q8_0 of GGUF files: 32 weights in 34 bytes, 8.5 bits each.
//
//   w = scale * code, scale = max |w| / 127, code = w / scale rounded half away from zero
//
// Codes are made with the f32 scale, before it is rounded to f16. Rows past f16 (max |w| above
// about 8.3e6) get an infinite scale. Source: the block structures and reference quantizers of
// ggml.
#pragma once

#include <cstddef>
#include <cstdint>

namespace pangu {

struct Q8_0Block {
  static constexpr int kWeights = 32;

  std::uint16_t scale;  ///< f16
  std::int8_t codes[kWeights];
};
static_assert(sizeof(Q8_0Block) == 34);

/// Rows of k weights, k a multiple of the block; `data` may lie at any address.
/// `w` must be finite.
void encode_q8_0(const float* w, int64_t k, std::byte* data);
void decode_q8_0(const std::byte* data, int64_t k, float* w);

/// The codes of a row as they are and the bits of its f16 scales, one for each 32 weights.
void split_q8_0(const std::byte* data, int64_t k, std::int8_t* codes, std::uint16_t* scales);

}  // namespace pangu
