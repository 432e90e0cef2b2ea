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

/// f32, which are operands as they lie.
template <class V>
struct FmaF32 {
  static constexpr int kUnit = 1;
  static constexpr int64_t kUnitBytes = kPanelRows * 4;
  using Unit = typename V::Reg;
  PANGU_INLINE Unit load(const std::byte* unit, int64_t lane) const {
    return V::load(reinterpret_cast<const float*>(unit + lane * 4));
  }
  PANGU_INLINE Unit operand(Unit w, int) const { return w; }
};

/// The rows of float weights in the table of one instruction set.
template <class V, Tiling T>
constexpr void add_float_kernels(LinearVariants& table) {
  const auto set = [&]<class Codes>(WeightFormat f) {
    for (LinearKernel& kernel : table.at[static_cast<std::size_t>(f)]) {
      kernel = {&CodeLinear<FmaMath<V>, Codes, Unscaled<Codes>, T>::panels, InputForm::kF32, false};
    }
  };
  set.template operator()<FmaF32<V>>(WeightFormat::kF32);
  set.template operator()<FmaF16<V>>(WeightFormat::kF16);
  set.template operator()<FmaBf16<V>>(WeightFormat::kBF16);
}

}  // namespace
}  // namespace pangu::kernels
