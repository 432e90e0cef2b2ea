// SPDX-License-Identifier: Apache-2.0
// Linear kernels that multiply in f32, for every weight format, on AVX2 and AVX-512.
#pragma once

#include "kernels/linear/linear_tiles.h"

namespace pangu::kernels {
namespace {

/// How a format's panel is read: kStep inputs at a time, as kStep f32 vectors.
template <class V>
struct F32Weights {
  static constexpr int kStep = 1, kBytesPerOutput = 4;
  static void load(const std::byte* p, typename V::Reg* w) {
    w[0] = V::load(reinterpret_cast<const float*>(p));
  }
};
template <class V>
struct F16Weights {
  static constexpr int kStep = 1, kBytesPerOutput = 2;
  static void load(const std::byte* p, typename V::Reg* w) { w[0] = V::load_f16(p); }
};
template <class V>
struct Bf16Weights {
  static constexpr int kStep = 2, kBytesPerOutput = 4;
  static void load(const std::byte* p, typename V::Reg* w) {
    w[0] = V::low_half(p);
    w[1] = V::high_half(p);
  }
};

/// One input of one row in every lane.
template <class V>
typename V::Reg broadcast(const float* x) {
  return V::set1(*x);
}
template <class V>
typename V::Reg broadcast(const std::uint16_t* x) {
  const std::uint32_t bits = std::uint32_t{*x} << 16;
  float value;
  __builtin_memcpy(&value, &bits, sizeof(value));
  return V::set1(value);
}

template <class V_, class W, class X, int Rows, int Vectors, int OneRowVectors>
struct FmaTile {
  using V = V_;
  using Reg = typename V::Reg;
  static constexpr int kRows = Rows, kVectors = Vectors, kOneRowVectors = OneRowVectors;
  static constexpr int kStep = W::kStep, kBytesPerOutput = W::kBytesPerOutput;

  template <int R, int NB>
  static void run(const std::byte* w, const LinearArgs& a, int64_t row, int64_t o, int64_t k_begin,
                  int64_t k_end) {
    const X* x = static_cast<const X*>(a.x) + row * a.x_stride;
    Reg sum[R][NB];
    begin_sums<V>(a, row, o, k_begin > 0, sum);
    constexpr int64_t kRowBytes = kPanelRows * kBytesPerOutput;
    const std::byte* p = w + k_begin / kStep * kRowBytes;
    int64_t k = k_begin;
    for (; k + kStep <= k_end; k += kStep, p += kRowBytes) step<R, NB, kStep>(p, x + k, a, sum);
    if (k < k_end) step<R, NB, 1>(p, x + k, a, sum);
    end_sums<V>(a, row, o, k_end == a.k, sum);
  }

 private:
  /// Adds the products of the next N inputs; N < kStep only for an odd last one.
  template <int R, int NB, int N>
  PANGU_INLINE static void step(const std::byte* p, const X* x, const LinearArgs& a,
                                Reg (&sum)[R][NB]) {
    Reg weights[NB][kStep];
    PANGU_UNROLL
    for (int b = 0; b < NB; ++b) W::load(p + b * V::kLanes * kBytesPerOutput, weights[b]);
    PANGU_UNROLL
    for (int r = 0; r < R; ++r) {
      PANGU_UNROLL
      for (int i = 0; i < N; ++i) {
        const Reg xi = broadcast<V>(x + r * a.x_stride + i);
        PANGU_UNROLL
        for (int b = 0; b < NB; ++b) sum[r][b] = V::fma(weights[b][i], xi, sum[r][b]);
      }
    }
  }
};

template <class Tile>
void float_weights(const LinearArgs& args, const LinearInput&, int64_t first, int64_t last) {
  run_panels<Tile>(args, first, last);
}

/// The rows of the float formats in the table of one instruction set.
template <class V, int Rows, int Vectors, int OneRowVectors>
constexpr void add_float_kernels(LinearVariants& table) {
  const auto set = [&]<class Weights>(WeightFormat f) {
    table.at[static_cast<std::size_t>(f)][0] = {
        &float_weights<FmaTile<V, Weights, float, Rows, Vectors, OneRowVectors>>, InputForm::kAsIs,
        false};
    table.at[static_cast<std::size_t>(f)][1] = {
        &float_weights<FmaTile<V, Weights, std::uint16_t, Rows, Vectors, OneRowVectors>>,
        InputForm::kAsIs, false};
  };
  set.template operator()<F32Weights<V>>(WeightFormat::kF32);
  set.template operator()<F16Weights<V>>(WeightFormat::kF16);
  set.template operator()<Bf16Weights<V>>(WeightFormat::kBF16);
}

}  // namespace
}  // namespace pangu::kernels
