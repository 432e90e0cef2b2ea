// SPDX-License-Identifier: Apache-2.0
// Sixteen f32 lanes with AVX-512. Included only by *_avx512*.cpp files; everything is in an
// anonymous namespace, so that no other file can end up with this code.
#pragma once

#include <immintrin.h>

#include <cstdint>

namespace pangu {
namespace {

struct V512 {
  using Reg = __m512;
  static constexpr int kLanes = 16;

  static Reg zero() { return _mm512_setzero_ps(); }
  static Reg set1(float x) { return _mm512_set1_ps(x); }
  static Reg broadcast(const float* p) { return set1(*p); }
  static Reg load(const float* p) { return _mm512_loadu_ps(p); }
  static void store(float* p, Reg x) { _mm512_storeu_ps(p, x); }
  /// The first n lanes; the others are zero when loaded, left alone when stored.
  static Reg load_n(const float* p, int64_t n) { return _mm512_maskz_loadu_ps(mask(n), p); }
  static void store_n(float* p, Reg x, int64_t n) { _mm512_mask_storeu_ps(p, mask(n), x); }
  /// Lanes from n on replaced by y.
  static Reg keep_first(Reg x, int64_t n, Reg y) { return _mm512_mask_blend_ps(mask(n), y, x); }

  static Reg add(Reg a, Reg b) { return _mm512_add_ps(a, b); }
  static Reg sub(Reg a, Reg b) { return _mm512_sub_ps(a, b); }
  static Reg mul(Reg a, Reg b) { return _mm512_mul_ps(a, b); }
  static Reg div(Reg a, Reg b) { return _mm512_div_ps(a, b); }
  /// a * b + c
  static Reg fma(Reg a, Reg b, Reg c) { return _mm512_fmadd_ps(a, b, c); }
  /// c - a * b
  static Reg fnma(Reg a, Reg b, Reg c) { return _mm512_fnmadd_ps(a, b, c); }
  /// b where a is NaN, else the smaller or larger.
  static Reg min(Reg a, Reg b) { return _mm512_min_ps(a, b); }
  static Reg max(Reg a, Reg b) { return _mm512_max_ps(a, b); }
  static Reg round(Reg x) {
    return _mm512_roundscale_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  }
  /// x * 2^n for integral n.
  static Reg scale(Reg x, Reg n) { return _mm512_scalef_ps(x, n); }

  using Int = __m512i;  ///< sixteen 32-bit integers
  static Int zero_int() { return _mm512_setzero_si512(); }
  static Int set1_int(std::int32_t x) { return _mm512_set1_epi32(x); }
  static Int load_int(const void* p) { return _mm512_loadu_si512(p); }
  static Int add(Int a, Int b) { return _mm512_add_epi32(a, b); }
  static Int sub(Int a, Int b) { return _mm512_sub_epi32(a, b); }
  static Reg to_float(Int x) { return _mm512_cvtepi32_ps(x); }
  static Int as_int(Reg x) { return _mm512_castps_si512(x); }
  static Reg as_float(Int x) { return _mm512_castsi512_ps(x); }

  static float sum(Reg x) { return _mm512_reduce_add_ps(x); }
  static float max_of(Reg x) { return _mm512_reduce_max_ps(x); }

  /// Stored bf16 and f16 elements as f32.
  static Reg load_bf16(const void* p) {
    const __m256i h = _mm256_loadu_si256(static_cast<const __m256i*>(p));
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(h), 16));
  }
  static Reg load_bf16_n(const void* p, int64_t n) {
    const __m256i h = _mm256_maskz_loadu_epi16(mask(n), p);
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(h), 16));
  }
  static Reg load_f16(const void* p) {
    return _mm512_cvtph_ps(_mm256_loadu_si256(static_cast<const __m256i*>(p)));
  }
  static Reg load_u8(const void* p) {
    const __m128i b = _mm_loadu_si128(static_cast<const __m128i*>(p));
    return _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(b));
  }
  static Reg load_i8(const void* p) {
    const __m128i b = _mm_loadu_si128(static_cast<const __m128i*>(p));
    return _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(b));
  }
  /// Whole numbers from -128 to 127.
  static void store_i8(void* p, Reg x) {
    _mm_storeu_si128(static_cast<__m128i*>(p), _mm512_cvtepi32_epi8(_mm512_cvtps_epi32(x)));
  }
  /// Rounds to nearest even.
  static void store_bf16(void* p, Reg x) {
    _mm256_storeu_si256(static_cast<__m256i*>(p), round_to_bf16(x));
  }
  static void store_bf16_n(void* p, Reg x, int64_t n) {
    _mm256_mask_storeu_epi16(p, mask(n), round_to_bf16(x));
  }
  /// The lower and upper bf16 of each 32-bit word.
  static Reg low_half(Reg pairs) {
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_castps_si512(pairs), 16));
  }
  static Reg high_half(Reg pairs) {
    return _mm512_castsi512_ps(_mm512_and_si512(_mm512_castps_si512(pairs),
                                                _mm512_set1_epi32(static_cast<int>(0xFFFF0000u))));
  }

 private:
  static __mmask16 mask(int64_t n) {
    return n >= 16  ? static_cast<__mmask16>(0xFFFF)
           : n <= 0 ? static_cast<__mmask16>(0)
                    : static_cast<__mmask16>((1u << n) - 1u);
  }
  static __m256i round_to_bf16(Reg x) {
    const __m512i u = _mm512_castps_si512(x);
    const __m512i odd = _mm512_and_si512(_mm512_srli_epi32(u, 16), _mm512_set1_epi32(1));
    const __m512i rounded = _mm512_srli_epi32(
        _mm512_add_epi32(_mm512_add_epi32(u, _mm512_set1_epi32(0x7FFF)), odd), 16);
    const __m512i quiet = _mm512_or_si512(_mm512_srli_epi32(u, 16), _mm512_set1_epi32(0x40));
    const __mmask16 nan = _mm512_cmp_ps_mask(x, x, _CMP_UNORD_Q);
    return _mm512_cvtepi32_epi16(_mm512_mask_blend_epi32(nan, rounded, quiet));
  }
};

}  // namespace
}  // namespace pangu
