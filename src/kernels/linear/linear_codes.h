// SPDX-License-Identifier: Apache-2.0
// Linear kernels over weights that are not stored as operands of the arithmetic (codes, and halves
// where products are made in f32), for every instruction set; included only by ISA files.
//
// Three parts meet here. A Math makes products: it has vectors V of outputs, an element type X of
// activations and kStep inputs to a product. Codes load one unit of a panel (kUnit inputs of one
// vector of outputs) as it is stored, and make its operands one by one, 1 / kScale times as large
// as the codes where that saves an instruction. A Format says where groups of inputs lie in a panel
// and how their sums are scaled.
//
// With few rows, operands are made in registers, and each serves all rows. With more, a block of
// the panel is turned into operands once, kept in a cache, and read by one tile of rows after the
// other. Both add the same products in the same order.
#pragma once

#include <algorithm>
#include <bit>

#include "kernels/linear/linear_tiles.h"
#include "quant/code_panels.h"
#include "quant/ggml_formats.h"
#include "quant/w8.h"

namespace pangu::kernels {
namespace {

/// Products in f32, one input at a time.
template <class V_>
struct FmaMath {
  using V = V_;
  using X = float;
  static constexpr int kStep = 1;
  PANGU_INLINE static typename V::Reg x_at(const X* x) { return V::broadcast(x); }
  PANGU_INLINE static typename V::Reg madd(typename V::Reg sum, typename V::Reg w,
                                           typename V::Reg x) {
    return V::fma(w, x, sum);
  }
};

// --- Formats: where groups lie, and how their sums are scaled

/// Halves: no groups, no scale, and no more inputs than kernels read at once.
template <class Codes>
struct Unscaled {
  static constexpr bool kPerOutput = true, kScaled = false, kOffset = false;
  explicit Unscaled(const LinearArgs&) {}
  PANGU_INLINE int64_t group() const { return 0; }
  PANGU_INLINE const std::byte* codes(const std::byte* panel, int64_t first) const {
    return panel + first / Codes::kUnit * Codes::kUnitBytes;
  }
};

/// Scale of a group for one vector of outputs, and what its sum of activations is multiplied with.
template <class V>
struct GroupScale {
  typename V::Reg scale, offset;
};

/// int8 with one scale for all inputs, applied to the finished sum.
struct PerOutput {
  static constexpr bool kPerOutput = true, kScaled = true, kOffset = false;
  explicit PerOutput(const LinearArgs&) {}
  PANGU_INLINE int64_t group() const { return 0; }
  PANGU_INLINE const std::byte* codes(const std::byte* panel, int64_t first) const {
    return panel + kW8HeaderBytes + first * kPanelRows;
  }
  template <class V>
  PANGU_INLINE GroupScale<V> scale(const std::byte* panel, int64_t, int64_t lane) const {
    return {V::load(reinterpret_cast<const float*>(panel) + lane), V::zero()};
  }
};

/// q8_0: groups of 32, an f16 scale each.
struct GroupsOf32 {
  static constexpr bool kPerOutput = false, kScaled = true, kOffset = false;
  explicit GroupsOf32(const LinearArgs&) {}
  PANGU_INLINE int64_t group() const { return Q8_0Panel::kGroup; }
  PANGU_INLINE const std::byte* codes(const std::byte* panel, int64_t first) const {
    return panel + first / Q8_0Panel::kGroup * Q8_0Panel::kGroupBytes + Q8_0Panel::kHeaderBytes;
  }
  template <class V>
  PANGU_INLINE GroupScale<V> scale(const std::byte* panel, int64_t first, int64_t lane) const {
    const std::byte* header = panel + first / Q8_0Panel::kGroup * Q8_0Panel::kGroupBytes;
    return {V::load_f16(header + lane * 2), V::zero()};
  }
};

/// 4 bits in groups of any power of two from 32 on, with or without zero points.
template <bool Asym>
struct NibbleGroups {
  static constexpr bool kPerOutput = false, kScaled = true, kOffset = Asym;
  static constexpr int64_t kZeros = kPanelRows * 2, kHeader = kZeros + (Asym ? kPanelRows : 0);

  explicit NibbleGroups(const LinearArgs& a)
      : shift_(std::countr_zero(static_cast<std::uint64_t>(format_info(a.format).group))) {}
  PANGU_INLINE int64_t group() const { return int64_t{1} << shift_; }
  PANGU_INLINE const std::byte* codes(const std::byte* panel, int64_t first) const {
    return header(panel, first) + kHeader;
  }
  template <class V>
  PANGU_INLINE GroupScale<V> scale(const std::byte* panel, int64_t first, int64_t lane) const {
    const std::byte* at = header(panel, first);
    const auto scale = V::load_f16(at + lane * 2);
    if constexpr (!Asym) return {scale, V::zero()};
    // scale (code - zero) = scale (code - 8) + scale (8 - zero)
    const auto zero = V::load_u8(at + kZeros + lane);
    return {scale, V::mul(scale, V::sub(V::set1(8.0f), zero))};
  }

  /// Where the group of an input begins: scales, [zero points], codes.
  PANGU_INLINE const std::byte* header(const std::byte* panel, int64_t first) const {
    return panel + (first >> shift_) * group_bytes();
  }
  PANGU_INLINE int64_t group_bytes() const { return kHeader + kPanelRows / 2 * group(); }

 private:
  int shift_;
};

struct Q4_KGroups {
  static constexpr bool kPerOutput = false, kScaled = true, kOffset = true;
  using P = Q4_KPanel;
  explicit Q4_KGroups(const LinearArgs&) {}
  PANGU_INLINE int64_t group() const { return P::kGroup; }
  PANGU_INLINE const std::byte* codes(const std::byte* panel, int64_t first) const {
    return chunk(panel, first) + P::kHeaderBytes + index(first) * P::kGroupBytes;
  }
  template <class V>
  PANGU_INLINE GroupScale<V> scale(const std::byte* panel, int64_t first, int64_t lane) const {
    const std::byte* at = chunk(panel, first);
    const int64_t g = index(first) * kPanelRows + lane;
    const auto d = V::load_f16(at + lane * 2), dmin = V::load_f16(at + P::kMinOffset + lane * 2);
    return {V::mul(d, V::load_u8(at + P::kScales + g)),
            V::fnma(dmin, V::load_u8(at + P::kMinima + g), V::zero())};
  }

 private:
  PANGU_INLINE static const std::byte* chunk(const std::byte* panel, int64_t first) {
    return panel + first / P::kChunk * P::kChunkBytes;
  }
  PANGU_INLINE static int64_t index(int64_t first) { return first % P::kChunk / P::kGroup; }
};

struct Q6_KGroups {
  static constexpr bool kPerOutput = false, kScaled = true, kOffset = false;
  using P = Q6_KPanel;
  explicit Q6_KGroups(const LinearArgs&) {}
  PANGU_INLINE int64_t group() const { return P::kGroup; }
  PANGU_INLINE const std::byte* codes(const std::byte* panel, int64_t first) const {
    return chunk(panel, first) + P::kHeaderBytes + index(first) * P::kGroupBytes;
  }
  template <class V>
  PANGU_INLINE GroupScale<V> scale(const std::byte* panel, int64_t first, int64_t lane) const {
    const std::byte* at = chunk(panel, first);
    const auto scale = V::load_i8(at + P::kScales + index(first) * kPanelRows + lane);
    return {V::mul(V::load_f16(at + lane * 2), scale), V::zero()};
  }

 private:
  PANGU_INLINE static const std::byte* chunk(const std::byte* panel, int64_t first) {
    return panel + first / P::kChunk * P::kChunkBytes;
  }
  PANGU_INLINE static int64_t index(int64_t first) { return first % P::kChunk / P::kGroup; }
};

// --- The loops

/// How the kernels of one instruction set cut their work.
struct Tiling {
  int sums;              ///< vectors of sums that few rows keep in registers
  int together;          ///< vectors of weights whose operands are made at the same time
  int direct_rows;       ///< up to so many rows go without a block
  int rows, vectors;     ///< the largest tile of a block
  int64_t block_inputs;  ///< of many rows: what they share stays in a cache
};

/// Inputs of a panel that tiles narrower than it pass over one after the other: its codes are then
/// still in the first-level cache, and memory is read once, from one end to the other.
constexpr int64_t kStripInputs = 64;

/// Inputs of a block that is made for few rows.
constexpr int64_t kSmallBlockInputs = 256;

/// Makes operands of kStep inputs each of the inputs [begin, end) of a panel, for tiles of
/// TileLanes outputs that begin `tile_size` numbers apart: [lanes / tile][inputs][tile]. With
/// `ahead` it asks for what follows in memory.
template <class V, int kStep, int64_t TileLanes, class Codes, class Format>
void fill_operands(const Codes& codes, const Format& format, const std::byte* panel, int64_t begin,
                   int64_t end, int64_t tile_size, bool ahead, float* block) {
  const int64_t group = Format::kPerOutput ? end - begin : format.group();
  for (int64_t first = begin; first < end; first += group) {
    const std::byte* unit = format.codes(panel, first);
    for (int64_t i = first - begin; i < first - begin + group;
         i += Codes::kUnit, unit += Codes::kUnitBytes) {
      if (ahead) prefetch<Codes::kUnitBytes>(unit + kPrefetchBytes);
      for (int64_t lane = 0; lane < kPanelRows; lane += V::kLanes) {
        float* to = block + lane / TileLanes * tile_size + lane % TileLanes;
        const typename Codes::Unit stored = codes.load(unit, lane);
        PANGU_UNROLL
        for (int s = 0; s < Codes::kUnit / kStep; ++s) {
          V::store(to + (i / kStep + s) * TileLanes, codes.operand(stored, s));
        }
      }
    }
  }
}

template <class Math, class Codes, class Format, Tiling T>
class CodeLinear {
  using V = typename Math::V;
  using Reg = typename V::Reg;
  using X = typename Math::X;
  static constexpr int kStep = Math::kStep, kSteps = Codes::kUnit / Math::kStep;
  static constexpr int kVectors = T.vectors, kPanelVectors = kPanelRows / V::kLanes;
  static constexpr int64_t kTileLanes = kVectors * V::kLanes;

 public:
  static void panels(const LinearArgs& a, const LinearInput& in, int64_t first, int64_t last) {
    const CodeLinear self(a, in);
    for (int64_t p = first; p < last; ++p) {
      if (a.rows <= T.direct_rows) {
        self.template direct_panel<T.direct_rows>(p);
      } else {
        self.blocked_panel(p);
      }
    }
  }

 private:
  CodeLinear(const LinearArgs& a, const LinearInput& in)
      : a_(a), in_(in), format_(a), n_in_(inputs(a.k)) {}

  /// Inputs of a panel with its padding.
  int64_t inputs(int64_t k) const {
    constexpr int64_t kUnit = Codes::kUnit;
    return Format::kScaled ? padded_inputs(k, format_.group()) : (k + kUnit - 1) / kUnit * kUnit;
  }

  const std::byte* panel(int64_t p) const {
    return a_.weight + static_cast<std::size_t>(p) * a_.panel_bytes;
  }
  const X* x_row(int64_t row) const { return static_cast<const X*>(in_.x) + row * in_.stride; }

  // Operands in registers

  template <int R>
  void direct_panel(int64_t p) const {
    if constexpr (R >= 1) {
      if (a_.rows < R) return direct_panel<R - 1>(p);
      constexpr int N = tile_vectors(T.sums, R, V::kLanes);
      // In registers where a tile takes the whole panel.
      Reg total[R][kPanelVectors];
      clear(total);
      const int64_t strip = !Format::kPerOutput  ? format_.group()
                            : N == kPanelVectors ? n_in_
                                                 : kStripInputs;
      for (int64_t first = 0; first < n_in_; first += strip) {
        const int64_t end = first + strip < n_in_ ? first + strip : n_in_;
        for (int v = 0; v < kPanelVectors; v += N)
          direct_tile<R, N>(panel(p), first, end, v, total);
      }
      if constexpr (Format::kPerOutput) fold(panel(p), 0, 0, 0, total, total);
      end_sums<V>(a_, 0, p * kPanelRows, true, total);
    }
  }

  /// Inputs [first, end), of one group where there are groups, for vectors [v, v + N) of a panel.
  template <int R, int N>
  PANGU_INLINE void direct_tile(const std::byte* panel, int64_t first, int64_t end, int v,
                                Reg (&total)[R][kPanelVectors]) const {
    Reg sum[R][N];
    if constexpr (Format::kPerOutput) {
      copy(total, v, sum, 0);
    } else {
      clear(sum);
    }
    const std::byte* unit = format_.codes(panel, first);
    // Every tile of a strip asks for its share of a later one, all of them for all of it in rising
    // order, which the processor's own prefetching recognizes.
    constexpr int64_t kShare = Codes::kUnitBytes * N / kPanelVectors;
    const int64_t units = (end - first) / Codes::kUnit;
    const std::byte* ahead = unit +
                             prefetch_beyond(N < kPanelVectors ? units * Codes::kUnitBytes : 0) +
                             units * (Codes::kUnitBytes * v / kPanelVectors);
    for (int64_t i = first; i < end; i += Codes::kUnit, unit += Codes::kUnitBytes) {
      prefetch<kShare>(ahead);
      ahead += kShare;
      add_unit(unit, v * V::kLanes, i, sum);
    }
    if constexpr (Format::kPerOutput) {
      copy(sum, 0, total, v);
    } else {
      Reg part[R][N];
      copy(total, v, part, 0);
      fold(panel, first, 0, v * V::kLanes, sum, part);
      copy(part, 0, total, v);
    }
  }

  template <int R, int N>
  PANGU_INLINE void add_unit(const std::byte* unit, int64_t lane, int64_t i,
                             Reg (&sum)[R][N]) const {
    // Vectors of outputs that take turns share what is broadcast and hide the latency of sums;
    // wide units leave registers for two.
    constexpr bool kWide = sizeof(typename Codes::Unit) > 2 * sizeof(Reg);
    constexpr int kTogether = std::min(N, kWide ? std::min(T.together, 2) : T.together);
    PANGU_UNROLL
    for (int b = 0; b < N; b += kTogether) {
      typename Codes::Unit stored[kTogether];
      PANGU_UNROLL
      for (int c = 0; c < kTogether; ++c) {
        stored[c] = codes_.load(unit, lane + (b + c) * V::kLanes);
      }
      PANGU_UNROLL
      for (int s = 0; s < kSteps; ++s) {
        Reg w[kTogether];
        PANGU_UNROLL
        for (int c = 0; c < kTogether; ++c) w[c] = codes_.operand(stored[c], s);
        PANGU_UNROLL
        for (int r = 0; r < R; ++r) {
          const Reg x = Math::x_at(x_row(r) + i + s * kStep);
          PANGU_UNROLL
          for (int c = 0; c < kTogether; ++c) sum[r][b + c] = Math::madd(sum[r][b + c], w[c], x);
        }
      }
    }
  }

  // Operands in a block: of one tile's outputs after the other, [lanes / tile][inputs][tile].

  void blocked_panel(int64_t p) const {
    // The block's home: on the stack of every thread, as large as the largest block.
    alignas(64) float block[std::max(T.block_inputs, kSmallBlockInputs) / kStep * kPanelRows];
    const int64_t size = a_.rows <= kFewRows ? kSmallBlockInputs : T.block_inputs;
    for (int64_t begin = 0; begin < n_in_; begin += size) {
      const int64_t end = begin + size < n_in_ ? begin + size : n_in_;
      fill_block(panel(p), begin, end, block);
      for (int64_t lane = 0; lane < kPanelRows && p * kPanelRows + lane < a_.n_out;
           lane += kTileLanes) {
        const float* part = block + lane * ((end - begin) / kStep);
        for_each_tile<T.rows>(a_.rows, [&]<int R>(int64_t row) {
          block_tile<R>(part, panel(p), lane, p * kPanelRows + lane, row, begin, end);
        });
      }
    }
  }

  void fill_block(const std::byte* panel, int64_t begin, int64_t end, float* block) const {
    fill_operands<V, kStep, kTileLanes>(codes_, format_, panel, begin, end,
                                        (end - begin) / kStep * kTileLanes, false, block);
  }

  template <int R>
  void block_tile(const float* w, const std::byte* panel, int64_t lane, int64_t o, int64_t row,
                  int64_t begin, int64_t end) const {
    const X* x = x_row(row);
    Reg total[R][kVectors];
    begin_sums<V>(a_, row, o, begin > 0, total);
    const int64_t group = Format::kPerOutput ? end - begin : format_.group();
    for (int64_t first = begin; first < end; first += group) {
      Reg sum[R][kVectors];
      if constexpr (Format::kPerOutput) {
        copy(total, 0, sum, 0);
      } else {
        clear(sum);
      }
      for (int64_t i = first; i < first + group; i += kStep, w += kTileLanes) {
        add_step(w, x + i, sum);
      }
      if constexpr (Format::kPerOutput) {
        copy(sum, 0, total, 0);
        if (end == n_in_) fold(panel, first, row, lane, total, total);
      } else {
        fold(panel, first, row, lane, sum, total);
      }
    }
    end_sums<V>(a_, row, o, end == n_in_, total);
  }

  template <int R>
  PANGU_INLINE void add_step(const float* w, const X* x, Reg (&sum)[R][kVectors]) const {
    Reg weights[kVectors];
    PANGU_UNROLL
    for (int b = 0; b < kVectors; ++b) weights[b] = V::load(w + b * V::kLanes);
    PANGU_UNROLL
    for (int r = 0; r < R; ++r) {
      const Reg xs = Math::x_at(x + r * in_.stride);
      PANGU_UNROLL
      for (int b = 0; b < kVectors; ++b) sum[r][b] = Math::madd(sum[r][b], weights[b], xs);
    }
  }

  // Both

  /// Scales the sums of the group that begins with input `first`, and adds them to the totals;
  /// where there is but one group, sums and totals may be the same.
  template <int R, int N>
  PANGU_INLINE void fold(const std::byte* panel, int64_t first, int64_t row, int64_t lane,
                         const Reg (&sum)[R][N], Reg (&total)[R][N]) const {
    if constexpr (Format::kScaled) {
      PANGU_UNROLL
      for (int b = 0; b < N; ++b) {
        GroupScale<V> g = format_.template scale<V>(panel, first, lane + b * V::kLanes);
        if constexpr (Codes::kScale != 1) g.scale = V::mul(g.scale, V::set1(Codes::kScale));
        PANGU_UNROLL
        for (int r = 0; r < R; ++r) {
          if constexpr (Format::kPerOutput) {
            total[r][b] = V::mul(sum[r][b], g.scale);
          } else {
            total[r][b] = V::fma(sum[r][b], g.scale, total[r][b]);
          }
          if constexpr (Format::kOffset) {
            const float x_sum = in_.sums[(row + r) * in_.sums_stride + first / format_.group()];
            total[r][b] = V::fma(g.offset, V::set1(x_sum), total[r][b]);
          }
        }
      }
    } else {
      copy(sum, 0, total, 0);
    }
  }

  template <int R, int N>
  PANGU_INLINE static void clear(Reg (&sum)[R][N]) {
    PANGU_UNROLL
    for (int r = 0; r < R; ++r) {
      PANGU_UNROLL
      for (int b = 0; b < N; ++b) sum[r][b] = V::zero();
    }
  }

  /// As many vectors as the narrower of the two has.
  template <int R, int N, int M>
  PANGU_INLINE static void copy(const Reg (&from)[R][N], int from_first, Reg (&to)[R][M],
                                int to_first) {
    PANGU_UNROLL
    for (int r = 0; r < R; ++r) {
      PANGU_UNROLL
      for (int b = 0; b < (N < M ? N : M); ++b) to[r][to_first + b] = from[r][from_first + b];
    }
  }

  const LinearArgs& a_;
  const LinearInput& in_;
  const Format format_;
  const Codes codes_{};
  const int64_t n_in_;
};

/// Fills the rows of the quantized formats in a table for activations of one type.
template <class Math, class Bytes, class Nibbles, class RawNibbles, class SixBits, Tiling T>
constexpr void add_code_kernels(LinearVariants& table, int x, InputForm form) {
  const auto set = [&](WeightFormat f, LinearPanels* fn, bool sums) {
    table.at[static_cast<std::size_t>(f)][x] = {fn, form, sums};
  };
  using F = WeightFormat;
  set(F::kW8A16, &CodeLinear<Math, Bytes, PerOutput, T>::panels, false);
  set(F::kQ8_0, &CodeLinear<Math, Bytes, GroupsOf32, T>::panels, false);
  for (const F f : {F::kW4A16G32, F::kW4A16G64, F::kW4A16G128, F::kQ4_0, F::kQ4_0_64}) {
    set(f, &CodeLinear<Math, Nibbles, NibbleGroups<false>, T>::panels, false);
  }
  for (const F f : {F::kW4A16G32Asym, F::kW4A16G64Asym, F::kW4A16G128Asym}) {
    set(f, &CodeLinear<Math, Nibbles, NibbleGroups<true>, T>::panels, true);
  }
  set(F::kQ4_K, &CodeLinear<Math, RawNibbles, Q4_KGroups, T>::panels, true);
  set(F::kQ6_K, &CodeLinear<Math, SixBits, Q6_KGroups, T>::panels, false);
}

}  // namespace
}  // namespace pangu::kernels
