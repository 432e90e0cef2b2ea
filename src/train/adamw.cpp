// SPDX-License-Identifier: Apache-2.0
// Plain loops over slices that the compiler turns into vector code; the sweep is bound by memory.
#include "train/adamw.h"

#include <cmath>
#include <cstddef>

namespace pangu {
namespace {

/// Constants of one step, in the type of the loop.
struct StepConstants {
  float gradient_scale;
  float beta1, beta2;
  float keep;             ///< 1 - rate * decay
  float step_size;        ///< rate / (1 - b1^t)
  float inverse_root_c2;  ///< 1 / sqrt(1 - b2^t)
  float eps;
};

void update_slice(const StepConstants& c, std::int64_t n, float* __restrict w,
                  const float* __restrict g, float* __restrict m, float* __restrict v) {
  for (std::int64_t i = 0; i < n; ++i) {
    const float gradient = g[i] * c.gradient_scale;
    m[i] = c.beta1 * m[i] + (1 - c.beta1) * gradient;
    v[i] = c.beta2 * v[i] + (1 - c.beta2) * gradient * gradient;
    const float root = std::sqrt(v[i]) * c.inverse_root_c2 + c.eps;
    w[i] = w[i] * c.keep - c.step_size * (m[i] / root);
  }
}

}  // namespace

void adamw_update(const Parameter& parameter, Moments& moments, const AdamWOptions& options,
                  const UpdateStep& step, ThreadPool& threads) {
  const auto t = static_cast<double>(step.number);
  const StepConstants c{
      .gradient_scale = static_cast<float>(step.gradient_scale),
      .beta1 = static_cast<float>(options.beta1),
      .beta2 = static_cast<float>(options.beta2),
      .keep = static_cast<float>(1 - step.rate * step.decay),
      .step_size = static_cast<float>(step.rate / (1 - std::pow(options.beta1, t))),
      .inverse_root_c2 = static_cast<float>(1 / std::sqrt(1 - std::pow(options.beta2, t))),
      .eps = static_cast<float>(options.eps)};
  constexpr std::int64_t kGrain = 32768;
  threads.parallel_for(static_cast<std::int64_t>(parameter.value.size()), kGrain,
                       [&](std::int64_t begin, std::int64_t end) {
                         update_slice(c, end - begin, parameter.value.data() + begin,
                                      parameter.grad.data() + begin, moments.first.data() + begin,
                                      moments.second.data() + begin);
                       });
}

}  // namespace pangu
