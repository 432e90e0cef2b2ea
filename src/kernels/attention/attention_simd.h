// SPDX-License-Identifier: Apache-2.0
// The walk of a tile over its pages, for any cache type; included only by ISA files.
//
// A cache type C gives its vector V, the element types Query (kQueryWords of them per element of
// head_dim) and Weight of the operands, and
//   scores<R>: s[r][0..32) = q_r · keys          for R rows at once
//   values<R>: out_r = out_r * rescale_r + sum of weights times values, over n positions
// Both sum in one order over head_dim and positions whatever R is.
#pragma once

#include "kernels/attention/attention.h"
#include "kernels/simd/math.h"
#include "kernels/simd/output.h"

namespace pangu::kernels {
namespace {

constexpr float kMinusInf = -__builtin_inff();

/// What one tile keeps on the stack while it walks.
template <class C>
struct TileScratch {
  alignas(64) typename C::Query q[kTileRows * kMaxHeadDim * C::kQueryWords];
  alignas(64) float scores[kTileRows][kPagePositions];
  alignas(64) typename C::Weight weights[kTileRows][kPagePositions];
  float rescale[kTileRows];
};

template <class V>
float first_lane(typename V::Reg x) {
  float lanes[V::kLanes];
  V::store(lanes, x);
  return lanes[0];
}

/// Turns the scores of one row over one page into weights; updates its maximum and sum and says by
/// how much what was summed before must shrink. `n` positions of the page are visible.
template <class C>
void softmax_row(const AttentionArgs& a, TileScratch<C>& t, AttentionState& st, int64_t r,
                 int64_t n) {
  using V = typename C::V;
  constexpr int kVectors = kPagePositions / V::kLanes;
  typename V::Reg x[kVectors];
  float max = st.max[r];
  PANGU_UNROLL
  for (int b = 0; b < kVectors; ++b) {
    x[b] = V::mul(V::load(t.scores[r] + b * V::kLanes), V::set1(a.scale));
    x[b] = V::keep_first(x[b], n - b * V::kLanes, V::set1(kMinusInf));
    const float m = V::max_of(x[b]);
    if (!(m <= max)) max = m;  // a NaN gets through
  }
  if (max == kMinusInf) {
    t.rescale[r] = 1.0f;
    for (int64_t i = 0; i < kPagePositions; ++i) t.weights[r][i] = 0;
    return;
  }
  t.rescale[r] = first_lane<V>(vexp<V>(V::set1(st.max[r] - max)));
  typename V::Reg sum = V::zero();
  PANGU_UNROLL
  for (int b = 0; b < kVectors; ++b) {
    const auto e = V::keep_first(vexp<V>(V::sub(x[b], V::set1(max))), n - b * V::kLanes, V::zero());
    sum = V::add(sum, C::store_weights(t.weights[r] + b * V::kLanes, e));
  }
  st.max[r] = max;
  st.sum[r] = st.sum[r] * t.rescale[r] + V::sum(sum);
}

template <class C, int R>
void scores_of(TileScratch<C>& t, const std::byte* keys, int64_t dim, int64_t first, int64_t last) {
  for (; first + R <= last; first += R) {
    C::template scores<R>(keys, t.q + first * dim * C::kQueryWords, dim, t.scores[first]);
  }
  if constexpr (R > 1) {
    if (first < last) scores_of<C, R / 2>(t, keys, dim, first, last);
  }
}

template <class C, int R>
void values_of(TileScratch<C>& t, const std::byte* values, int64_t width, float* out, int64_t first,
               int64_t last, int64_t n) {
  for (; first + R <= last; first += R) {
    C::template values<R>(values, width, t.weights[first], t.rescale + first, out + first * width,
                          n);
  }
  if constexpr (R > 1) {
    if (first < last) values_of<C, R / 2>(t, values, width, out, first, last, n);
  }
}

template <class C>
void attention_split(const AttentionArgs& a, const AttentionTile& tile, int64_t split,
                     AttentionState& st) {
  const int64_t dim = a.pages.head_dim, width = a.pages.padded_dim(), rows = tile.rows();
  TileScratch<C> t;
  for (int64_t r = 0; r < rows; ++r) {
    const int64_t token = tile.sequence->first_row + tile.first_token + r / tile.n_heads;
    C::prepare_query(a.q + token * a.q_stride + (tile.first_head + r % tile.n_heads) * dim, dim,
                     t.q + r * dim * C::kQueryWords);
    st.max[r] = kMinusInf;
    st.sum[r] = 0.0f;
  }
  for (int64_t i = 0; i < rows * width; ++i) st.out[i] = 0.0f;

  const int64_t end = tile.visible(rows - 1);
  int64_t first = 0;  // rows before this one have seen all of their positions
  for (int64_t page = split * kSplitPages; page < (split + 1) * kSplitPages; ++page) {
    const int64_t begin = page * kPagePositions;
    if (begin >= end) break;
    while (tile.visible(first) <= begin) ++first;
    const std::int32_t id = tile.sequence->pages[page];
    scores_of<C, C::kScoreRows>(t, a.pages.keys(id, tile.kv_head), dim, first, rows);

    int64_t full = first;  // the first row that sees the whole page
    for (int64_t r = first; r < rows; ++r) {
      const int64_t n = tile.visible(r) - begin;
      if (n < kPagePositions) full = r + 1;
      softmax_row<C>(a, t, st, r, n < kPagePositions ? n : kPagePositions);
    }
    const std::byte* values = a.pages.values(id, tile.kv_head);
    for (int64_t r = first; r < full; ++r) {
      values_of<C, 1>(t, values, width, st.out, r, r + 1, tile.visible(r) - begin);
    }
    values_of<C, C::kValueRows>(t, values, width, st.out, full, rows, kPagePositions);
  }
}

}  // namespace
}  // namespace pangu::kernels
