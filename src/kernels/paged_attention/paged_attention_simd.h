// SPDX-License-Identifier: Apache-2.0
// The walk of a tile over its pages, for any cache; included only by ISA files.
//
// Three parts meet here. A Math makes products: it has vectors V, operand types Query and Weight,
// and kStep inputs to a product; a vector of operands has one 32-bit word for each lane. Key and
// value Panels turn what lies in a page into vectors of operands, kUnit inputs at a time: elements
// of positions in lanes for scores, positions of elements in lanes for outputs. This file adds up.
//
// With few rows, the codes of a quantized cache are turned into operands in registers, and each
// serves all rows. With more, a panel is turned into operands once, kept in a cache, and read by
// one group of rows after the other. Both add the same products in the same order, whatever the
// number of rows, pages and columns at once.
//
// With few rows memory is the limit, and pages are too short for the processor to see what comes
// next: while keys are read, the values of the same pages are asked for, and while those are read,
// the keys of the pages that follow.
#pragma once

#include "kernels/paged_attention/paged_attention.h"
#include "kernels/simd/math.h"
#include "kernels/simd/output.h"

namespace pangu::kernels {
namespace {

constexpr float kMinusInf = -__builtin_inff();

/// Up to here, rows go without a copy of quantized panels, and ask for what comes next.
constexpr int64_t kFewRows = 4;
constexpr int64_t kLine = 64;  ///< bytes of the cache lines that are asked for

/// A panel of operands as they are: words [inputs / kStep][lanes].
template <class Math>
class WordPanel {
 public:
  using Reg = typename Math::V::Reg;
  static constexpr int kUnit = Math::kStep, kColumns = 8;

  WordPanel(const std::byte* words, int64_t lanes) : words_(words), lanes_(lanes) {}

  PANGU_INLINE void load(int64_t input, int64_t lane, Reg (&w)[1]) const {
    w[0] = Math::V::load(at(input, lane));
  }
  template <int C>
  PANGU_INLINE void load_columns(int64_t input, int64_t lane, Reg (&w)[C][1]) const {
    PANGU_UNROLL
    for (int c = 0; c < C; ++c) load(input, lane + c * Math::V::kLanes, w[c]);
  }

 private:
  PANGU_INLINE const float* at(int64_t input, int64_t lane) const {
    return reinterpret_cast<const float*>(words_) + input / Math::kStep * lanes_ + lane;
  }
  const std::byte* words_;
  int64_t lanes_;
};

/// `n` scales or minima as f32.
template <class V>
void widen_scales(const std::byte* f16, int64_t n, float* to) {
  for (int64_t i = 0; i < n; i += V::kLanes) V::store(to + i, V::load_f16(f16 + i * 2));
}

/// What a cache of one format consists of. With kScaled, the codes of a position have one scale:
/// that of a key goes into its score, that of a value into its weight. Keys and Values then say in
/// kScale what the operands they give must be multiplied with to be the codes.
template <class Math_, class Keys_, class Values_, bool kQuantized_, bool kScaled_>
struct Cache {
  using Math = Math_;
  using Keys = Keys_;      ///< Keys(pages, page, head)
  using Values = Values_;  ///< Values(pages, page, head, memory for AttentionScratch::scales)
  static constexpr bool kQuantized = kQuantized_, kScaled = kScaled_;
};

/// A tile on its way through one split.
template <class C>
class SplitWalk {
  using Math = typename C::Math;
  using V = typename Math::V;
  using Reg = typename V::Reg;
  using Words = WordPanel<Math>;
  static constexpr int kStep = Math::kStep, kVectors = kPagePositions / V::kLanes;

 public:
  SplitWalk(const PagedAttentionArgs& a, const AttentionTile& tile, AttentionScratch& scratch)
      : a_(a),
        tile_(tile),
        dim_(a.pages.head_dim),
        width_(a.pages.padded_dim()),
        rows_(tile.rows()),
        scratch_(scratch),
        queries_(reinterpret_cast<typename Math::Query*>(scratch.queries)) {
    for (int64_t r = 0; r < rows_; ++r) {
      const int64_t token = tile.sequence->first_row + tile.first_token + r / tile.n_heads;
      Math::prepare_query(a.q + token * a.q_stride + (tile.first_head + r % tile.n_heads) * dim_,
                          dim_, width_, query(r));
      visible_[r] = tile.visible(r);
    }
  }

  void run(int64_t split, AttentionState& state) {
    for (int64_t r = 0; r < rows_; ++r) {
      state.max[r] = kMinusInf;
      V::store(sums_[r], V::zero());
    }
    for (int64_t i = 0; i < rows_ * width_; i += V::kLanes) V::store(state.out + i, V::zero());

    int64_t end = (split + 1) * kSplitPositions;
    if (end > visible_[rows_ - 1]) end = visible_[rows_ - 1];
    first_ = 0;
    for (begin_ = split * kSplitPositions; begin_ < end; begin_ += kBlockPositions) {
      while (visible_[first_] <= begin_) ++first_;
      pages_ = (end - begin_ + kPagePositions - 1) / kPagePositions;
      if (pages_ > kBlockPages) pages_ = kBlockPages;
      ids_ = a_.page_table.data() + tile_.sequence->first_page + begin_ / kPagePositions;
      scores();
      load_scales();
      for (int64_t r = first_; r < rows_; ++r) softmax_row(state, r);
      values(state);
    }
    for (int64_t r = 0; r < rows_; ++r) state.sum[r] = V::sum(V::load(sums_[r]));
  }

 private:
  bool few() const { return rows_ <= kFewRows; }
  /// Whether panels are copied before they are read.
  bool copies() const { return C::kQuantized && !few(); }

  /// Positions of the block that a row sees.
  int64_t positions(int64_t r) const {
    const int64_t n = visible_[r] - begin_;
    return n < kBlockPositions ? n : kBlockPositions;
  }

  typename Math::Query* query(int64_t r) const { return queries_ + r * width_ * Math::kQueryWords; }

  float* copy_of(int64_t page) const {
    return scratch_.panels + page * (kPagePositions / kStep) * width_;
  }

  /// Asks memory for some lines.
  template <int Lines>
  PANGU_INLINE static void ask(const std::byte* at) {
    PANGU_UNROLL
    for (int i = 0; i < Lines; ++i) __builtin_prefetch(at + i * kLine, 0, 3);
  }

  // Scores

  void scores() {
    if (copies()) {
      score_block<Math::kScoreSums>([&](int64_t page) { return copied_keys(page); });
    } else {
      constexpr int kRows =
          C::kQuantized && kFewRows < Math::kScoreSums ? kFewRows : Math::kScoreSums;
      score_block<kRows>(
          [&](int64_t page) { return typename C::Keys(a_.pages, ids_[page], tile_.kv_head); });
    }
  }

  Words copied_keys(int64_t page) const {
    using Keys = typename C::Keys;
    const Keys keys(a_.pages, ids_[page], tile_.kv_head);
    float* to = copy_of(page);
    for (int64_t d = 0; d < dim_; d += Keys::kUnit) {
      for (int64_t slot = 0; slot < kPagePositions; slot += V::kLanes) {
        Reg w[Keys::kUnit / kStep];
        keys.load(d, slot, w);
        PANGU_UNROLL
        for (int j = 0; j < Keys::kUnit / kStep; ++j) {
          V::store(to + (d / kStep + j) * kPagePositions + slot, w[j]);
        }
      }
    }
    return {reinterpret_cast<const std::byte*>(to), kPagePositions};
  }

  /// Few rows are too few sums to hide the latency of the products: more pages at once make up.
  template <int MaxRows, class PanelOf>
  void score_block(const PanelOf& panel_of) {
    constexpr int kSums = Math::kScoreSums;
    const int64_t n = rows_ - first_;
    int64_t page = 0;
    if constexpr (kSums > 2) {
      if (n < 4) page = score_pages<2, kSums / 2>(panel_of, page);
    }
    if constexpr (kSums > 4) {
      if (n < 8) page = score_pages<4, kSums / 4>(panel_of, page);
    }
    score_pages<MaxRows, 1>(panel_of, page);
  }

  template <int R, int P, class PanelOf>
  int64_t score_pages(const PanelOf& panel_of, int64_t page) {
    for (; page + P <= pages_; page += P) {
      for (int p = 0; p < P; ++p) ahead_[p] = a_.pages.values(ids_[page + p], tile_.kv_head);
      int64_t r = first_;
      while (visible_[r] <= begin_ + page * kPagePositions) ++r;
      score_panels<R>(page, r, panels<P>(panel_of, page));
    }
    return page;
  }

  template <class Panel, int P>
  struct Panels {
    Panel at[P];
  };
  template <int P, class PanelOf>
  static auto panels(const PanelOf& of, int64_t page) {
    using Panel = decltype(of(page));
    if constexpr (P == 1) {
      return Panels<Panel, 1>{{of(page)}};
    } else if constexpr (P == 2) {
      return Panels<Panel, 2>{{of(page), of(page + 1)}};
    } else {
      return Panels<Panel, 4>{{of(page), of(page + 1), of(page + 2), of(page + 3)}};
    }
  }

  template <int R, class Panel, int P>
  void score_panels(int64_t page, int64_t r, const Panels<Panel, P>& keys) {
    for (; r + R <= rows_; r += R) score_tile<R>(keys, r, scores_[r] + page * kPagePositions);
    if constexpr (R > 1) {
      if (r < rows_) score_panels<R / 2>(page, r, keys);
    }
  }

  template <int R, class Panel, int P>
  void score_tile(const Panels<Panel, P>& keys, int64_t row, float* s) {
    constexpr int kSteps = Panel::kUnit / kStep;
    // A unit of a panel has 32 bits for every lane, in every format.
    constexpr int kUnitLines = kPagePositions * 4 / kLine;
    // As many vectors at once as registers allow: a query's broadcast serves them all.
    constexpr int kTogether = kVectors * kSteps <= Math::kFreeRegs ? kVectors : 1;
    Reg sum[R][P][kVectors];
    PANGU_UNROLL
    for (int r = 0; r < R; ++r) {
      PANGU_UNROLL
      for (int p = 0; p < P; ++p) {
        PANGU_UNROLL
        for (int b = 0; b < kVectors; ++b) sum[r][p][b] = V::zero();
      }
    }
    const typename Math::Query* q = query(row);
    const bool asks = R <= kFewRows && few();
    int64_t asked = 0;
    for (int64_t d = 0; d < dim_; d += Panel::kUnit) {
      if (asks) {
        PANGU_UNROLL
        for (int p = 0; p < P; ++p) ask<kUnitLines>(ahead_[p] + asked);
        asked += kUnitLines * kLine;
      }
      PANGU_UNROLL
      for (int p = 0; p < P; ++p) {
        PANGU_UNROLL
        for (int first = 0; first < kVectors; first += kTogether) {
          Reg w[kTogether][kSteps];
          PANGU_UNROLL
          for (int b = 0; b < kTogether; ++b) keys.at[p].load(d, (first + b) * V::kLanes, w[b]);
          PANGU_UNROLL
          for (int j = 0; j < kSteps; ++j) {
            PANGU_UNROLL
            for (int r = 0; r < R; ++r) {
              const auto x = Math::query(q + (r * width_ + d + j * kStep) * Math::kQueryWords);
              Math::template add_scores<kTogether>(sum[r][p] + first, w, j, x);
            }
          }
        }
      }
    }
    PANGU_UNROLL
    for (int r = 0; r < R; ++r) {
      PANGU_UNROLL
      for (int p = 0; p < P; ++p) {
        PANGU_UNROLL
        for (int b = 0; b < kVectors; ++b) {
          V::store(s + r * kBlockPositions + p * kPagePositions + b * V::kLanes, sum[r][p][b]);
        }
      }
    }
  }

  // Weights

  void load_scales() {
    if constexpr (C::kScaled) {
      for (int64_t page = 0; page < pages_; ++page) {
        const std::byte* keys = a_.pages.keys(ids_[page], tile_.kv_head);
        const std::byte* values = a_.pages.values(ids_[page], tile_.kv_head);
        const auto* key = reinterpret_cast<const float*>(keys + a_.pages.key_code_bytes());
        const auto* value = reinterpret_cast<const float*>(values + a_.pages.value_code_bytes());
        for (int64_t i = 0; i < kPagePositions; i += V::kLanes) {
          const int64_t at = page * kPagePositions + i;
          V::store(key_scales_ + at, V::mul(V::load(key + i), V::set1(a_.scale * C::Keys::kScale)));
          V::store(value_scales_ + at, V::mul(V::load(value + i), V::set1(C::Values::kScale)));
        }
      }
    }
  }

  /// Turns the scores of one row into weights; updates its maximum and sum and says by how much
  /// what was summed before must shrink.
  void softmax_row(AttentionState& state, int64_t r) {
    const int64_t n = positions(r);
    float* const s = scores_[r];
    Reg most = V::set1(state.max[r]);
    for (int64_t i = 0; i < n; i += V::kLanes) {
      Reg factor = V::set1(a_.scale);
      if constexpr (C::kScaled) factor = V::load(key_scales_ + i);
      const Reg x = V::keep_first(V::mul(V::load(s + i), factor), n - i, V::set1(kMinusInf));
      V::store(s + i, x);
      most = V::max(x, most);  // the second where the first is NaN
    }
    const float max = V::max_of(most);
    const float base = max == kMinusInf ? 0.0f : max;
    rescale_[r] = max == state.max[r] ? 1.0f : exp_of(state.max[r] - base);
    state.max[r] = max;

    Reg sum = V::mul(V::load(sums_[r]), V::set1(rescale_[r]));
    for (int64_t i = 0; i < n; i += V::kLanes) {
      const Reg e = vexp<V>(V::sub(V::load(s + i), V::set1(base)));  // zero past the last position
      if constexpr (C::kScaled) {
        const Reg scale = V::keep_first(V::load(value_scales_ + i), n - i, V::zero());
        Math::store_weights(weights_[r] + i, V::mul(e, scale));
        sum = V::add(sum, e);
      } else {
        sum = V::add(sum, Math::store_weights(weights_[r] + i, e));
      }
    }
    V::store(sums_[r], sum);
  }

  static float exp_of(float x) {
    float lanes[V::kLanes];
    V::store(lanes, vexp<V>(V::set1(x)));
    return lanes[0];
  }

  // Values

  void values(AttentionState& state) {
    const auto panel_of = [&](int64_t page) {
      const int64_t p = page < pages_ ? page : 0;  // any will do: it is not looked at
      return typename C::Values(a_.pages, ids_[p], tile_.kv_head,
                                scratch_.scales + p * 2 * a_.pages.groups() * kPagePositions);
    };
    const auto block = panels<kBlockPages>(panel_of, 0);
    const int64_t more = visible_[rows_ - 1] - begin_ - kBlockPositions;
    for (int p = 0; p < kBlockPages; ++p) {
      const bool follows = p * kPagePositions < more;
      ahead_[p] = a_.pages.keys(ids_[follows ? kBlockPages + p : 0], tile_.kv_head);
    }
    if (copies()) {
      for (int64_t page = 0; page < pages_; ++page) copy_values(block.at[page], page);
      add_values(state, panels<kBlockPages>(
                            [&](int64_t page) {
                              return Words(reinterpret_cast<const std::byte*>(copy_of(page)),
                                           width_);
                            },
                            0));
    } else {
      add_values(state, block);
    }
  }

  void copy_values(const typename C::Values& values, int64_t page) const {
    constexpr int kUnit = C::Values::kUnit;
    float* to = copy_of(page);
    for (int64_t d = 0; d < width_; d += V::kLanes) {
      for (int64_t slot = 0; slot < kPagePositions; slot += kUnit) {
        Reg w[1][kUnit / kStep];
        values.template load_columns<1>(slot, d, w);
        PANGU_UNROLL
        for (int j = 0; j < kUnit / kStep; ++j) {
          V::store(to + (slot / kStep + j) * width_ + d, w[0][j]);
        }
      }
    }
  }

  template <class Block>
  void add_values(AttentionState& state, const Block& block) {
    for (int64_t r = first_; r < rows_;) {
      const int64_t n = positions(r);
      int64_t last = r + 1;
      while (last < rows_ && positions(last) == n) ++last;
      value_rows<Math::kValueRows>(block.at, n, state.out, r, last);
      r = last;
    }
  }

  template <int R, class Panel>
  void value_rows(const Panel* panels, int64_t n, float* out, int64_t r, int64_t last) {
    for (; r + R <= last; r += R) {
      value_columns<R, Math::kValueSums / R>(panels, n, out + r * width_, r, 0);
    }
    if constexpr (R > 1) {
      if (r < last) value_rows<R / 2>(panels, n, out, r, last);
    }
  }

  /// Columns from d on, N vectors at a time and then fewer.
  template <int R, int N, class Panel>
  void value_columns(const Panel* panels, int64_t n, float* out, int64_t r, int64_t d) {
    for (; d + N * V::kLanes <= width_; d += N * V::kLanes) {
      value_tile<R, N>(panels, n, out + d, r, d);
    }
    if constexpr (N > 1) {
      if (d < width_) value_columns<R, N / 2>(panels, n, out, r, d);
    }
  }

  template <int R, int N, class Panel>
  void value_tile(const Panel* panels, int64_t n, float* out, int64_t row, int64_t d) {
    constexpr int kUnitLines = (N * V::kLanes * 4 + kLine - 1) / kLine;
    Reg sum[R][N];
    PANGU_UNROLL
    for (int r = 0; r < R; ++r) {
      PANGU_UNROLL
      for (int b = 0; b < N; ++b) {
        sum[r][b] = V::mul(V::load(out + r * width_ + b * V::kLanes), V::set1(rescale_[row + r]));
      }
    }
    const typename Math::Weight* weights = weights_[row];
    const bool asks = R <= kFewRows && few();
    const std::byte* const* ahead = ahead_;
    for (; n > 0; n -= kPagePositions, ++panels, ++ahead, weights += kPagePositions) {
      const int64_t here = n < kPagePositions ? n : kPagePositions;
      int64_t slot = 0;
      for (; slot + Panel::kUnit <= here; slot += Panel::kUnit) {
        if (asks) ask<kUnitLines>(*ahead + (slot / Panel::kUnit * width_ + d) * 4);
        add_unit<true>(*panels, slot, d, weights + slot, 0, sum);
      }
      if (slot < here) add_unit<false>(*panels, slot, d, weights + slot, here - slot, sum);
    }
    PANGU_UNROLL
    for (int r = 0; r < R; ++r) {
      PANGU_UNROLL
      for (int b = 0; b < N; ++b) V::store(out + r * width_ + b * V::kLanes, sum[r][b]);
    }
  }

  /// The next kUnit positions, or the first n of them.
  template <bool kWhole, class Panel, int R, int N>
  PANGU_INLINE static void add_unit(const Panel& panel, int64_t slot, int64_t d,
                                    const typename Math::Weight* weights, int64_t n,
                                    Reg (&sum)[R][N]) {
    constexpr int kSteps = Panel::kUnit / kStep;
    constexpr int kColumns = N < Panel::kColumns ? N : Panel::kColumns;
    PANGU_UNROLL
    for (int b = 0; b < N; b += kColumns) {
      Reg w[kColumns][kSteps];
      panel.template load_columns<kColumns>(slot, d + b * V::kLanes, w);
      PANGU_UNROLL
      for (int j = 0; j < kSteps; ++j) {
        if constexpr (!kWhole) {
          if (j * kStep >= n) break;
          if ((j + 1) * kStep > n) {
            PANGU_UNROLL
            for (int c = 0; c < kColumns; ++c) w[c][j] = Math::first_half(w[c][j]);
          }
        }
        PANGU_UNROLL
        for (int r = 0; r < R; ++r) {
          const auto x = Math::weight(weights + r * kBlockPositions + j * kStep);
          PANGU_UNROLL
          for (int c = 0; c < kColumns; ++c) sum[r][b + c] = Math::madd(sum[r][b + c], w[c][j], x);
        }
      }
    }
  }

  const PagedAttentionArgs& a_;
  const AttentionTile& tile_;
  const int64_t dim_, width_, rows_;
  AttentionScratch& scratch_;
  typename Math::Query* const queries_;

  // The block
  int64_t begin_ = 0, pages_ = 0;
  const std::int32_t* ids_ = nullptr;
  int64_t first_ = 0;                    ///< rows before this one have seen all of their positions
  const std::byte* ahead_[kBlockPages];  ///< panels that will be read next

  int64_t visible_[kTileRows];
  float rescale_[kTileRows];
  alignas(64) float sums_[kTileRows][V::kLanes];
  alignas(64) float scores_[kTileRows][kBlockPositions];
  alignas(64) typename Math::Weight weights_[kTileRows][kBlockPositions];
  alignas(64) float key_scales_[kBlockPositions];
  alignas(64) float value_scales_[kBlockPositions];
};

template <class C>
void attention_splits(const PagedAttentionArgs& a, const AttentionTile& tile, int64_t first,
                      int64_t last, AttentionState& state, AttentionScratch& scratch) {
  SplitWalk<C> walk(a, tile, scratch);
  walk.run(first, state);
  for (int64_t split = first + 1; split < last; ++split) {
    walk.run(split, scratch.split);
    merge_attention(tile, a.pages.padded_dim(), state, scratch.split);
  }
}

}  // namespace
}  // namespace pangu::kernels
