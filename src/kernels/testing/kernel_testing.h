// SPDX-License-Identifier: Apache-2.0
// What kernel tests share: random data at awkward addresses, and bounds that follow from the data.
#pragma once

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "tensor/dtype.h"
#include "tests/support/support.h"

namespace pangu::kernels::testing {

class Random {
 public:
  Random() : rng_(test::seed()) {}
  float normal() { return normal_(rng_); }
  int64_t below(int64_t n) { return std::uniform_int_distribution<int64_t>(0, n - 1)(rng_); }
  std::vector<float> normals(int64_t n) {
    std::vector<float> v(static_cast<std::size_t>(n));
    for (float& x : v) x = normal();
    return v;
  }

 private:
  std::mt19937_64 rng_;
  std::normal_distribution<float> normal_;
};

inline std::vector<bf16> as_bf16(const std::vector<float>& v) {
  std::vector<bf16> out;
  for (const float x : v) out.push_back(to_bf16(x));
  return out;
}

inline std::vector<float> as_f32(const std::vector<bf16>& v) {
  std::vector<float> out;
  for (const bf16 x : v) out.push_back(to_f32(x));
  return out;
}

/// How far two sums of `n` terms may differ when only their rounding does: n units in the last
/// place of the sum of magnitudes is the worst case, a few times its root is what happens.
inline float sum_bound(double magnitude, int64_t n) {
  return static_cast<float>(4.0 * std::sqrt(static_cast<double>(n) + 4.0) *
                            std::numeric_limits<float>::epsilon() * magnitude) +
         std::numeric_limits<float>::min();
}

}  // namespace pangu::kernels::testing
