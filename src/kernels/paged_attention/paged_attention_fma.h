// SPDX-License-Identifier: Apache-2.0
// Attention that multiplies in f32, for AVX2 and AVX-512; included only by ISA files.
#pragma once

#include "kernels/paged_attention/paged_attention_simd.h"

namespace pangu::kernels {
namespace {

/// Products in f32, one input at a time. With kRoundWeights, weights are rounded to bf16 as those
/// of bf16 dot products are.
template <class V_, bool kRoundWeights, int ScoreSums, int ValueRows, int ValueSums, int FreeRegs>
struct FmaMath {
  using V = V_;
  using Reg = typename V::Reg;
  using Query = float;
  using Weight = float;
  static constexpr int kStep = 1, kQueryWords = 1, kFreeRegs = FreeRegs;
  static constexpr int kScoreSums = ScoreSums, kValueRows = ValueRows, kValueSums = ValueSums;

  static void prepare_query(const float* q, int64_t dim, int64_t width, float* out) {
    for (int64_t d = 0; d < width; d += V::kLanes) {
      V::store(out + d, d < dim ? load_input<V>(q, d, dim) : V::zero());
    }
  }

  static Reg store_weights(float* to, Reg e) {
    Reg w = e;
    if constexpr (kRoundWeights) {
      alignas(64) std::uint16_t half[V::kLanes];
      V::store_bf16(half, e);
      w = V::load_bf16(half);
    }
    V::store(to, w);
    return w;
  }

  PANGU_INLINE static Reg query(const float* q) { return V::set1(*q); }
  PANGU_INLINE static Reg weight(const float* w) { return V::set1(*w); }
  PANGU_INLINE static Reg first_half(Reg x) { return x; }
  PANGU_INLINE static Reg madd(Reg sum, Reg w, Reg x) { return V::fma(w, x, sum); }

  template <int N, int Steps>
  PANGU_INLINE static void add_scores(Reg* sum, const Reg (&w)[N][Steps], int j, Reg x) {
    PANGU_UNROLL
    for (int b = 0; b < N; ++b) sum[b] = madd(sum[b], w[b][j], x);
  }
};

/// An f32 page.
template <class Math>
struct F32Keys : WordPanel<Math> {
  F32Keys(const KvPages& p, int64_t page, int64_t head)
      : WordPanel<Math>(p.keys(page, head), kPagePositions) {}
};
template <class Math>
struct F32Values : WordPanel<Math> {
  F32Values(const KvPages& p, int64_t page, int64_t head, float*)
      : WordPanel<Math>(p.values(page, head), p.padded_dim()) {}
};

/// Lanes and inputs of a bf16 panel: words of two inputs.
template <class V>
class Bf16Panel {
 public:
  using Reg = typename V::Reg;
  static constexpr int kUnit = 2, kColumns = 1;
  Bf16Panel(const std::byte* words, int64_t lanes) : words_(words), lanes_(lanes) {}
  PANGU_INLINE void load(int64_t input, int64_t lane, Reg (&w)[2]) const {
    const std::byte* at = words_ + (input / 2 * lanes_ + lane) * 4;
    const Reg pairs = V::load(reinterpret_cast<const float*>(at));
    w[0] = V::low_half(pairs);
    w[1] = V::high_half(pairs);
  }
  template <int C>
  PANGU_INLINE void load_columns(int64_t input, int64_t lane, Reg (&w)[C][2]) const {
    load(input, lane, w[0]);
  }

 private:
  const std::byte* words_;
  int64_t lanes_;
};
template <class V>
struct Bf16Keys : Bf16Panel<V> {
  Bf16Keys(const KvPages& p, int64_t page, int64_t head)
      : Bf16Panel<V>(p.keys(page, head), kPagePositions) {}
};
template <class V>
struct Bf16Values : Bf16Panel<V> {
  Bf16Values(const KvPages& p, int64_t page, int64_t head, float*)
      : Bf16Panel<V>(p.values(page, head), p.padded_dim()) {}
};

/// 8-bit codes. Lanes has bytes(p, to) and nibbles(p, to): the codes of V::kLanes lanes for 4 or 8
/// inputs of a panel in the layout of quant/code_panels.h, bytes 1 / kByteScale times as large.
template <class V, class Lanes>
class BytePanel {
 public:
  using Reg = typename V::Reg;
  static constexpr int kUnit = 4, kColumns = 1;
  static constexpr float kScale = Lanes::kByteScale;
  BytePanel(const std::byte* codes, int64_t lanes) : codes_(codes), lanes_(lanes) {}
  PANGU_INLINE void load(int64_t input, int64_t lane, Reg (&w)[4]) const {
    Lanes::bytes(codes_ + input * lanes_ + lane * 4, w);
  }
  template <int C>
  PANGU_INLINE void load_columns(int64_t input, int64_t lane, Reg (&w)[C][4]) const {
    load(input, lane, w[0]);
  }

 private:
  const std::byte* codes_;
  int64_t lanes_;
};
template <class V, class Lanes>
struct Int8Keys : BytePanel<V, Lanes> {
  Int8Keys(const KvPages& p, int64_t page, int64_t head)
      : BytePanel<V, Lanes>(p.keys(page, head), kPagePositions) {}
};
template <class V, class Lanes>
struct Int8Values : BytePanel<V, Lanes> {
  Int8Values(const KvPages& p, int64_t page, int64_t head, float*)
      : BytePanel<V, Lanes>(p.values(page, head), p.padded_dim()) {}
};

/// What 4-bit codes stand for. Scales of a group lie beside those of its other positions, which are
/// the lanes here.
template <class V, class Lanes>
class Int4Keys {
 public:
  using Reg = typename V::Reg;
  static constexpr int kUnit = 8;
  Int4Keys(const KvPages& p, int64_t page, int64_t head)
      : codes_(p.keys(page, head)),
        scales_(codes_ + p.key_code_bytes()),
        minima_(scales_ + p.groups() * kPagePositions * 2) {}
  PANGU_INLINE void load(int64_t d, int64_t slot, Reg (&w)[8]) const {
    const int64_t at = (d / kKvGroup * kPagePositions + slot) * 2;
    const Reg scale = V::load_f16(scales_ + at), minimum = V::load_f16(minima_ + at);
    Lanes::nibbles(codes_ + (d / 8 * kPagePositions + slot) * 4, w);
    PANGU_UNROLL
    for (int j = 0; j < 8; ++j) w[j] = V::fma(w[j], scale, minimum);
  }

 private:
  const std::byte *codes_, *scales_, *minima_;
};

/// The same where elements are the lanes: all lanes share the scale of a position.
template <class V, class Lanes>
class Int4Values {
 public:
  using Reg = typename V::Reg;
  static constexpr int kUnit = 8, kColumns = 1;
  Int4Values(const KvPages& p, int64_t page, int64_t head, float* scales)
      : codes_(p.values(page, head)),
        width_(p.padded_dim()),
        scales_(scales),
        minima_(scales + p.groups() * kPagePositions) {
    widen_scales<V>(codes_ + p.value_code_bytes(), 2 * p.groups() * kPagePositions, scales);
  }
  template <int C>
  PANGU_INLINE void load_columns(int64_t slot, int64_t d, Reg (&w)[C][8]) const {
    const int64_t at = d / kKvGroup * kPagePositions + slot;
    Lanes::nibbles(codes_ + (slot / 8 * width_ + d) * 4, w[0]);
    PANGU_UNROLL
    for (int j = 0; j < 8; ++j) {
      w[0][j] = V::fma(w[0][j], V::set1(scales_[at + j]), V::set1(minima_[at + j]));
    }
  }

 private:
  const std::byte* codes_;
  int64_t width_;
  const float *scales_, *minima_;
};

/// The kernels of every format.
template <class V, class Lanes, int ScoreSums, int ValueRows, int ValueSums, int FreeRegs>
constexpr AttentionKernels fma_kernels() {
  using Math = FmaMath<V, false, ScoreSums, ValueRows, ValueSums, FreeRegs>;
  using Rounding = FmaMath<V, true, ScoreSums, ValueRows, ValueSums, FreeRegs>;
  return {{&attention_splits<Cache<Math, F32Keys<Math>, F32Values<Math>, false, false>>,
           &attention_splits<Cache<Rounding, Bf16Keys<V>, Bf16Values<V>, false, false>>,
           &attention_splits<Cache<Math, Int8Keys<V, Lanes>, Int8Values<V, Lanes>, true, true>>,
           &attention_splits<Cache<Math, Int4Keys<V, Lanes>, Int4Values<V, Lanes>, true, false>>}};
}

}  // namespace
}  // namespace pangu::kernels
