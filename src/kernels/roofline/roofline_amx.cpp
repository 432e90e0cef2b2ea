// SPDX-License-Identifier: Apache-2.0
#include "kernels/roofline/roofline.h"
#include "kernels/simd/amx.h"

namespace pangu::kernels {
namespace {

/// Four tiles of sums, whose products need not wait for each other; what is multiplied are zeros.
template <class Dot>
double spin_tiles(std::int64_t steps, double inputs) {
  TileShape shape(kTileRowBytes);
  shape.set_rows(kTileRows, kTileRows);
  zero_tile<0>(), zero_tile<1>(), zero_tile<2>(), zero_tile<3>();
  zero_tile<kA>(), zero_tile<kA + 1>(), zero_tile<kB>(), zero_tile<kB + 1>();
  for (std::int64_t i = 0; i < steps; ++i) {
    Dot::template dot<0, kA, kB>();
    Dot::template dot<1, kA, kB + 1>();
    Dot::template dot<2, kA + 1, kB>();
    Dot::template dot<3, kA + 1, kB + 1>();
  }
  alignas(64) float keep[kTileRows][kTileRows];
  store_tile<0>(keep, kTileRowBytes);
  return 2.0 * 4 * kTileRows * kTileRows * inputs * static_cast<double>(steps);
}

}  // namespace

double spin_bf16_amx(std::int64_t steps) {
  return spin_tiles<Bf16Pairs>(steps, 32);
}

double spin_int8_amx(std::int64_t steps) {
  return spin_tiles<UnsignedBytes>(steps, 64);
}

}  // namespace pangu::kernels
