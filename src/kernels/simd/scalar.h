// SPDX-License-Identifier: Apache-2.0
// One f32 lane with the members of V512: the reference variant of kernels whose formula is written
// once for every vector type.
#pragma once

#include <cmath>
#include <cstdint>

#include "tensor/dtype.h"

namespace pangu {
namespace {

struct V1 {
  using Reg = float;
  static constexpr int kLanes = 1;

  static Reg zero() { return 0.0f; }
  static Reg set1(float x) { return x; }
  static Reg load(const float* p) { return *p; }
  static void store(float* p, Reg x) { *p = x; }
  static Reg load_n(const float* p, int64_t n) { return n > 0 ? *p : 0.0f; }
  static void store_n(float* p, Reg x, int64_t n) {
    if (n > 0) *p = x;
  }
  static Reg keep_first(Reg x, int64_t n, Reg y) { return n > 0 ? x : y; }

  static Reg add(Reg a, Reg b) { return a + b; }
  static Reg sub(Reg a, Reg b) { return a - b; }
  static Reg mul(Reg a, Reg b) { return a * b; }
  static Reg div(Reg a, Reg b) { return a / b; }
  static Reg fma(Reg a, Reg b, Reg c) { return a * b + c; }
  static Reg fnma(Reg a, Reg b, Reg c) { return c - a * b; }
  static Reg min(Reg a, Reg b) { return a < b ? a : b; }
  static Reg max(Reg a, Reg b) { return a > b ? a : b; }
  static Reg round(Reg x) { return std::nearbyint(x); }
  static Reg scale(Reg x, Reg n) { return std::ldexp(x, static_cast<int>(n)); }

  static float sum(Reg x) { return x; }
  static float max_of(Reg x) { return x; }

  static void store_bf16(void* p, Reg x) { *static_cast<bf16*>(p) = to_bf16(x); }
  static void store_bf16_n(void* p, Reg x, int64_t n) {
    if (n > 0) store_bf16(p, x);
  }
};

}  // namespace
}  // namespace pangu
