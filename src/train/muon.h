// SPDX-License-Identifier: Apache-2.0
// Muon: momentum whose update of a matrix is made orthogonal, so that directions which gradients
// rarely show learn as fast as the common ones.
#pragma once

#include <cstdint>
#include <vector>

#include "base/executor.h"
#include "train/parameter.h"

namespace pangu {

struct MuonOptions {
  double momentum = 0.95;
};

/// Replaces a matrix by roughly the nearest one with orthonormal rows or columns, whichever are
/// fewer: five Newton-Schulz steps bring singular values between 0.6 and 1.3, but for those far
/// below a hundredth of the largest. Keeps its working memory between calls.
/// source  Jordan et al. 2024, "Muon: An optimizer for hidden layers in neural networks".
class Orthogonalizer {
 public:
  /// `x` is [rows, columns], row-major. A matrix of zeros stays one.
  void operator()(std::vector<float>& x, std::int64_t rows, std::int64_t columns,
                  const Executor& on);

 private:
  void step(std::int64_t n, std::int64_t width, const Executor& on);

  std::vector<float> wide_, next_;        // [n, width], n <= width
  std::vector<float> gram_, polynomial_;  // [n, n]
};

/// Updates matrices, one after another.
class Muon {
 public:
  explicit Muon(const MuonOptions& options) : options_(options) {}

  /// Applies grad * step.gradient_scale to a matrix. With gradient g, momentum u:
  ///   m = u m + (1 - u) g
  ///   w = w - rate * decay * w - rate * 0.2 sqrt(max(rows, columns)) orthogonal(u m + (1 - u) g)
  /// The factor gives updates the size of AdamW's, so that both take one learning rate.
  /// `moments.first` is m. Results do not depend on the number of threads.
  /// source  Jordan et al. 2024; the factor Liu et al. 2025, arXiv:2502.16982, section 2.2.
  void update(const Parameter& parameter, Moments& moments, const UpdateStep& step,
              const Executor& on);

 private:
  MuonOptions options_;
  Orthogonalizer orthogonalize_;
  std::vector<float> direction_;
};

}  // namespace pangu
