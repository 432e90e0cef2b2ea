// SPDX-License-Identifier: Apache-2.0
// Linear kernels that multiply in f32 with AVX-512.
#include "kernels/linear/linear_codes.h"
#include "kernels/linear/linear_fma.h"
#include "kernels/linear/linear_input_simd.h"
#include "kernels/simd/avx512.h"

namespace pangu::kernels {
namespace {

/// 8-bit codes: the bytes of each input in turn go to the top of their output's 32-bit lane, and
/// come down with their sign.
class FmaBytes {
 public:
  static constexpr int kUnit = 4;
  static constexpr int64_t kUnitBytes = kUnit * kPanelRows;
  PANGU_INLINE void expand(const std::byte* unit, int64_t lane, __m512 (&w)[4]) const {
    const __m512i codes = _mm512_loadu_si512(unit + lane * kUnit);
    PANGU_UNROLL
    for (int i = 0; i < 4; ++i) {
      const int first = (i / 2 * 8 + i % 2) << 24 | 0x808080;
      const __m512i at =
          _mm512_set4_epi32(first | 6 << 24, first | 4 << 24, first | 2 << 24, first);
      w[i] = _mm512_cvtepi32_ps(_mm512_srai_epi32(_mm512_shuffle_epi8(codes, at), 24));
    }
  }
};

/// 4-bit codes, looked up: the table's index is the lowest nibble of each lane.
template <int Zero>
class FmaNibbles {
 public:
  static constexpr int kUnit = 8;
  static constexpr int64_t kUnitBytes = kUnit * kPanelRows / 2;
  PANGU_INLINE void expand(const std::byte* unit, int64_t lane, __m512 (&w)[8]) const {
    const __m512i codes = _mm512_loadu_si512(unit + lane * 4);
    PANGU_UNROLL
    for (int i = 0; i < 8; ++i) {
      const auto shift = static_cast<unsigned>(nibble_shift(i));
      w[i] = _mm512_permutexvar_ps(_mm512_srli_epi32(codes, shift), table_);
    }
  }

 private:
  const __m512 table_ = _mm512_sub_ps(
      _mm512_setr_ps(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15), _mm512_set1_ps(Zero));
};

/// 6-bit codes in two planes.
class FmaSixBits {
 public:
  static constexpr int kUnit = 16;
  static constexpr int64_t kUnitBytes = Q6_KPanel::kGroupBytes;
  PANGU_INLINE void expand(const std::byte* unit, int64_t lane, __m512 (&w)[16]) const {
    const __m512i high = _mm512_loadu_si512(unit + Q6_KPanel::kHighBits + lane * 4);
    PANGU_UNROLL
    for (int i = 0; i < 16; ++i) {
      const __m512i low = _mm512_loadu_si512(unit + (i / 8 * kPanelRows + lane) * 4);
      const auto shift = static_cast<unsigned>(i / 2 * 2 + i % 2 * 16);
      const __m512i low4 = _mm512_and_si512(
          _mm512_srli_epi32(low, static_cast<unsigned>(nibble_shift(i))), _mm512_set1_epi32(0xF));
      const __m512i high2 =
          _mm512_and_si512(_mm512_srli_epi32(high, shift), _mm512_set1_epi32(0x3));
      const __m512i code = _mm512_or_si512(low4, _mm512_slli_epi32(high2, 4));
      w[i] = _mm512_cvtepi32_ps(_mm512_sub_epi32(code, _mm512_set1_epi32(32)));
    }
  }
};

constexpr LinearVariants make_table() {
  LinearVariants t{};
  add_float_kernels<V512, 6, 4, 4>(t);
  for (const int x : {0, 1}) {
    add_code_kernels<FmaMath<V512>, FmaBytes, FmaNibbles<8>, FmaNibbles<0>, FmaSixBits, 6, 4, 4>(
        t, x, InputForm::kF32);
  }
  return t;
}

}  // namespace

constinit const LinearVariants kLinearAvx512 = make_table();

float quantize_row_avx512(const float* x, int64_t k, int64_t n, std::int8_t* codes,
                          std::int32_t& sum) {
  return quantize_row<V512>(x, k, n, codes, sum);
}

}  // namespace pangu::kernels
