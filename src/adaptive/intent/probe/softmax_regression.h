// SPDX-License-Identifier: Apache-2.0
// Multinomial logistic regression: p(class | x) = softmax(W x + b), with a penalty on W.
#pragma once

#include <Eigen/Core>
#include <span>

#include "adaptive/intent/probe/lbfgs.h"

namespace pangu::adaptive {

using RowMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// N examples of D features, each of one of C classes.
struct SoftmaxProblem {
  const RowMatrix& x;               ///< [N, D]
  std::span<const int> labels;      ///< N of 0 to C - 1
  std::span<const double> weights;  ///< N, each at least 0; they sum to 1
  int classes = 0;                  ///< C
  double lambda = 0;                ///< of the penalty lambda / 2 |W|^2; b has none
};

struct LinearMap {
  RowMatrix weight;      ///< [C, D]
  Eigen::VectorXd bias;  ///< [C]

  /// [N, C]: x W^T + b.
  RowMatrix logits(const RowMatrix& x) const {
    return (x * weight.transpose()).rowwise() + bias.transpose();
  }
};

/// The weighted mean of -log p(label) plus the penalty, as a function of W, row by row, and b
/// behind it. The problem must outlive it.
SmoothFunction softmax_loss(const SoftmaxProblem& problem);

/// What makes the loss smallest; unique for lambda > 0. `start`, if it has the shape, is where the
/// search begins. Throws ShapeError unless all sizes fit.
LinearMap fit_softmax(const SoftmaxProblem& problem, const LinearMap* start = nullptr,
                      const LbfgsOptions& options = {});

/// Each row of logits to probabilities of logits / temperature; rows sum to 1.
RowMatrix softmax_rows(const RowMatrix& logits, double temperature = 1);

}  // namespace pangu::adaptive
