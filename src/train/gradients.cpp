// SPDX-License-Identifier: Apache-2.0
#include "train/gradients.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace pangu {
namespace {

constexpr std::int64_t kGradientGrain = 32768;

double sum_of_squares(std::span<const float> x) {
  // Four chains keep the adders busy; a single one would wait for itself.
  double sums[4] = {};
  std::size_t i = 0;
  for (; i + 4 <= x.size(); i += 4) {
    for (std::size_t j = 0; j < 4; ++j) sums[j] += static_cast<double>(x[i + j]) * x[i + j];
  }
  for (; i < x.size(); ++i) sums[0] += static_cast<double>(x[i]) * x[i];
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

}  // namespace

void zero_gradients(std::span<Parameter> parameters, ThreadPool& threads) {
  for (Parameter& p : parameters) {
    threads.parallel_for(static_cast<std::int64_t>(p.grad.size()), kGradientGrain,
                         [&](std::int64_t begin, std::int64_t end) {
                           std::fill(p.grad.data() + begin, p.grad.data() + end, 0.0f);
                         });
  }
}

double gradient_norm(std::span<const Parameter> parameters, ThreadPool& threads) {
  double total = 0;
  std::vector<double> sums;
  for (const Parameter& p : parameters) {
    const auto n = static_cast<std::int64_t>(p.grad.size());
    sums.assign(static_cast<std::size_t>((n + kGradientGrain - 1) / kGradientGrain), 0);
    threads.parallel_for(
        static_cast<std::int64_t>(sums.size()), 1, [&](std::int64_t begin, std::int64_t end) {
          for (std::int64_t b = begin; b < end; ++b) {
            const std::int64_t from = b * kGradientGrain;
            sums[static_cast<std::size_t>(b)] = sum_of_squares(
                p.grad.subspan(static_cast<std::size_t>(from),
                               static_cast<std::size_t>(std::min(kGradientGrain, n - from))));
          }
        });
    for (const double s : sums) total += s;
  }
  return std::sqrt(total);
}

double clip_scale(double norm, double max_norm) {
  return max_norm > 0 && norm > max_norm ? max_norm / norm : 1;
}

}  // namespace pangu
