// SPDX-License-Identifier: Apache-2.0
// Four sub-blocks of a k format side by side. The searches for scales take sums in input order to
// give the bytes of the reference, so vectors can only run across sub-blocks. Lanes are vectors of
// the compiler (GCC, clang), which every instruction set has.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace pangu::blocks {

inline constexpr int kLanes = 4;
using Lanes = float __attribute__((vector_size(kLanes * sizeof(float))));
using IntLanes = std::int32_t __attribute__((vector_size(kLanes * sizeof(std::int32_t))));

/// `Length` weights of each of four sub-blocks that follow each other from `w` on.
template <int Length>
std::array<Lanes, Length> load_sub_blocks(const float* w) {
  std::array<Lanes, Length> lanes;
  for (int i = 0; i < Length; ++i) {
    lanes[static_cast<std::size_t>(i)] =
        Lanes{w[i], w[Length + i], w[2 * Length + i], w[3 * Length + i]};
  }
  return lanes;
}

inline Lanes magnitude(Lanes x) {
  return std::bit_cast<Lanes>(std::bit_cast<IntLanes>(x) & 0x7FFFFFFF);
}

/// nearest_int() of quant/blocks/block_math.h, clamped to [low, high].
inline Lanes nearest_in(Lanes x, float low, float high) {
  const IntLanes bits = std::bit_cast<IntLanes>(x + 0x1.8p23f);
  const Lanes nearest = __builtin_convertvector((bits & 0x7FFFFF) - 0x400000, Lanes);
  const Lanes lows = Lanes{} + low, highs = Lanes{} + high;
  const Lanes from_below = nearest > lows ? nearest : lows;
  return from_below < highs ? from_below : highs;
}

}  // namespace pangu::blocks
