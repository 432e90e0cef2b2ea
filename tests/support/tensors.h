// SPDX-License-Identifier: Apache-2.0
// Elements of tensors, wherever these lie.
#pragma once

#include <random>
#include <vector>

#include "ops/host.h"

namespace pangu::test {

/// A copy of the elements of a contiguous f32 tensor.
inline std::vector<float> values_of(const Tensor& x) {
  const Tensor on_host = to_host(x);
  const float* const first = on_host.data<float>();
  return {first, first + x.count()};
}

/// Normally distributed f32 elements in memory of their own.
inline Tensor normal_tensor(Shape shape, float spread, std::mt19937_64& rng,
                            std::normal_distribution<float>& normal, Context& ctx) {
  std::vector<float> values(static_cast<std::size_t>(shape.count()));
  for (float& x : values) x = spread * normal(rng);
  Tensor out = ctx.zeros(shape, DType::kF32);
  copy_from_host(out, values);
  return out;
}

}  // namespace pangu::test
