// SPDX-License-Identifier: Apache-2.0
// Linear kernels that multiply in f32 with AVX-512.
#include "kernels/linear/linear_codes.h"
#include "kernels/linear/linear_fma.h"
#include "kernels/linear/linear_input_simd.h"
#include "kernels/simd/avx512.h"
#include "kernels/simd/avx512_codes.h"

namespace pangu::kernels {
namespace {

/// 8-bit codes.
class FmaBytes {
 public:
  static constexpr int kUnit = 4;
  static constexpr int64_t kUnitBytes = kUnit * kPanelRows;
  static constexpr float kScale = kByteCodeScale;
  using Unit = __m512i;
  PANGU_INLINE Unit load(const std::byte* unit, int64_t lane) const {
    return _mm512_loadu_si512(unit + lane * kUnit);
  }
  PANGU_INLINE __m512 operand(Unit codes, int i) const { return byte_code_f32(codes, i); }
};

/// 4-bit codes.
template <int Zero>
class FmaNibbles {
 public:
  static constexpr int kUnit = 8;
  static constexpr int64_t kUnitBytes = kUnit * kPanelRows / 2;
  static constexpr float kScale = 1;
  using Unit = __m512i;
  PANGU_INLINE Unit load(const std::byte* unit, int64_t lane) const {
    return _mm512_loadu_si512(unit + lane * 4);
  }
  PANGU_INLINE __m512 operand(Unit codes, int i) const { return nibble_code_f32(codes, i, table_); }

 private:
  const __m512 table_ = nibble_table(Zero);
};

/// 6-bit codes in two planes.
class FmaSixBits {
 public:
  static constexpr int kUnit = 16;
  static constexpr int64_t kUnitBytes = Q6_KPanel::kGroupBytes;
  static constexpr float kScale = 0x1p-26f;
  struct Unit {
    __m512i low[2], high;
  };
  PANGU_INLINE Unit load(const std::byte* unit, int64_t lane) const {
    return {
        {_mm512_loadu_si512(unit + lane * 4), _mm512_loadu_si512(unit + kPanelRows * 4 + lane * 4)},
        _mm512_loadu_si512(unit + Q6_KPanel::kHighBits + lane * 4)};
  }
  PANGU_INLINE __m512 operand(const Unit& u, int i) const {
    // All six bits at the top of the lane, all others cut off, and the sign turned over, which
    // subtracts 32.
    const auto up_high = static_cast<unsigned>(30 - (i / 2 * 2 + i % 2 * 16));
    const int up_low = 26 - nibble_shift(i);
    const __m512i low = up_low >= 0
                            ? _mm512_slli_epi32(u.low[i / 8], static_cast<unsigned>(up_low))
                            : _mm512_srli_epi32(u.low[i / 8], static_cast<unsigned>(-up_low));
    const __m512i high = _mm512_slli_epi32(u.high, up_high);
    constexpr int kSelect = 0xE4, kAndXor = 0x6A;  // c ? a : b, and (a & b) ^ c
    const __m512i both = _mm512_ternarylogic_epi32(high, low, top2_, kSelect);
    return _mm512_cvtepi32_ps(_mm512_ternarylogic_epi32(both, top6_, sign_, kAndXor));
  }

 private:
  const __m512i top2_ = _mm512_set1_epi32(static_cast<int>(0xC0000000u));
  const __m512i top6_ = _mm512_set1_epi32(static_cast<int>(0xFC000000u));
  const __m512i sign_ = _mm512_set1_epi32(static_cast<int>(0x80000000u));
};

constexpr Tiling kTiling{
    .sums = 24, .together = 4, .direct_rows = 12, .rows = 6, .vectors = 4, .block_inputs = 2048};

constexpr LinearVariants make_table() {
  LinearVariants t{};
  add_float_kernels<V512, kTiling>(t);
  for (const int x : {0, 1}) {
    add_code_kernels<FmaMath<V512>, FmaBytes, FmaNibbles<8>, FmaNibbles<0>, FmaSixBits, kTiling>(
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
