// SPDX-License-Identifier: Apache-2.0
// Linear kernels that multiply in f32 with AVX2, and in bytes for w8a8 and w4a8.
#include "kernels/linear/linear_avx2_bytes.h"
#include "kernels/linear/linear_codes.h"
#include "kernels/linear/linear_fma.h"
#include "kernels/linear/linear_input_simd.h"
#include "kernels/linear/linear_w4a8.h"
#include "kernels/linear/linear_w8a8.h"
#include "kernels/simd/avx2.h"
#include "kernels/simd/avx2_codes.h"
#include "kernels/simd/avx2_sums.h"

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

/// 4-bit codes. Those that are stored with 8 added become signed at once by turning their highest
/// bit over, and go to the top of the lane, where the sign is.
template <int Zero>
class FmaNibbles {
 public:
  static constexpr int kUnit = 8;
  static constexpr int64_t kUnitBytes = kUnit * kPanelRows / 2;
  static constexpr bool kSigned = Zero == kNibbleZero;
  static constexpr float kScale = kSigned ? 0x1p-28f : 1;
  static_assert(kSigned || Zero == 0);
  using Unit = __m256i;
  PANGU_INLINE Unit load(const std::byte* unit, int64_t lane) const {
    const __m256i words = load_words(unit + lane * 4);
    return kSigned ? _mm256_xor_si256(words, _mm256_set1_epi8(static_cast<char>(0x88))) : words;
  }
  PANGU_INLINE __m256 operand(Unit codes, int i) const {
    if constexpr (!kSigned) return _mm256_cvtepi32_ps(nibble_codes(codes, i));
    const __m256i top = _mm256_set1_epi32(static_cast<int>(0xF0000000u));
    const int up = 28 - nibble_shift(i);
    return _mm256_cvtepi32_ps(_mm256_and_si256(_mm256_slli_epi32(codes, up), top));
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

/// One row. The instruction that multiplies unsigned by signed bytes adds two products in int16,
/// which saturates; |w| times x with the sign of w cannot: 2 * 128 * 127 fits.
struct SignMath {
  using V = V256;
  using Code = std::int8_t;
  using Sum = __m256i;
  using X = __m256i;
  struct Weights {
    __m256i code, magnitude;
  };
  static constexpr int kOffset = 0;
  static const Code* codes(const LinearInput& in) { return in.codes; }
  PANGU_INLINE static Sum zero() { return V::zero_int(); }
  PANGU_INLINE static Weights load(const std::byte* w) {
    const __m256i code = _mm256_xor_si256(load_words(w), _mm256_set1_epi8(-kW8A8Offset));
    return {code, _mm256_abs_epi8(code)};
  }
  PANGU_INLINE static X x_at(const std::int8_t* x) { return four_codes(x); }
  PANGU_INLINE static Sum madd(Sum sum, const Weights& w, X x) {
    const __m256i pairs = _mm256_maddubs_epi16(w.magnitude, _mm256_sign_epi8(x, w.code));
    return add_ints(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
  }
  PANGU_INLINE static __m256i reduce(Sum sum) { return sum; }
};

/// More rows. Both operands widened to int16, whose products in pairs cannot overflow: the
/// instruction that takes bytes saturates. Two partial sums for each of eight outputs.
struct WideMath {
  using V = V256;
  using Code = std::int16_t;
  using X = __m256i;
  struct Sum {
    __m256i low, high;  ///< of outputs 0 to 3 and 4 to 7
  };
  using Weights = Sum;
  static constexpr int kOffset = kW8A8Offset;
  static const Code* codes(const LinearInput& in) { return static_cast<const Code*>(in.x); }
  PANGU_INLINE static Sum zero() { return {V::zero_int(), V::zero_int()}; }
  PANGU_INLINE static Weights load(const std::byte* w) {
    const auto* at = reinterpret_cast<const __m128i*>(w);
    return {_mm256_cvtepu8_epi16(_mm_loadu_si128(at)),
            _mm256_cvtepu8_epi16(_mm_loadu_si128(at + 1))};
  }
  PANGU_INLINE static X x_at(const std::int16_t* x) { return V::broadcast_pair(x); }
  PANGU_INLINE static Sum madd(const Sum& sum, const Weights& w, X x) {
    return {madd_pairs(sum.low, w.low, x), madd_pairs(sum.high, w.high, x)};
  }
  PANGU_INLINE static __m256i reduce(const Sum& sum) {
    // Neighbours added within 128 bits: outputs 0 1 4 5 2 3 6 7.
    const __m256i mixed = _mm256_hadd_epi32(sum.low, sum.high);
    return _mm256_permute4x64_epi64(mixed, 0b11011000);
  }

  PANGU_INLINE static void store_pairs(const std::byte* w, std::byte* first, std::byte* second) {
    const __m256i codes = load_words(w);
    const __m128i pair = _mm_setr_epi8(0, -1, 1, -1, 4, -1, 5, -1, 8, -1, 9, -1, 12, -1, 13, -1);
    const __m256i at = _mm256_broadcastsi128_si256(pair);
    _mm256_store_si256(reinterpret_cast<__m256i*>(first), _mm256_shuffle_epi8(codes, at));
    _mm256_store_si256(reinterpret_cast<__m256i*>(second),
                       _mm256_shuffle_epi8(_mm256_srli_epi32(codes, 16), at));
  }
  PANGU_INLINE static __m256i madd_pairs(__m256i sum, __m256i w, __m256i x) {
    return add_ints(sum, _mm256_madd_epi16(w, x));
  }
};

/// Nibbles times activations in bytes. Sixteen products of at most 15 * 127 fit into int16, those
/// of 32 inputs by fours.
struct ByteNibbles : NibbleOperands {
  using Part = __m256i;
  PANGU_INLINE static Sum times_minus_8(const std::int32_t* x) {
    return V::sub(V::zero_int(), _mm256_slli_epi32(_mm256_set1_epi32(*x), 3));
  }
  PANGU_INLINE static Part begin_part(Sum) { return _mm256_setzero_si256(); }
  PANGU_INLINE static Part madd(Part part, const Nibbles& w, const X& x) {
    part = add_words(part, _mm256_maddubs_epi16(w.low, x.low));
    return add_words(part, _mm256_maddubs_epi16(w.high, x.high));
  }
  PANGU_INLINE static Sum end_part(Sum sum, Part part) {
    return _mm256_add_epi32(sum, _mm256_madd_epi16(part, _mm256_set1_epi16(1)));
  }
};

constexpr Tiling kTiling{
    .sums = 10, .together = 2, .direct_rows = 8, .rows = 6, .vectors = 2, .block_inputs = 256};

constexpr IntTiling kByteTiling{.sums = 5,
                                .rows = 5,
                                .together = 1,
                                .strip_inputs = 128,
                                .block_from = 12,
                                .block_rows = 5,
                                .block_vectors = 2,
                                .block_inputs = 512};
constexpr IntTiling kNibbleTiling{.sums = 8,
                                  .rows = 5,
                                  .together = 2,
                                  .strip_inputs = 0,
                                  .block_from = 16,
                                  .block_rows = 4,
                                  .block_vectors = 2,
                                  .block_inputs = 512};

constexpr IntTiling kOneRow{.sums = 8, .rows = 1, .together = 1};

void w8a8(const LinearArgs& args, const LinearInput& in, int64_t first, int64_t last) {
  if (args.rows == 1) {
    W8A8Linear<SignMath, kOneRow>::panels(args, in, first, last);
  } else {
    W8A8Linear<WideMath, kByteTiling>::panels(args, in, first, last);
  }
}

constexpr LinearVariants make_table() {
  LinearVariants t{};
  add_w4a8_kernels<ByteNibbles, kNibbleTiling>(t);
  add_float_kernels<V256, kTiling>(t);
  for (const int x : {0, 1}) {
    add_code_kernels<FmaMath<V256>, FmaBytes, FmaNibbles<8>, FmaNibbles<0>, FmaSixBits, kTiling>(
        t, x, InputForm::kF32);
    t.at[static_cast<std::size_t>(WeightFormat::kW8A8)][x] = {&w8a8, InputForm::kInt16, false};
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
