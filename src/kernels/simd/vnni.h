// SPDX-License-Identifier: Apache-2.0
// VPDPBUSD: four products of unsigned with signed bytes, added to each of sixteen 32-bit sums.
// Included only by *_avx512vnni.cpp files.
#pragma once

#include <immintrin.h>

#include "kernels/simd/unroll.h"

namespace pangu::kernels {
namespace {

PANGU_INLINE __m512i dot_bytes(__m512i sum, __m512i unsigned_bytes, __m512i signed_bytes) {
  // The intrinsic changes the vector's type on the way, at which g++ 12 copies every sum to the
  // stack and back: twice the time.
  asm("vpdpbusd %2, %1, %0" : "+v"(sum) : "v"(unsigned_bytes), "v"(signed_bytes));
  return sum;
}

}  // namespace
}  // namespace pangu::kernels
