// SPDX-License-Identifier: Apache-2.0
// Cache types that multiply in f32, for AVX2 and AVX-512; included only by ISA files.
#pragma once

#include "kernels/attention/attention_simd.h"

namespace pangu::kernels {
namespace {

/// f32 caches, and bf16 caches on processors without bf16 dot products.
template <class V_, bool kBf16, int ScoreRows, int ValueRows, int ValueVectors>
struct FmaCache {
  using V = V_;
  using Reg = typename V::Reg;
  using Query = float;
  using Weight = float;
  static constexpr int kQueryWords = 1;
  static constexpr int kScoreRows = ScoreRows, kValueRows = ValueRows;
  static constexpr int kVectors = kPagePositions / V::kLanes;

  static Reg round(Reg x) {
    if constexpr (!kBf16) return x;
    alignas(64) std::uint16_t half[V::kLanes];
    V::store_bf16(half, x);
    return V::load_bf16(half);
  }

  static void prepare_query(const float* q, int64_t dim, float* out) {
    for (int64_t d = 0; d < dim; d += V::kLanes) {
      const Reg x = load_input<V>(q, d, dim);
      dim - d >= V::kLanes ? V::store(out + d, x) : V::store_n(out + d, x, dim - d);
    }
  }

  static Reg store_weights(float* to, Reg e) {
    const Reg w = round(e);
    V::store(to, w);
    return w;
  }

  template <int R>
  static void scores(const std::byte* keys, const float* q, int64_t dim, float* s) {
    Reg sum[R][kVectors];
    PANGU_UNROLL
    for (int r = 0; r < R; ++r) {
      PANGU_UNROLL
      for (int b = 0; b < kVectors; ++b) sum[r][b] = V::zero();
    }
    constexpr int64_t kStep = kBf16 ? 2 : 1;
    constexpr int64_t kRowBytes = kPagePositions * 4;
    for (int64_t d = 0; d < dim; d += kStep, keys += kRowBytes) {
      PANGU_UNROLL
      for (int i = 0; i < kStep; ++i) {
        Reg k[kVectors];
        PANGU_UNROLL
        for (int b = 0; b < kVectors; ++b) k[b] = element<kBf16>(keys + b * V::kLanes * 4, i);
        PANGU_UNROLL
        for (int r = 0; r < R; ++r) {
          const Reg qi = V::set1(q[r * dim + d + i]);
          PANGU_UNROLL
          for (int b = 0; b < kVectors; ++b) sum[r][b] = V::fma(k[b], qi, sum[r][b]);
        }
      }
    }
    PANGU_UNROLL
    for (int r = 0; r < R; ++r) {
      PANGU_UNROLL
      for (int b = 0; b < kVectors; ++b)
        V::store(s + r * kPagePositions + b * V::kLanes, sum[r][b]);
    }
  }

  template <int R>
  static void values(const std::byte* v, int64_t width, const float* weights, const float* rescale,
                     float* out, int64_t n) {
    int64_t d = 0;
    for (; d + ValueVectors * V::kLanes <= width; d += ValueVectors * V::kLanes) {
      value_block<R, ValueVectors>(v, width, weights, rescale, out, n, d);
    }
    for (; d < width; d += V::kLanes) value_block<R, 1>(v, width, weights, rescale, out, n, d);
  }

 private:
  /// Vector of plain f32 elements, or the lower (i = 0) or upper halves of words of two bf16.
  template <bool kPairs>
  PANGU_INLINE static Reg element(const std::byte* p, int i) {
    if constexpr (kPairs) return i == 0 ? V::low_half(p) : V::high_half(p);
    return V::load(reinterpret_cast<const float*>(p));
  }

  template <int R, int NB>
  static void value_block(const std::byte* v, int64_t width, const float* weights,
                          const float* rescale, float* out, int64_t n, int64_t d) {
    Reg sum[R][NB];
    PANGU_UNROLL
    for (int r = 0; r < R; ++r) {
      PANGU_UNROLL
      for (int b = 0; b < NB; ++b) {
        sum[r][b] = V::mul(V::load(out + r * width + d + b * V::kLanes), V::set1(rescale[r]));
      }
    }
    for (int64_t slot = 0; slot < n; ++slot) {
      const std::byte* p = v + ((kBf16 ? slot / 2 : slot) * width + d) * 4;
      PANGU_UNROLL
      for (int b = 0; b < NB; ++b) {
        const Reg x = element<kBf16>(p + b * V::kLanes * 4, static_cast<int>(slot % 2));
        PANGU_UNROLL
        for (int r = 0; r < R; ++r) {
          sum[r][b] = V::fma(x, V::set1(weights[r * kPagePositions + slot]), sum[r][b]);
        }
      }
    }
    PANGU_UNROLL
    for (int r = 0; r < R; ++r) {
      PANGU_UNROLL
      for (int b = 0; b < NB; ++b) V::store(out + r * width + d + b * V::kLanes, sum[r][b]);
    }
  }
};

}  // namespace
}  // namespace pangu::kernels
