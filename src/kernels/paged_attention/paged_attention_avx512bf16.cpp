// SPDX-License-Identifier: Apache-2.0
// Attention with VDPBF16PS: a word of a key panel is two elements of one position, a word of a
// value panel is one element of two positions, so both products take two terms per instruction.
// Queries are split into two bf16 numbers, the rounded one and what is left: rounding them once was
// the largest error of bf16 attention (2.0e-2 of the logits of a small random model at
// worst, 1.8e-2 without), and the second product is cheap. When the number of visible positions is
// odd, the second half of the last word is cleared: what lies there belongs to nobody.
//
// int8 codes are bf16 numbers as they are; int4 codes are rounded to them with their scales.
#include "kernels/paged_attention/paged_attention_simd.h"
#include "kernels/simd/avx512.h"
#include "kernels/simd/int8_bf16.h"
#include "quant/code_panels.h"

namespace pangu::kernels {
namespace {

struct Bf16DotMath {
  using V = V512;
  using Query = std::uint16_t;
  using Weight = std::uint16_t;
  static constexpr int kStep = 2, kFreeRegs = 8;
  static constexpr int kQueryWords = 2;  ///< elements of Query per element of head_dim
  static constexpr int kScoreSums = 8, kValueRows = 4, kValueSums = 16;

  /// Pairs of elements, each as two words: the rounded values, then what rounding left.
  static void prepare_query(const float* q, int64_t dim, int64_t width, std::uint16_t* out) {
    const __m512i in_turn = _mm512_setr_epi32(0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15);
    for (int64_t d = 0; d < width; d += V::kLanes) {
      const __m512 x = d < dim ? load_input<V>(q, d, dim) : V::zero();
      const __m256i high = round(x), low = round(V::sub(x, widen(high)));
      const __m512i both = _mm512_inserti64x4(_mm512_castsi256_si512(high), low, 1);
      _mm512_storeu_si512(out + d * 2, _mm512_permutexvar_epi32(in_turn, both));
    }
  }

  static __m512 store_weights(std::uint16_t* to, __m512 e) {
    const __m256i w = round(e);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), w);
    return widen(w);
  }

  struct SplitQuery {
    __m512 high, low;
  };
  PANGU_INLINE static SplitQuery query(const std::uint16_t* q) {
    return {broadcast(q), broadcast(q + 2)};
  }
  PANGU_INLINE static __m512 weight(const std::uint16_t* w) { return broadcast(w); }
  PANGU_INLINE static __m512 first_half(__m512 x) {
    return _mm512_castsi512_ps(_mm512_and_si512(_mm512_castps_si512(x), _mm512_set1_epi32(0xFFFF)));
  }
  PANGU_INLINE static __m512 madd(__m512 sum, __m512 w, __m512 x) {
    return _mm512_dpbf16_ps(sum, reinterpret_cast<__m512bh>(w), reinterpret_cast<__m512bh>(x));
  }

  template <int N, int Steps>
  PANGU_INLINE static void add_scores(__m512* sum, const __m512 (&w)[N][Steps], int j,
                                      const SplitQuery& x) {
    PANGU_UNROLL
    for (int b = 0; b < N; ++b) sum[b] = madd(sum[b], w[b][j], x.high);
    PANGU_UNROLL
    for (int b = 0; b < N; ++b) sum[b] = madd(sum[b], w[b][j], x.low);
  }

 private:
  PANGU_INLINE static __m256i round(__m512 x) {
    return reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(x));
  }
  PANGU_INLINE static __m512 widen(__m256i x) {
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(x), 16));
  }
  PANGU_INLINE static __m512 broadcast(const std::uint16_t* pair) {
    int word;
    __builtin_memcpy(&word, pair, sizeof(word));
    return _mm512_castsi512_ps(_mm512_set1_epi32(word));
  }
};

struct Bf16Keys : WordPanel<Bf16DotMath> {
  Bf16Keys(const KvPages& p, int64_t page, int64_t head)
      : WordPanel(p.keys(page, head), kPagePositions) {}
};
struct Bf16Values : WordPanel<Bf16DotMath> {
  Bf16Values(const KvPages& p, int64_t page, int64_t head, float*)
      : WordPanel(p.values(page, head), p.padded_dim()) {}
};

/// 8-bit codes as they are.
class BytePanel {
 public:
  static constexpr int kUnit = 4, kColumns = 1;
  static constexpr float kScale = 1.0f;
  BytePanel(const std::byte* codes, int64_t lanes) : codes_(codes), lanes_(lanes) {}
  PANGU_INLINE void load(int64_t input, int64_t lane, __m512 (&w)[2]) const {
    const Int8ToBf16 table;
    __m512i first, second;
    table.expand(_mm512_loadu_si512(codes_ + input * lanes_ + lane * 4), first, second);
    w[0] = _mm512_castsi512_ps(first);
    w[1] = _mm512_castsi512_ps(second);
  }
  template <int C>
  PANGU_INLINE void load_columns(int64_t input, int64_t lane, __m512 (&w)[C][2]) const {
    load(input, lane, w[0]);
  }

 private:
  const std::byte* codes_;
  int64_t lanes_;
};
struct Int8Keys : BytePanel {
  Int8Keys(const KvPages& p, int64_t page, int64_t head)
      : BytePanel(p.keys(page, head), kPagePositions) {}
};
struct Int8Values : BytePanel {
  Int8Values(const KvPages& p, int64_t page, int64_t head, float*)
      : BytePanel(p.values(page, head), p.padded_dim()) {}
};

constexpr int kAndThenOr = 0xEA;  ///< (a & b) | c, for ternary logic

/// What 4-bit codes stand for, rounded. A code c becomes the upper mantissa bits of 1 + c / 16, so
/// that one multiplication and addition give scale c + minimum.
class Int4Keys {
 public:
  static constexpr int kUnit = 8;
  Int4Keys(const KvPages& p, int64_t page, int64_t head)
      : codes_(p.keys(page, head)),
        scales_(codes_ + p.key_code_bytes()),
        minima_(scales_ + p.groups() * kPagePositions * 2) {}

  PANGU_INLINE void load(int64_t d, int64_t slot, __m512 (&w)[4]) const {
    const int64_t at = (d / kKvGroup * kPagePositions + slot) * 2;
    const __m512 scale = V512::mul(V512::load_f16(scales_ + at), V512::set1(16.0f));
    const __m512 minimum = V512::sub(V512::load_f16(minima_ + at), scale);
    const __m512i word = _mm512_loadu_si512(codes_ + (d / 8 * kPagePositions + slot) * 4);
    w[0] = pair<0>(word, scale, minimum);
    w[1] = pair<1>(word, scale, minimum);
    w[2] = pair<2>(word, scale, minimum);
    w[3] = pair<3>(word, scale, minimum);
  }

 private:
  /// Inputs 2 J and 2 J + 1 of sixteen lanes.
  template <int J>
  PANGU_INLINE static __m512 pair(__m512i word, __m512 scale, __m512 minimum) {
    const __m512 even = V512::fma(mantissa<nibble_shift(2 * J)>(word), scale, minimum);
    const __m512 odd = V512::fma(mantissa<nibble_shift(2 * J + 1)>(word), scale, minimum);
    const __m512i lane = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    const __m512i in_turn = _mm512_add_epi32(_mm512_add_epi32(lane, _mm512_slli_epi32(lane, 16)),
                                             _mm512_set1_epi32(16 << 16));
    return _mm512_castsi512_ps(_mm512_permutexvar_epi16(
        in_turn, reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(odd, even))));
  }

  /// 1 + c / 16 of the code at bit `Shift`.
  template <int Shift>
  PANGU_INLINE static __m512 mantissa(__m512i word) {
    constexpr int kTop = 19;  // the code's lowest bit goes here
    __m512i moved;
    if constexpr (Shift <= kTop) {
      moved = _mm512_slli_epi32(word, kTop - Shift);
    } else {
      moved = _mm512_srli_epi32(word, Shift - kTop);
    }
    return _mm512_castsi512_ps(_mm512_ternarylogic_epi32(
        moved, _mm512_set1_epi32(0xF << kTop), _mm512_set1_epi32(0x3F800000), kAndThenOr));
  }

  const std::byte *codes_, *scales_, *minima_;
};

/// The same where elements are the lanes: the 16 values of a code at one position and those at the
/// next are one table of 32, for all elements of a group.
class Int4Values {
 public:
  static constexpr int kUnit = 8, kColumns = 2;
  Int4Values(const KvPages& p, int64_t page, int64_t head, float* scales)
      : codes_(p.values(page, head)),
        width_(p.padded_dim()),
        scales_(scales),
        minima_(scales + p.groups() * kPagePositions) {
    widen_scales<V512>(codes_ + p.value_code_bytes(), 2 * p.groups() * kPagePositions, scales);
  }

  /// The columns must belong to one group.
  template <int C>
  PANGU_INLINE void load_columns(int64_t slot, int64_t d, __m512 (&w)[C][4]) const {
    const int64_t at = d / kKvGroup * kPagePositions + slot;
    __m512i words[C];
    PANGU_UNROLL
    for (int c = 0; c < C; ++c) {
      words[c] = _mm512_loadu_si512(codes_ + (slot / 8 * width_ + d + c * 16) * 4);
    }
    PANGU_UNROLL
    for (int j = 0; j < 4; ++j) {
      const __m512i table = reinterpret_cast<__m512i>(
          _mm512_cvtne2ps_pbh(values_of_codes(at + 2 * j + 1), values_of_codes(at + 2 * j)));
      PANGU_UNROLL
      for (int c = 0; c < C; ++c) {
        const __m512i index = _mm512_ternarylogic_epi32(
            _mm512_srli_epi32(words[c], static_cast<unsigned>(4 * j)), _mm512_set1_epi16(0xF),
            _mm512_set1_epi32(16 << 16), kAndThenOr);
        w[c][j] = _mm512_castsi512_ps(_mm512_permutexvar_epi16(index, table));
      }
    }
  }

 private:
  PANGU_INLINE __m512 values_of_codes(int64_t at) const {
    const __m512 code = _mm512_setr_ps(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    return V512::fma(code, V512::set1(scales_[at]), V512::set1(minima_[at]));
  }

  const std::byte* codes_;
  int64_t width_;
  const float *scales_, *minima_;
};

}  // namespace

// f32 caches are left to AVX-512.
constinit const AttentionKernels kAttentionAvx512Bf16{
    {nullptr, &attention_splits<Cache<Bf16DotMath, Bf16Keys, Bf16Values, false, false>>,
     &attention_splits<Cache<Bf16DotMath, Int8Keys, Int8Values, true, true>>,
     &attention_splits<Cache<Bf16DotMath, Int4Keys, Int4Values, true, false>>}};

}  // namespace pangu::kernels
