// SPDX-License-Identifier: Apache-2.0
#include "train/muon.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

#include "ops/matmul.h"

namespace pangu {
namespace {

constexpr std::int64_t kMuonGrain = 32768;

/// x as rows of `width`.
ops::HostFactor rows_of(const std::vector<float>& x, std::int64_t width) {
  return {.data = x.data(), .row_stride = width};
}

/// out [m, n] = a b over an inner axis of k.
void multiply(const ops::HostFactor& a, const ops::HostFactor& b, std::int64_t m, std::int64_t n,
              std::int64_t k, std::vector<float>& out, const Executor& on) {
  ops::host_matmul(a, b, out.data(), n, m, n, k, false, on);
}

/// In one order, whatever the threads.
double norm_of(const std::vector<float>& x) {
  double sum = 0;
  for (const float v : x) sum += static_cast<double>(v) * v;
  return std::sqrt(sum);
}

/// to [columns, rows] = from [rows, columns], transposed and times `scale`.
void transpose(const std::vector<float>& from, std::int64_t rows, std::int64_t columns, float scale,
               std::vector<float>& to, ThreadPool& threads) {
  threads.parallel_for(columns, 16, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t r = 0; r < rows; ++r) {
      for (std::int64_t c = begin; c < end; ++c) {
        to[static_cast<std::size_t>(c * rows + r)] =
            scale * from[static_cast<std::size_t>(r * columns + c)];
      }
    }
  });
}

}  // namespace

void Orthogonalizer::operator()(std::vector<float>& x, std::int64_t rows, std::int64_t columns,
                                const Executor& on) {
  const std::int64_t n = std::min(rows, columns), width = std::max(rows, columns);
  const double norm = norm_of(x);
  if (norm == 0) return;
  const auto scale = static_cast<float>(1 / norm);
  wide_.resize(x.size());
  next_.resize(x.size());
  gram_.resize(static_cast<std::size_t>(n * n));
  polynomial_.resize(gram_.size());
  const bool tall = rows > columns;
  if (tall) {
    transpose(x, rows, columns, scale, wide_, on.threads);
  } else {
    std::ranges::transform(x, wide_.begin(), [&](float v) { return scale * v; });
  }
  constexpr int kSteps = 5;
  for (int i = 0; i < kSteps; ++i) step(n, width, on);
  if (tall) {
    transpose(wide_, columns, rows, 1, x, on.threads);
  } else {
    std::swap(x, wide_);
  }
}

/// X = a X + (b A + c A²) X with A = X Xᵀ. The polynomial a s + b s³ + c s⁵ drives singular values
/// towards 1, steeply near 0 rather than closely at 1.
void Orthogonalizer::step(std::int64_t n, std::int64_t width, const Executor& on) {
  constexpr float kA = 3.4445f, kB = -4.7750f, kC = 2.0315f;
  multiply(rows_of(wide_, width), rows_of(wide_, width).transposed(), n, n, width, gram_, on);
  multiply(rows_of(gram_, n), rows_of(gram_, n).transposed(), n, n, n, polynomial_, on);
  for (std::size_t i = 0; i < gram_.size(); ++i) {
    polynomial_[i] = kB * gram_[i] + kC * polynomial_[i];
  }
  for (std::int64_t i = 0; i < n; ++i) polynomial_[static_cast<std::size_t>(i * (n + 1))] += kA;
  multiply(rows_of(polynomial_, n), rows_of(wide_, width), n, width, n, next_, on);
  std::swap(wide_, next_);
}

void Muon::update(const Parameter& parameter, Moments& moments, const UpdateStep& step,
                  const Executor& on) {
  const std::int64_t rows = parameter.shape[0], columns = parameter.shape[1];
  const auto count = static_cast<std::int64_t>(parameter.value.size());
  direction_.resize(parameter.value.size());
  const auto memory = static_cast<float>(options_.momentum);
  const auto fresh = static_cast<float>((1 - options_.momentum) * step.gradient_scale);
  on.threads.parallel_for(count, kMuonGrain, [&](std::int64_t begin, std::int64_t end) {
    for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) {
      const float gradient = fresh * parameter.grad[i];
      moments.first[i] = memory * moments.first[i] + gradient;
      direction_[i] = memory * moments.first[i] + gradient;
    }
  });
  orthogonalize_(direction_, rows, columns, on);
  const auto keep = static_cast<float>(1 - step.rate * step.decay);
  const auto size =
      static_cast<float>(step.rate * 0.2 * std::sqrt(static_cast<double>(std::max(rows, columns))));
  on.threads.parallel_for(count, kMuonGrain, [&](std::int64_t begin, std::int64_t end) {
    for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) {
      parameter.value[i] = keep * parameter.value[i] - size * direction_[i];
    }
  });
}

}  // namespace pangu
