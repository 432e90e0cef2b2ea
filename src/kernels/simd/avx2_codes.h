// SPDX-License-Identifier: Apache-2.0
// Codes in the layouts of quant/code_panels.h, one input of eight lanes at a time, with AVX2.
// Included only by *_avx2.cpp files.
#pragma once

#include <immintrin.h>

#include "kernels/simd/unroll.h"
#include "quant/code_panels.h"

namespace pangu::kernels {
namespace {

PANGU_INLINE __m256i load_words(const std::byte* p) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
}

/// What byte_code_f32 gives is to be multiplied with.
inline constexpr float kByteCodeScale = 0x1p-24f;

/// Input i of four, 2^24 times as large as its code: the byte goes to the top of its lane, where
/// its sign is, and stays there.
PANGU_INLINE __m256 byte_code_f32(__m256i codes, int i) {
  const int first = (i / 2 * 8 + i % 2) << 24 | 0x808080;
  const __m128i at = _mm_setr_epi32(first, first | 2 << 24, first | 4 << 24, first | 6 << 24);
  return _mm256_cvtepi32_ps(_mm256_shuffle_epi8(codes, _mm256_broadcastsi128_si256(at)));
}

/// Input i of eight, from 0 to 15.
PANGU_INLINE __m256i nibble_codes(__m256i codes, int i) {
  return _mm256_and_si256(_mm256_srli_epi32(codes, nibble_shift(i)), _mm256_set1_epi32(0xF));
}

}  // namespace
}  // namespace pangu::kernels
