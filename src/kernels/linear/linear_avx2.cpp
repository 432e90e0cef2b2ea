// SPDX-License-Identifier: Apache-2.0
// Linear kernels that multiply in f32 with AVX2, and in int16 for w8a8 and w4a8.
#include "kernels/linear/linear_codes.h"
#include "kernels/linear/linear_fma.h"
#include "kernels/linear/linear_input_simd.h"
#include "kernels/linear/linear_w4a8.h"
#include "kernels/linear/linear_w8a8.h"
#include "kernels/simd/avx2.h"
#include "kernels/simd/avx2_codes.h"

namespace pangu::kernels {
namespace {

/// 8-bit codes.
class FmaBytes {
 public:
  static constexpr int kUnit = 4;
  static constexpr int64_t kUnitBytes = kUnit * kPanelRows;
  static constexpr float kScale = kByteCodeScale;
  using Unit = __m256i;
  PANGU_INLINE Unit load(const std::byte* unit, int64_t lane) const {
    return load_words(unit + lane * kUnit);
  }
  PANGU_INLINE __m256 operand(Unit codes, int i) const { return byte_code_f32(codes, i); }
};

/// 4-bit codes.
template <int Zero>
class FmaNibbles {
 public:
  static constexpr int kUnit = 8;
  static constexpr int64_t kUnitBytes = kUnit * kPanelRows / 2;
  static constexpr float kScale = 1;
  using Unit = __m256i;
  PANGU_INLINE Unit load(const std::byte* unit, int64_t lane) const {
    return load_words(unit + lane * 4);
  }
  PANGU_INLINE __m256 operand(Unit codes, int i) const {
    return _mm256_cvtepi32_ps(_mm256_sub_epi32(nibble_codes(codes, i), _mm256_set1_epi32(Zero)));
  }
};

/// 6-bit codes in two planes.
class FmaSixBits {
 public:
  static constexpr int kUnit = 16;
  static constexpr int64_t kUnitBytes = Q6_KPanel::kGroupBytes;
  static constexpr float kScale = 0x1p-26f;
  struct Unit {
    __m256i low[2], high;
  };
  PANGU_INLINE Unit load(const std::byte* unit, int64_t lane) const {
    return {{load_words(unit + lane * 4), load_words(unit + kPanelRows * 4 + lane * 4)},
            load_words(unit + Q6_KPanel::kHighBits + lane * 4)};
  }
  PANGU_INLINE __m256 operand(const Unit& u, int i) const {
    // All six bits at the top of the lane, all others cut off, and the sign turned over, which
    // subtracts 32.
    const int up_high = 30 - (i / 2 * 2 + i % 2 * 16), up_low = 26 - nibble_shift(i);
    const __m256i high = _mm256_slli_epi32(u.high, up_high);
    const __m256i low = up_low >= 0 ? _mm256_slli_epi32(u.low[i / 8], up_low)
                                    : _mm256_srli_epi32(u.low[i / 8], -up_low);
    const __m256i both =
        _mm256_or_si256(_mm256_and_si256(high, _mm256_set1_epi32(static_cast<int>(0xC0000000u))),
                        _mm256_and_si256(low, _mm256_set1_epi32(0x3C000000)));
    return _mm256_cvtepi32_ps(
        _mm256_xor_si256(both, _mm256_set1_epi32(static_cast<int>(0x80000000u))));
  }
};

/// Both operands widened to int16, whose products in pairs cannot overflow: the instruction that
/// takes bytes saturates. Two partial sums for each of eight outputs.
struct WideMath {
  using V = V256;
  static constexpr int kLanes = 8;
  struct Reg {
    __m256i low, high;  ///< of outputs 0 to 3 and 4 to 7
  };
  PANGU_INLINE static Reg zero() { return {_mm256_setzero_si256(), _mm256_setzero_si256()}; }
  PANGU_INLINE static Reg load(const std::byte* w) {
    const auto* at = reinterpret_cast<const __m128i*>(w);
    return {_mm256_cvtepu8_epi16(_mm_loadu_si128(at)),
            _mm256_cvtepu8_epi16(_mm_loadu_si128(at + 1))};
  }
  PANGU_INLINE static Reg x_at(const std::int8_t* x) {
    int four;
    __builtin_memcpy(&four, x, sizeof(four));
    const __m128i words = _mm_cvtepi8_epi16(_mm_cvtsi32_si128(four));
    const __m256i all = _mm256_broadcastq_epi64(words);
    return {all, all};
  }
  PANGU_INLINE static Reg madd(Reg sum, Reg w, Reg x) {
    return {_mm256_add_epi32(sum.low, _mm256_madd_epi16(w.low, x.low)),
            _mm256_add_epi32(sum.high, _mm256_madd_epi16(w.high, x.high))};
  }
  PANGU_INLINE static __m256 to_f32(Reg sum, std::int32_t minus) {
    // Neighbours added within 128 bits: outputs 0 1 4 5 2 3 6 7.
    const __m256i mixed = _mm256_hadd_epi32(sum.low, sum.high);
    const __m256i ordered = _mm256_permute4x64_epi64(mixed, 0b11011000);
    return _mm256_cvtepi32_ps(_mm256_sub_epi32(ordered, _mm256_set1_epi32(minus)));
  }
};

/// Nibbles times activations in bytes: four products of at most 15 * 127 fit into int16.
struct ByteNibbles {
  using V = V256;
  using Sum = __m256i;
  struct Nibbles {
    __m256i low, high;
  };
  PANGU_INLINE static Sum set1(std::int32_t x) { return _mm256_set1_epi32(x); }
  PANGU_INLINE static Nibbles load(const std::byte* w) {
    const __m256i words = load_words(w), mask = _mm256_set1_epi8(0xF);
    return {_mm256_and_si256(words, mask), _mm256_and_si256(_mm256_srli_epi16(words, 4), mask)};
  }
  PANGU_INLINE static Nibbles x_at(const std::int8_t* x) {
    int four[2];
    __builtin_memcpy(four, x, sizeof(four));
    return {_mm256_set1_epi32(four[0]), _mm256_set1_epi32(four[1])};
  }
  PANGU_INLINE static Sum madd(Sum sum, const Nibbles& w, const Nibbles& x) {
    const __m256i pairs =
        _mm256_add_epi16(_mm256_maddubs_epi16(w.low, x.low), _mm256_maddubs_epi16(w.high, x.high));
    return _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
  }
  PANGU_INLINE static __m256 to_f32(Sum sum) { return _mm256_cvtepi32_ps(sum); }
};

constexpr LinearVariants make_table() {
  LinearVariants t{};
  add_w4a8_kernels<ByteNibbles, 4, 1>(t);
  add_float_kernels<V256, 4, 2, 8>(t);
  add_half_kernels<V256, 4, 2, 2>(t);
  for (const int x : {0, 1}) {
    add_code_kernels<FmaMath<V256>, FmaBytes, FmaNibbles<8>, FmaNibbles<0>, FmaSixBits, 4, 2, 2>(
        t, x, InputForm::kF32);
    t.at[static_cast<std::size_t>(WeightFormat::kW8A8)][x] = {&W8A8Linear<WideMath, 2, 2>::panels,
                                                              InputForm::kInt8, false};
  }
  return t;
}

}  // namespace

constinit const LinearVariants kLinearAvx2 = make_table();

float quantize_row_avx2(const float* x, int64_t k, int64_t n, std::int8_t* codes,
                        std::int32_t& sum) {
  return quantize_row<V256>(x, k, n, codes, sum);
}

}  // namespace pangu::kernels
