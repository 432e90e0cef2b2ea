// SPDX-License-Identifier: Apache-2.0
// Eight f32 lanes with AVX2 and FMA; the same members as V512. Included only by *_avx2.cpp files.
#pragma once

#include <immintrin.h>

#include <cstdint>

namespace pangu {
namespace {

struct V256 {
  using Reg = __m256;
  static constexpr int kLanes = 8;

  static Reg zero() { return _mm256_setzero_ps(); }
  static Reg set1(float x) { return _mm256_set1_ps(x); }
  /// The 32 bits at p in every lane. Not an intrinsic: of sixteen registers, compilers would give
  /// half to what is broadcast, and put sums on the stack, rather than load it again.
  static Reg broadcast(const void* p) {
    Reg x;
    asm volatile("vbroadcastss %1, %0" : "=x"(x) : "m"(*static_cast<const std::uint32_t*>(p)));
    return x;
  }
  /// The same of 64 bits, in turns.
  static __m256i broadcast_pair(const void* p) {
    __m256d x;
    asm volatile("vbroadcastsd %1, %0" : "=x"(x) : "m"(*static_cast<const std::uint64_t*>(p)));
    return _mm256_castpd_si256(x);
  }
  static Reg load(const float* p) { return _mm256_loadu_ps(p); }
  static void store(float* p, Reg x) { _mm256_storeu_ps(p, x); }
  static Reg load_n(const float* p, int64_t n) { return _mm256_maskload_ps(p, mask(n)); }
  static void store_n(float* p, Reg x, int64_t n) { _mm256_maskstore_ps(p, mask(n), x); }
  static Reg keep_first(Reg x, int64_t n, Reg y) {
    return _mm256_blendv_ps(y, x, _mm256_castsi256_ps(mask(n)));
  }

  static Reg add(Reg a, Reg b) { return _mm256_add_ps(a, b); }
  static Reg sub(Reg a, Reg b) { return _mm256_sub_ps(a, b); }
  static Reg mul(Reg a, Reg b) { return _mm256_mul_ps(a, b); }
  static Reg div(Reg a, Reg b) { return _mm256_div_ps(a, b); }
  static Reg fma(Reg a, Reg b, Reg c) { return _mm256_fmadd_ps(a, b, c); }
  static Reg fnma(Reg a, Reg b, Reg c) { return _mm256_fnmadd_ps(a, b, c); }
  static Reg min(Reg a, Reg b) { return _mm256_min_ps(a, b); }
  static Reg max(Reg a, Reg b) { return _mm256_max_ps(a, b); }
  static Reg round(Reg x) {
    return _mm256_round_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  }
  /// In two steps, so that results below the normal range come out as subnormals.
  static Reg scale(Reg x, Reg n) {
    const __m256i whole = _mm256_cvtps_epi32(n);
    const __m256i half = _mm256_srai_epi32(whole, 1);
    return _mm256_mul_ps(_mm256_mul_ps(x, power_of_two(half)),
                         power_of_two(_mm256_sub_epi32(whole, half)));
  }

  using Int = __m256i;  ///< eight 32-bit integers
  static Int zero_int() { return _mm256_setzero_si256(); }
  static Int set1_int(std::int32_t x) { return _mm256_set1_epi32(x); }
  static Int load_int(const void* p) { return _mm256_loadu_si256(static_cast<const __m256i*>(p)); }
  static Int add(Int a, Int b) { return _mm256_add_epi32(a, b); }
  static Int sub(Int a, Int b) { return _mm256_sub_epi32(a, b); }
  static Reg to_float(Int x) { return _mm256_cvtepi32_ps(x); }
  static Int as_int(Reg x) { return _mm256_castps_si256(x); }
  static Reg as_float(Int x) { return _mm256_castsi256_ps(x); }

  static float sum(Reg x) {
    const __m128 four = _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
    const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
  }
  static float max_of(Reg x) {
    const __m128 four = _mm_max_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
    const __m128 two = _mm_max_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_max_ss(two, _mm_movehdup_ps(two)));
  }

  static Reg load_bf16(const void* p) {
    return widen(_mm_loadu_si128(static_cast<const __m128i*>(p)));
  }
  static Reg load_bf16_n(const void* p, int64_t n) {
    alignas(16) std::uint16_t part[8] = {};
    for (int64_t i = 0; i < n && i < 8; ++i) part[i] = static_cast<const std::uint16_t*>(p)[i];
    return load_bf16(part);
  }
  static Reg load_f16(const void* p) {
    return _mm256_cvtph_ps(_mm_loadu_si128(static_cast<const __m128i*>(p)));
  }
  static Reg load_u8(const void* p) {
    return _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(eight_bytes(p)));
  }
  static Reg load_i8(const void* p) {
    return _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(eight_bytes(p)));
  }
  static void store_i8(void* p, Reg x) {
    const __m256i words = _mm256_cvtps_epi32(x);
    const __m128i half =
        _mm_packs_epi32(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
    _mm_storel_epi64(static_cast<__m128i*>(p), _mm_packs_epi16(half, half));
  }
  static void store_bf16(void* p, Reg x) {
    _mm_storeu_si128(static_cast<__m128i*>(p), round_to_bf16(x));
  }
  static void store_bf16_n(void* p, Reg x, int64_t n) {
    alignas(16) std::uint16_t part[8];
    store_bf16(part, x);
    for (int64_t i = 0; i < n && i < 8; ++i) static_cast<std::uint16_t*>(p)[i] = part[i];
  }
  /// The lower and upper bf16 of each 32-bit word.
  static Reg low_half(Reg pairs) {
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_castps_si256(pairs), 16));
  }
  static Reg high_half(Reg pairs) {
    return _mm256_and_ps(pairs,
                         _mm256_castsi256_ps(_mm256_set1_epi32(static_cast<int>(0xFFFF0000u))));
  }

 private:
  static __m128i eight_bytes(const void* p) {
    return _mm_loadl_epi64(static_cast<const __m128i*>(p));
  }
  static __m256i mask(int64_t n) {
    const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    const int count = n > 8 ? 8 : n < 0 ? 0 : static_cast<int>(n);
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(count), lane);
  }
  static Reg power_of_two(__m256i n) {
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_add_epi32(n, _mm256_set1_epi32(127)), 23));
  }
  static Reg widen(__m128i h) {
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(h), 16));
  }
  static __m128i round_to_bf16(Reg x) {
    const __m256i u = _mm256_castps_si256(x);
    const __m256i odd = _mm256_and_si256(_mm256_srli_epi32(u, 16), _mm256_set1_epi32(1));
    const __m256i rounded = _mm256_srli_epi32(
        _mm256_add_epi32(_mm256_add_epi32(u, _mm256_set1_epi32(0x7FFF)), odd), 16);
    const __m256i quiet = _mm256_or_si256(_mm256_srli_epi32(u, 16), _mm256_set1_epi32(0x40));
    const __m256i nan = _mm256_castps_si256(_mm256_cmp_ps(x, x, _CMP_UNORD_Q));
    const __m256i words = _mm256_blendv_epi8(rounded, quiet, nan);
    return _mm_packus_epi32(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
  }
};

}  // namespace
}  // namespace pangu
