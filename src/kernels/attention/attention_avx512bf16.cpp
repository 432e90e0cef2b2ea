// SPDX-License-Identifier: Apache-2.0
// bf16 caches with VDPBF16PS: a word of a key panel is two elements of one position, a word of a
// value panel is one element of two positions, so both products take two terms per instruction.
// Queries are split into two bf16 numbers, the rounded one and what is left: rounding them once was
// the largest error of bf16 attention (2.0e-2 of the logits of a small random model at
// worst, 1.8e-2 without), and the second product is cheap. When the number of visible positions is
// odd, the second half of the last word is cleared: what lies there belongs to nobody.
#include "kernels/attention/attention_simd.h"
#include "kernels/simd/avx512.h"

namespace pangu::kernels {
namespace {

struct Bf16DotCache {
  using V = V512;
  using Query = std::uint16_t;
  using Weight = std::uint16_t;
  static constexpr int kQueryWords = 2;  ///< elements of Query per element of head_dim
  static constexpr int kScoreRows = 8, kValueRows = 4, kValueVectors = 4;

  /// Pairs of elements, each as two words: the rounded values, then what rounding left.
  static void prepare_query(const float* q, int64_t dim, std::uint16_t* out) {
    for (int64_t d = 0; d < dim; d += V::kLanes) {
      alignas(64) std::uint16_t high[V::kLanes], low[V::kLanes];
      const __m512 x = load_input<V>(q, d, dim);
      V::store_bf16(high, x);
      V::store_bf16(low, V::sub(x, V::load_bf16(high)));
      for (int64_t i = 0; i < V::kLanes && d + i < dim; ++i) {
        std::uint16_t* pair = out + (d + i) / 2 * 4 + (d + i) % 2;
        pair[0] = high[i];
        pair[2] = low[i];
      }
    }
  }

  static __m512 store_weights(std::uint16_t* to, __m512 e) {
    V::store_bf16(to, e);
    return V::load_bf16(to);
  }

  template <int R>
  static void scores(const std::byte* keys, const std::uint16_t* q, int64_t dim, float* s) {
    __m512 sum[R][2];
    PANGU_UNROLL
    for (int r = 0; r < R; ++r) sum[r][0] = sum[r][1] = V::zero();
    for (int64_t d = 0; d < dim; d += 2, keys += 128) {
      const __m512bh k0 = words(keys), k1 = words(keys + 64);
      PANGU_UNROLL
      for (int r = 0; r < R; ++r) {
        const __m512bh high = broadcast(q + (r * dim + d) * 2);
        const __m512bh low = broadcast(q + (r * dim + d) * 2 + 2);
        sum[r][0] = _mm512_dpbf16_ps(sum[r][0], k0, high);
        sum[r][1] = _mm512_dpbf16_ps(sum[r][1], k1, high);
        sum[r][0] = _mm512_dpbf16_ps(sum[r][0], k0, low);
        sum[r][1] = _mm512_dpbf16_ps(sum[r][1], k1, low);
      }
    }
    PANGU_UNROLL
    for (int r = 0; r < R; ++r) {
      V::store(s + r * kPagePositions, sum[r][0]);
      V::store(s + r * kPagePositions + 16, sum[r][1]);
    }
  }

  template <int R>
  static void values(const std::byte* v, int64_t width, const std::uint16_t* weights,
                     const float* rescale, float* out, int64_t n) {
    int64_t d = 0;
    for (; d + kValueVectors * 16 <= width; d += kValueVectors * 16) {
      value_block<R, kValueVectors>(v, width, weights, rescale, out, n, d);
    }
    for (; d < width; d += 16) value_block<R, 1>(v, width, weights, rescale, out, n, d);
  }

 private:
  PANGU_INLINE static __m512bh words(const std::byte* p) {
    return reinterpret_cast<__m512bh>(_mm512_loadu_si512(p));
  }
  PANGU_INLINE static __m512bh broadcast(const std::uint16_t* pair) {
    int word;
    __builtin_memcpy(&word, pair, sizeof(word));
    return reinterpret_cast<__m512bh>(_mm512_set1_epi32(word));
  }

  template <int R, int NB>
  static void value_block(const std::byte* v, int64_t width, const std::uint16_t* weights,
                          const float* rescale, float* out, int64_t n, int64_t d) {
    __m512 sum[R][NB];
    PANGU_UNROLL
    for (int r = 0; r < R; ++r) {
      PANGU_UNROLL
      for (int b = 0; b < NB; ++b) {
        sum[r][b] = V::mul(V::load(out + r * width + d + b * 16), V::set1(rescale[r]));
      }
    }
    const std::byte* p = v + d * 4;
    int64_t slot = 0;
    for (; slot + 2 <= n; slot += 2, p += width * 4) {
      add_pair<R, NB>(p, weights + slot, sum, _mm512_set1_epi32(-1));
    }
    if (slot < n) add_pair<R, NB>(p, weights + slot, sum, _mm512_set1_epi32(0xFFFF));
    PANGU_UNROLL
    for (int r = 0; r < R; ++r) {
      PANGU_UNROLL
      for (int b = 0; b < NB; ++b) V::store(out + r * width + d + b * 16, sum[r][b]);
    }
  }

  template <int R, int NB>
  PANGU_INLINE static void add_pair(const std::byte* p, const std::uint16_t* weights,
                                    __m512 (&sum)[R][NB], __m512i keep) {
    __m512bh x[NB];
    PANGU_UNROLL
    for (int b = 0; b < NB; ++b) {
      x[b] = reinterpret_cast<__m512bh>(_mm512_and_si512(_mm512_loadu_si512(p + b * 64), keep));
    }
    PANGU_UNROLL
    for (int r = 0; r < R; ++r) {
      const __m512bh pair = broadcast(weights + r * kPagePositions);
      PANGU_UNROLL
      for (int b = 0; b < NB; ++b) sum[r][b] = _mm512_dpbf16_ps(sum[r][b], x[b], pair);
    }
  }
};

}  // namespace

void attention_split_bf16_avx512bf16(const AttentionArgs& args, const AttentionTile& tile,
                                     int64_t split, AttentionState& state) {
  attention_split<Bf16DotCache>(args, tile, split, state);
}

}  // namespace pangu::kernels
