// SPDX-License-Identifier: Apache-2.0
// Quantization of a row of activations; included only by ISA files.
#pragma once

#include "kernels/linear/linear_input.h"

namespace pangu::kernels {
namespace {

template <class V>
float quantize_row(const float* x, int64_t k, int64_t n, std::int8_t* codes, std::int32_t& sum) {
  const auto load = [&](int64_t i) {
    return k - i >= V::kLanes ? V::load(x + i) : k > i ? V::load_n(x + i, k - i) : V::zero();
  };
  auto max = V::zero();
  for (int64_t i = 0; i < k; i += V::kLanes) {
    const auto v = load(i);
    max = V::max(max, V::max(v, V::sub(V::zero(), v)));
  }
  const float largest = V::max_of(max);
  const bool zeros = largest < kSmallestActivation;
  const auto inverse = V::set1(zeros ? 0.0f : 127.0f / largest);
  auto total = V::zero();  // of whole numbers below 2^24: exact
  for (int64_t i = 0; i < n; i += V::kLanes) {
    const auto code = V::round(V::mul(load(i), inverse));
    V::store_i8(codes + i, code);
    total = V::add(total, code);
  }
  sum = static_cast<std::int32_t>(V::sum(total));
  return zeros ? 1.0f : largest / 127.0f;
}

}  // namespace
}  // namespace pangu::kernels
