// SPDX-License-Identifier: Apache-2.0
// Codes in the layouts of quant/code_panels.h as f32, one input of sixteen lanes at a time, with
// AVX-512. Included only by *_avx512.cpp files.
#pragma once

#include <immintrin.h>

#include "kernels/simd/unroll.h"
#include "quant/code_panels.h"

namespace pangu::kernels {
namespace {

/// What byte_code_f32 gives is to be multiplied with.
inline constexpr float kByteCodeScale = 0x1p-24f;

/// Input i of four, 2^24 times as large as its code: the byte goes to the top of its lane, where
/// its sign is, and stays there.
PANGU_INLINE __m512 byte_code_f32(__m512i codes, int i) {
  const int first = (i / 2 * 8 + i % 2) << 24 | 0x808080;
  const __m512i at = _mm512_set4_epi32(first | 6 << 24, first | 4 << 24, first | 2 << 24, first);
  return _mm512_cvtepi32_ps(_mm512_shuffle_epi8(codes, at));
}

/// The entry of the table for input i of eight; the index is the lowest nibble of each lane.
PANGU_INLINE __m512 nibble_code_f32(__m512i codes, int i, __m512 table) {
  const auto shift = static_cast<unsigned>(nibble_shift(i));
  return _mm512_permutexvar_ps(_mm512_srli_epi32(codes, shift), table);
}

/// The codes minus `zero`.
PANGU_INLINE __m512 nibble_table(float zero) {
  const __m512 codes = _mm512_setr_ps(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  return _mm512_sub_ps(codes, _mm512_set1_ps(zero));
}

}  // namespace
}  // namespace pangu::kernels
