// SPDX-License-Identifier: Apache-2.0
// Sums of integers that stay where they are. Included only by *_avx2.cpp files.
#pragma once

#include <immintrin.h>

#include "kernels/simd/unroll.h"

namespace pangu::kernels {
namespace {

// In assembly: g++ 12 takes sums of intrinsics apart to add them in another order, for which it
// first keeps all products, on the stack.
PANGU_INLINE __m256i add_ints(__m256i sum, __m256i x) {
  asm("vpaddd %1, %0, %0" : "+x"(sum) : "x"(x));
  return sum;
}
PANGU_INLINE __m256i add_words(__m256i sum, __m256i x) {
  asm("vpaddw %1, %0, %0" : "+x"(sum) : "x"(x));
  return sum;
}

}  // namespace
}  // namespace pangu::kernels
