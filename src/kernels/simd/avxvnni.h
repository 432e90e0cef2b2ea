// SPDX-License-Identifier: Apache-2.0
// VPDPBUSD of AVX-VNNI: four products of unsigned with signed bytes, added to each of eight 32-bit
// sums. Included only by *_avxvnni.cpp files.
#pragma once

#include <immintrin.h>

#include "kernels/simd/unroll.h"

namespace pangu::kernels {
namespace {

/// In assembly for the same reason as its wider sister (vnni.h). The prefix keeps assemblers from
/// the AVX-512 form, which processors without AVX-512 do not have.
PANGU_INLINE __m256i dot_bytes(__m256i sum, __m256i unsigned_bytes, __m256i signed_bytes) {
  asm("%{vex%} vpdpbusd %2, %1, %0" : "+x"(sum) : "x"(unsigned_bytes), "x"(signed_bytes));
  return sum;
}

}  // namespace
}  // namespace pangu::kernels
