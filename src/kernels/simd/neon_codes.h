// SPDX-License-Identifier: Apache-2.0
// Codes in the layouts of quant/code_panels.h as f32, one input of four lanes at a time, with NEON.
// Included only by *_neon*.cpp files.
#pragma once

#include <arm_neon.h>

#include "kernels/simd/unroll.h"
#include "quant/code_panels.h"

namespace pangu::kernels {
namespace {

PANGU_INLINE uint8x16_t load_bytes(const std::byte* p) {
  return vld1q_u8(reinterpret_cast<const uint8_t*>(p));
}

/// The bytes whose numbers `at` has go to the top of their lanes, where their sign is; the
/// conversion divides by 2^24, which costs nothing.
PANGU_INLINE float32x4_t top_byte_f32(uint8x16_t bytes, uint8x16_t at) {
  return vcvtq_n_f32_s32(vreinterpretq_s32_u8(vqtbl1q_u8(bytes, at)), 24);
}

/// Numbers of the bytes for top_byte_f32: `first`, and those `step` apart from it; any that is not
/// there gives zero.
PANGU_INLINE uint8x16_t every(unsigned first, unsigned step) {
  constexpr std::uint32_t kNone = 0xFFFFFF;
  const std::uint32_t at[4] = {first << 24 | kNone, (first + step) << 24 | kNone,
                               (first + 2 * step) << 24 | kNone, (first + 3 * step) << 24 | kNone};
  return vreinterpretq_u8_u32(vld1q_u32(at));
}

/// Input i of four of 8-bit codes.
PANGU_INLINE float32x4_t byte_code_f32(uint8x16_t codes, int i) {
  return top_byte_f32(codes, every(static_cast<unsigned>(i / 2 * 8 + i % 2), 2));
}

/// A word of eight 4-bit codes in every lane, its lower and upper nibbles apart.
struct NibbleBytes {
  uint8x16_t low, high;
};
PANGU_INLINE NibbleBytes load_nibbles(const std::byte* p) {
  const uint8x16_t words = load_bytes(p);
  return {vandq_u8(words, vdupq_n_u8(0xF)), vshrq_n_u8(words, 4)};
}

/// Input i of eight; bytes count as signed.
PANGU_INLINE float32x4_t nibble_code_f32(const NibbleBytes& codes, int i) {
  const auto shift = static_cast<unsigned>(nibble_shift(i));
  return top_byte_f32(shift % 8 == 0 ? codes.low : codes.high, every(shift / 8, 4));
}

}  // namespace
}  // namespace pangu::kernels
