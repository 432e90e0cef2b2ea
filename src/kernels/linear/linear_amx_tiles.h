// SPDX-License-Identifier: Apache-2.0
// The loops of the linear kernels that multiply in AMX tiles; included only by ISA files.
//
// Three parts meet here, as in linear_codes.h. Products says what is multiplied and what the sums
// become; Codes make its operands, four bytes of inputs for each output; a Format says where groups
// of inputs lie and how their sums are scaled. A strip of a panel is turned into operands once,
// sixteen outputs after the other, and stays in a cache while tile after tile of rows passes over
// it.
//
// Every row of a tile is summed on its own, in the same steps of inputs whatever the number of
// rows, so that a row comes out the same in any company. One row alone would leave tiles nearly
// empty, and memory waiting while they are filled: its bf16 products are made in vectors, in the
// order that a tile has.
#pragma once

#include <vector>

#include "kernels/linear/linear_codes.h"
#include "kernels/simd/amx.h"
#include "kernels/simd/avx512.h"

namespace pangu::kernels {
namespace {

/// Tiles take subnormal bf16 numbers for zeros, and make none in f32: so does what works beside
/// them.
class FlushSubnormals {
 public:
  FlushSubnormals() : before_(_mm_getcsr()) { _mm_setcsr(before_ | kFlush); }
  ~FlushSubnormals() { _mm_setcsr(before_); }
  FlushSubnormals(const FlushSubnormals&) = delete;
  FlushSubnormals& operator=(const FlushSubnormals&) = delete;

 private:
  static constexpr unsigned kFlush = 0x8040;  // to zero, and denormals are zeros
  unsigned before_;
};

/// A tile of sums at rest: f32, or int32 as bits.
struct alignas(64) RestingTile {
  float row[kTileRows][kTileRows];
};

/// What the calling thread keeps between calls; as much as it once needed.
inline RestingTile* resting_tiles(int64_t n) {
  thread_local std::vector<RestingTile> tiles;
  if (std::ssize(tiles) < n) tiles.resize(static_cast<std::size_t>(n));
  return tiles.data();
}

template <class Products, class Codes, class Format>
class AmxLinear {
  using V = V512;
  using Reg = V::Reg;
  using Dot = typename Products::Dot;
  static constexpr int64_t kBytes = Products::kBytes;  ///< of an input
  static constexpr int kStep = 4 / kBytes;             ///< inputs of an operand
  static constexpr int64_t kTileInputs = kTileRowBytes / kBytes;
  static constexpr int kTiles = kPanelRows / kTileRows;
  /// Operands of a strip and a tile of rows together are as large as the first-level cache.
  static constexpr int64_t kStripInputs = 512 / kBytes, kSmallStripInputs = 64;

  /// Inputs of a panel as the tiles of B want them.
  struct Operands {
    const std::byte* first;
    int64_t row_bytes;   ///< from four bytes of inputs to the next
    int64_t tile_bytes;  ///< from sixteen outputs to the next
  };
  struct Strip {
    int64_t panel, begin, end;  ///< end: of the inputs there are
  };

 public:
  static void panels(const LinearArgs& a, const LinearInput& in, int64_t first, int64_t last) {
    AmxLinear self(a, in);
    if constexpr (kBytes == 1) {  // fewer rows are left to VNNI, which flushes nothing
      for (int64_t p = first; p < last; ++p) self.run_panel(p);
    } else {
      const FlushSubnormals as_tiles_do;
      for (int64_t p = first; p < last; ++p) a.rows == 1 ? self.one_row(p) : self.run_panel(p);
    }
  }

 private:
  AmxLinear(const LinearArgs& a, const LinearInput& in)
      : a_(a),
        in_(in),
        format_(a),
        n_in_(inputs(a.k)),
        few_(a.rows <= kTileRows),
        shape_(Format::kPerOutput ? kTileRowBytes
                                  : std::min(kTileRowBytes, format_.group() * kBytes)),
        sums_(resting_tiles((a.rows + kTileRows - 1) / kTileRows * kTiles)) {}

  int64_t inputs(int64_t k) const {
    constexpr int64_t kUnit = Codes::kUnit;
    return Format::kScaled ? padded_inputs(k, format_.group()) : (k + kUnit - 1) / kUnit * kUnit;
  }
  const std::byte* panel(int64_t p) const {
    return a_.weight + static_cast<std::size_t>(p) * a_.panel_bytes;
  }
  const std::byte* x_at(int64_t row, int64_t input) const {
    return static_cast<const std::byte*>(in_.x) + (row * in_.stride + input) * kBytes;
  }
  int64_t rows_of_tile(int64_t row) const { return std::min<int64_t>(kTileRows, a_.rows - row); }
  /// Sums of up to sixteen rows from `row` on, and sixteen outputs of the panel.
  RestingTile& resting(int64_t row, int v) const { return sums_[row / kTileRows * kTiles + v]; }

  void run_panel(int64_t p) {
    alignas(64) std::byte block[kStripInputs * kBytes * kPanelRows];
    int64_t begin = 0;
    if constexpr (!Format::kScaled) {  // floats, which are operands as they lie
      // Each weight is used but once: where it lies is as good a place as any.
      if (few_) begin = stored_panel(p);
    }
    const int64_t small =
        Format::kPerOutput ? kSmallStripInputs : std::max(kSmallStripInputs, format_.group());
    const int64_t size = few_ ? small : kStripInputs;
    for (; begin < n_in_; begin += size) {
      const Strip strip{p, begin, std::min(begin + size, n_in_)};
      const Operands w = fill(strip, block);
      if constexpr (!Format::kPerOutput) {
        group_tiles(w, strip);
      } else if (few_) {
        wide_tiles<false>(w, strip);
      } else {
        square_tiles(w, strip);
      }
    }
    finish(p);
  }

  /// Whole steps of a panel whose codes are operands; returns how many inputs they are.
  int64_t stored_panel(int64_t p) {
    const int64_t whole = n_in_ / kTileInputs * kTileInputs;
    const Operands w{format_.codes(panel(p), 0), kPanelRows * 4, kTileRowBytes};
    if (whole > 0) wide_tiles<true>(w, {p, 0, whole});
    return whole;
  }

  /// Operands of a strip: [outputs / 16][inputs][16], zeros to the end of the last step.
  Operands fill(const Strip& s, std::byte* block) const {
    const int64_t n = s.end - s.begin;
    const int64_t whole =
        Format::kPerOutput ? (n + kTileInputs - 1) / kTileInputs * kTileInputs : n;
    const Operands w{block, kTileRowBytes, whole * kBytes * kTileRows};
    auto* const to = reinterpret_cast<float*>(block);
    fill_operands<V, kStep, kTileRows>(codes_, format_, panel(s.panel), s.begin, s.end,
                                       w.tile_bytes / 4, few_, to);
    for (int64_t i = n; i < whole; i += kStep) {
      for (int t = 0; t < kTiles; ++t) {
        V::store(to + t * (w.tile_bytes / 4) + i / kStep * kTileRows, V::zero());
      }
    }
    return w;
  }

  // One scale for all inputs, or none: sums stay in tiles for a whole strip.

  template <int Tile>
  PANGU_INLINE void begin_tile(const Strip& s, int64_t row, int v) const {
    if (s.begin == 0) return zero_tile<kSums + Tile>();
    load_tile<kSums + Tile>(&resting(row, v), kTileRowBytes);
  }
  template <int Tile>
  PANGU_INLINE void end_tile(int64_t row, int v) const {
    store_tile<kSums + Tile>(&resting(row, v), kTileRowBytes);
  }

  /// Up to sixteen rows, all outputs of a panel.
  template <bool kAhead>
  void wide_tiles(const Operands& w, const Strip& s) {
    shape_.set_rows(a_.rows, a_.rows);
    begin_tile<0>(s, 0, 0), begin_tile<1>(s, 0, 1), begin_tile<2>(s, 0, 2), begin_tile<3>(s, 0, 3);
    const int64_t x_stride = in_.stride * kBytes, b_stride = w.row_bytes, tile = w.tile_bytes;
    const std::byte *b = w.first, *x = x_at(0, s.begin);
    for (int64_t i = s.begin; i < s.end; i += kTileInputs) {
      if constexpr (kAhead) prefetch<kTileRows * kPanelRows * 4>(b + kPrefetchBytes);
      load_tile<kA>(x, x_stride);
      load_tile<kB>(b, b_stride);
      Dot::template dot<0, kA, kB>();
      load_tile<kB + 1>(b + tile, b_stride);
      Dot::template dot<1, kA, kB + 1>();
      load_tile<kB>(b + 2 * tile, b_stride);
      Dot::template dot<2, kA, kB>();
      load_tile<kB + 1>(b + 3 * tile, b_stride);
      Dot::template dot<3, kA, kB + 1>();
      b += kTileRows * b_stride, x += kTileRowBytes;
    }
    end_tile<0>(0, 0), end_tile<1>(0, 1), end_tile<2>(0, 2), end_tile<3>(0, 3);
  }

  /// More rows: thirty-two of them by thirty-two outputs.
  void square_tiles(const Operands& w, const Strip& s) {
    for (int64_t row = 0; row < a_.rows; row += 2 * kTileRows) {
      const bool both = a_.rows - row > kTileRows;
      shape_.set_rows(rows_of_tile(row), both ? rows_of_tile(row + kTileRows) : 0);
      for (int v = 0; v < kTiles; v += 2) {
        both ? square_tile<true>(w, s, row, v) : square_tile<false>(w, s, row, v);
      }
    }
  }

  template <bool kBoth>
  void square_tile(const Operands& w, const Strip& s, int64_t row, int v) const {
    const int64_t second = row + kTileRows;
    begin_tile<0>(s, row, v), begin_tile<1>(s, row, v + 1);
    if constexpr (kBoth) begin_tile<2>(s, second, v), begin_tile<3>(s, second, v + 1);
    const int64_t x_stride = in_.stride * kBytes, tile = w.tile_bytes;
    const std::byte *b = w.first + v * tile, *x = x_at(row, s.begin);
    for (int64_t i = s.begin; i < s.end; i += kTileInputs) {
      load_tile<kB>(b, kTileRowBytes);
      load_tile<kA>(x, x_stride);
      Dot::template dot<0, kA, kB>();
      load_tile<kB + 1>(b + tile, kTileRowBytes);
      Dot::template dot<1, kA, kB + 1>();
      if constexpr (kBoth) {
        load_tile<kA + 1>(x + kTileRows * x_stride, x_stride);
        Dot::template dot<2, kA + 1, kB>();
        Dot::template dot<3, kA + 1, kB + 1>();
      }
      b += kTileRows * kTileRowBytes, x += kTileRowBytes;
    }
    end_tile<0>(row, v), end_tile<1>(row, v + 1);
    if constexpr (kBoth) end_tile<2>(second, v), end_tile<3>(second, v + 1);
  }

  // A scale for each group: its sums leave the tile, and are added to totals.

  void group_tiles(const Operands& w, const Strip& s) {
    for (int64_t row = 0; row < a_.rows; row += kTileRows) {
      const int64_t n = rows_of_tile(row);
      shape_.set_rows(n, n);
      for (int v = 0; v < kTiles; ++v) {
        n > 8   ? group_tile<16>(w, s, row, v)
        : n > 4 ? group_tile<8>(w, s, row, v)
        : n > 1 ? group_tile<4>(w, s, row, v)
                : group_tile<1>(w, s, row, v);
      }
    }
  }

  /// Up to R rows: what tiles do not fill of them is computed, and never read.
  template <int R>
  void group_tile(const Operands& w, const Strip& s, int64_t row, int v) const {
    RestingTile& rest = resting(row, v);
    Reg total[R];
    PANGU_UNROLL
    for (int r = 0; r < R; ++r) total[r] = s.begin > 0 ? V::load(rest.row[r]) : V::zero();
    const std::byte *b = w.first + v * w.tile_bytes, *x = x_at(row, s.begin);
    const int64_t group = format_.group();
    int64_t first = s.begin;
    // Four groups at a time: while one's sums leave its tile, others are computed.
    for (; first + 4 * group <= s.end; first += 4 * group) {
      add_groups<R, 4>(s.panel, first, row, v, b, x, total);
    }
    for (; first < s.end; first += group) add_groups<R, 1>(s.panel, first, row, v, b, x, total);
    PANGU_UNROLL
    for (int r = 0; r < R; ++r) V::store(rest.row[r], total[r]);
  }

  template <int R, int N>
  PANGU_INLINE void add_groups(int64_t p, int64_t first, int64_t row, int v, const std::byte*& b,
                               const std::byte*& x, Reg (&total)[R]) const {
    RestingTile sums[N];
    sum_group<0>(b, x);
    if constexpr (N == 4) sum_group<1>(b, x), sum_group<2>(b, x), sum_group<3>(b, x);
    store_tile<kSums>(&sums[0], kTileRowBytes);
    if constexpr (N == 4) {
      store_tile<kSums + 1>(&sums[1], kTileRowBytes);
      store_tile<kSums + 2>(&sums[2], kTileRowBytes);
      store_tile<kSums + 3>(&sums[3], kTileRowBytes);
    }
    PANGU_UNROLL
    for (int g = 0; g < N; ++g) fold(p, first + g * format_.group(), row, v, sums[g], total);
  }

  template <int T>
  PANGU_INLINE void sum_group(const std::byte*& b, const std::byte*& x) const {
    constexpr int kOdd = T % 2;
    const int64_t step = shape_.row_bytes(), x_stride = in_.stride * kBytes;
    zero_tile<kSums + T>();
    for (int64_t left = format_.group() * kBytes; left > 0; left -= step) {
      load_tile<kA + kOdd>(x, x_stride);
      load_tile<kB + kOdd>(b, kTileRowBytes);
      Dot::template dot<kSums + T, kA + kOdd, kB + kOdd>();
      b += step / 4 * kTileRowBytes, x += step;
    }
  }

  template <int R>
  PANGU_INLINE void fold(int64_t p, int64_t first, int64_t row, int v, const RestingTile& sums,
                         Reg (&total)[R]) const {
    PANGU_UNROLL
    for (int r = 0; r < R; ++r) {
      const int64_t own = std::min(row + r, a_.rows - 1);
      total[r] = add_scaled(p, first, own, v, V::load(sums.row[r]), total[r]);
    }
  }

  // One row

  void one_row(int64_t p) const {
    Reg total[kTiles];
    PANGU_UNROLL
    for (int v = 0; v < kTiles; ++v) total[v] = V::zero();
    const int64_t group = Format::kPerOutput ? n_in_ : format_.group();
    for (int64_t first = 0; first < n_in_; first += group) {
      Reg sum[kTiles];
      PANGU_UNROLL
      for (int v = 0; v < kTiles; ++v) sum[v] = V::zero();
      const std::byte* unit = format_.codes(panel(p), first);
      for (int64_t i = first; i < first + group; i += kTileInputs) {
        add_step(unit, i, std::min(i + kTileInputs, first + group), sum);
      }
      PANGU_UNROLL
      for (int v = 0; v < kTiles; ++v) {
        if constexpr (Format::kPerOutput) {
          total[v] = sum[v];
        } else {
          total[v] = add_scaled(p, first, 0, v, sum[v], total[v]);
        }
      }
    }
    float sums[kTiles][kTileRows];
    PANGU_UNROLL
    for (int v = 0; v < kTiles; ++v) V::store(sums[v], total[v]);
    for (int v = 0; v < kTiles; ++v) finish(p, 0, v, V::load(sums[v]), output_scale(p, v));
  }

  /// What one product of tiles adds: even inputs on their own, odd ones on their own, then both.
  PANGU_INLINE void add_step(const std::byte*& unit, int64_t i, int64_t end,
                             Reg (&sum)[kTiles]) const {
    Reg even[kTiles], odd[kTiles];
    PANGU_UNROLL
    for (int v = 0; v < kTiles; ++v) even[v] = odd[v] = V::zero();
    const auto* x = reinterpret_cast<const std::uint16_t*>(x_at(0, 0));
    for (; i < end; i += Codes::kUnit, unit += Codes::kUnitBytes) {
      prefetch<Codes::kUnitBytes>(unit + kPrefetchBytes);
      typename Codes::Unit stored[kTiles];
      PANGU_UNROLL
      for (int v = 0; v < kTiles; ++v) stored[v] = codes_.load(unit, v * kTileRows);
      PANGU_UNROLL
      for (int s = 0; s < Codes::kUnit / kStep; ++s) {
        float pair;
        __builtin_memcpy(&pair, x + i + s * kStep, sizeof(pair));
        const Reg xs = V::set1(pair), x0 = V::low_half(xs), x1 = V::high_half(xs);
        PANGU_UNROLL
        for (int v = 0; v < kTiles; ++v) {
          const Reg w = codes_.operand(stored[v], s);
          even[v] = V::fma(V::low_half(w), x0, even[v]);
          odd[v] = V::fma(V::high_half(w), x1, odd[v]);
        }
      }
    }
    PANGU_UNROLL
    for (int v = 0; v < kTiles; ++v) sum[v] = V::add(sum[v], V::add(even[v], odd[v]));
  }

  // All

  /// Adds the sum of a group, scaled, to the total of a row.
  PANGU_INLINE Reg add_scaled(int64_t p, int64_t first, int64_t row, int v, Reg sum,
                              Reg total) const {
    const GroupScale<V> g = format_.template scale<V>(panel(p), first, v * kTileRows);
    total = V::fma(Products::to_f32(sum), g.scale, total);
    if constexpr (!Format::kOffset) return total;
    const float x_sum = in_.sums[row * in_.sums_stride + first / format_.group()];
    return V::fma(g.offset, V::set1(x_sum), total);
  }

  void finish(int64_t p) const {
    for (int v = 0; v < kTiles && p * kPanelRows + v * kTileRows < a_.n_out; ++v) {
      const Reg scale = output_scale(p, v);
      for (int64_t row = 0; row < a_.rows; ++row) {
        finish(p, row, v, V::load(resting(row, v).row[row % kTileRows]), scale);
      }
    }
  }

  PANGU_INLINE Reg output_scale(int64_t p, int v) const {
    if constexpr (Format::kPerOutput && Format::kScaled) {
      return format_.template scale<V>(panel(p), 0, v * kTileRows).scale;
    } else {
      return V::zero();
    }
  }

  PANGU_INLINE void finish(int64_t p, int64_t row, int v, Reg sum, Reg scale) const {
    if constexpr (Format::kScaled && Format::kPerOutput) {
      sum = Products::scaled(in_, row, sum, scale);
    } else if constexpr (Format::kScaled) {
      sum = Products::total(in_, row, sum);
    }
    store_sums<V>(a_, row, p * kPanelRows + v * kTileRows, sum, true);
  }

  const LinearArgs& a_;
  const LinearInput& in_;
  const Format format_;
  const Codes codes_{};
  const int64_t n_in_;
  const bool few_;
  TileShape shape_;
  RestingTile* const sums_;  ///< [rows / 16][4]
};

}  // namespace
}  // namespace pangu::kernels
