// SPDX-License-Identifier: Apache-2.0
// Linear kernels of float weights that multiply in f32, on AVX2 and AVX-512.
#pragma once

#include "kernels/linear/linear_codes.h"

namespace pangu::kernels {
namespace {

/// f16 as it is stored, [k][lanes].
template <class V>
struct FmaF16 {
  static constexpr int kUnit = 1;
  static constexpr int64_t kUnitBytes = kPanelRows * 2;
  using Unit = typename V::Reg;
  PANGU_INLINE Unit load(const std::byte* unit, int64_t lane) const {
    return V::load_f16(unit + lane * 2);
  }
  PANGU_INLINE Unit operand(Unit w, int) const { return w; }
};

/// bf16 as it is stored, [k / 2][lanes][2].
template <class V>
struct FmaBf16 {
  static constexpr int kUnit = 2;
  static constexpr int64_t kUnitBytes = kPanelRows * 4;
  using Unit = typename V::Reg;
  PANGU_INLINE Unit load(const std::byte* unit, int64_t lane) const {
    return V::load(reinterpret_cast<const float*>(unit + lane * 4));
  }
  PANGU_INLINE Unit operand(Unit pair, int i) const {
    return i == 0 ? V::low_half(pair) : V::high_half(pair);
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

/// f32 weights, which are operands as they lie.
template <class V_, class X, int Rows, int Vectors, int OneRowVectors>
struct FmaTile {
  using V = V_;
  using Reg = typename V::Reg;
  static constexpr int kRows = Rows, kVectors = Vectors, kOneRowVectors = OneRowVectors;
  static constexpr int kStep = 1, kBytesPerOutput = 4;

  template <int R, int NB>
  static void run(const std::byte* w, const LinearArgs& a, int64_t row, int64_t o, int64_t k_begin,
                  int64_t k_end) {
    const X* x = static_cast<const X*>(a.x) + row * a.x_stride;
    Reg sum[R][NB];
    begin_sums<V>(a, row, o, k_begin > 0, sum);
    const auto* p = reinterpret_cast<const float*>(w) + k_begin * kPanelRows;
    for (int64_t k = k_begin; k < k_end; ++k, p += kPanelRows) {
      Reg weights[NB];
      PANGU_UNROLL
      for (int b = 0; b < NB; ++b) weights[b] = V::load(p + b * V::kLanes);
      PANGU_UNROLL
      for (int r = 0; r < R; ++r) {
        const Reg xs = broadcast<V>(x + r * a.x_stride + k);
        PANGU_UNROLL
        for (int b = 0; b < NB; ++b) sum[r][b] = V::fma(weights[b], xs, sum[r][b]);
      }
    }
    end_sums<V>(a, row, o, k_end == a.k, sum);
  }
};

template <class Tile>
void float_weights(const LinearArgs& args, const LinearInput&, int64_t first, int64_t last) {
  run_panels<Tile>(args, first, last);
}

/// The row of f32 weights in the table of one instruction set.
template <class V, int Rows, int Vectors, int OneRowVectors>
constexpr void add_float_kernels(LinearVariants& table) {
  auto& row = table.at[static_cast<std::size_t>(WeightFormat::kF32)];
  row[0] = {&float_weights<FmaTile<V, float, Rows, Vectors, OneRowVectors>>, InputForm::kAsIs,
            false};
  row[1] = {&float_weights<FmaTile<V, std::uint16_t, Rows, Vectors, OneRowVectors>>,
            InputForm::kAsIs, false};
}

/// Those of f16 and bf16 weights, which become f32 as codes do.
template <class V, Tiling T>
constexpr void add_half_kernels(LinearVariants& table) {
  const auto set = [&]<class Codes>(WeightFormat f) {
    for (LinearKernel& kernel : table.at[static_cast<std::size_t>(f)]) {
      kernel = {&CodeLinear<FmaMath<V>, Codes, Unscaled<Codes>, T>::panels, InputForm::kF32, false};
    }
  };
  set.template operator()<FmaF16<V>>(WeightFormat::kF16);
  set.template operator()<FmaBf16<V>>(WeightFormat::kBF16);
}

}  // namespace
}  // namespace pangu::kernels
