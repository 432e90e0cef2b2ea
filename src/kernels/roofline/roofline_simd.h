// SPDX-License-Identifier: Apache-2.0
// Multiply-adds on as many independent registers as hide their latency; included only by ISA files.
#pragma once

#include "kernels/roofline/roofline.h"
#include "kernels/simd/unroll.h"

/// A variable in a vector register, changed by an assembly statement.
#if defined(__aarch64__)
#define PANGU_VECTOR(x) "+w"(x)
#else
#define PANGU_VECTOR(x) "+v"(x)
#endif

namespace pangu::kernels {
namespace {

template <class V>
double spin_f32(std::int64_t steps) {
  constexpr int kChains = 12;
  typename V::Reg sum[kChains];
  // Chains that began alike would be computed once.
  PANGU_UNROLL
  for (int c = 0; c < kChains; ++c) sum[c] = V::set1(static_cast<float>(c));
  auto factor = V::set1(1e-9f);
  for (std::int64_t i = 0; i < steps; ++i) {
    asm volatile("" : PANGU_VECTOR(factor));  // the compiler must not see that the rounds are alike
    PANGU_UNROLL
    for (int c = 0; c < kChains; ++c) sum[c] = V::fma(factor, factor, sum[c]);
  }
  auto total = V::zero();
  PANGU_UNROLL
  for (int c = 0; c < kChains; ++c) total = V::add(total, sum[c]);
  volatile float keep = V::sum(total);
  static_cast<void>(keep);
  return 2.0 * kChains * V::kLanes * static_cast<double>(steps);
}

/// `Math` multiplies kProducts pairs of codes and adds them to 32-bit sums.
template <class Math>
double spin_int8(std::int64_t steps) {
  constexpr int kChains = 12;
  typename Math::Reg sum[kChains];
  PANGU_UNROLL
  for (int c = 0; c < kChains; ++c) sum[c] = Math::zero();
  auto x = Math::ones();
  for (std::int64_t i = 0; i < steps; ++i) {
    PANGU_UNROLL
    for (int c = 0; c < kChains; ++c) {
      asm volatile("" : PANGU_VECTOR(x));  // nor that the chains are
      sum[c] = Math::madd(sum[c], x);
    }
  }
  PANGU_UNROLL
  for (int c = 1; c < kChains; ++c) sum[0] = Math::add(sum[0], sum[c]);
  volatile int keep = Math::first(sum[0]);
  static_cast<void>(keep);
  return 2.0 * kChains * Math::kProducts * static_cast<double>(steps);
}

}  // namespace
}  // namespace pangu::kernels
