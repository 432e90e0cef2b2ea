// SPDX-License-Identifier: Apache-2.0
// Operands of eight outputs for products of bytes, with AVX2 and with AVX-VNNI. Included only by
// ISA files.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/simd/avx2.h"
#include "kernels/simd/unroll.h"

namespace pangu::kernels {
namespace {

/// Four codes of one row in every lane.
PANGU_INLINE __m256i four_codes(const std::int8_t* x) {
  return V256::as_int(V256::broadcast(x));
}

/// Eight inputs, as w4a8 has them: those in the lower nibbles of a word, and those in the upper.
struct NibbleOperands {
  using V = V256;
  using Sum = __m256i;
  struct Nibbles {
    __m256i low, high;
  };
  using X = Nibbles;
  static constexpr int kPartInputs = 32;
  PANGU_INLINE static Nibbles load(const std::byte* w) {
    const __m256i words = V::load_int(w), mask = _mm256_set1_epi8(0xF);
    return {_mm256_and_si256(words, mask), _mm256_and_si256(_mm256_srli_epi16(words, 4), mask)};
  }
  PANGU_INLINE static void store(std::byte* to, const Nibbles& w) {
    _mm256_store_si256(reinterpret_cast<__m256i*>(to), w.low);
    _mm256_store_si256(reinterpret_cast<__m256i*>(to + sizeof(w.low)), w.high);
  }
  PANGU_INLINE static Nibbles load_unpacked(const std::byte* w) {
    return {V::load_int(w), V::load_int(w + sizeof(__m256i))};
  }
  PANGU_INLINE static X x_at(const std::int8_t* x) { return {four_codes(x), four_codes(x + 4)}; }
  PANGU_INLINE static __m256 to_f32(Sum sum) { return V::to_float(sum); }
};

}  // namespace
}  // namespace pangu::kernels
