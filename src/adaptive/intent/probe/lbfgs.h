// SPDX-License-Identifier: Apache-2.0
// Minimizes a smooth convex function of many variables.
// Source: Nocedal & Wright 2006, "Numerical Optimization", algorithms 7.4 and 7.5.
#pragma once

#include <Eigen/Core>
#include <functional>

namespace pangu::adaptive {

/// The value at x; writes the gradient, which has the size of x.
using SmoothFunction =
    std::function<double(const Eigen::VectorXd& x, Eigen::Ref<Eigen::VectorXd> gradient)>;

struct LbfgsOptions {
  int memory = 8;  ///< pairs of steps and changes of the gradient that are kept
  int max_iterations = 400;
  /// Ends where no component of the gradient is larger.
  double tolerance = 1e-6;
};

struct LbfgsResult {
  Eigen::VectorXd x;
  double value = 0;
  double gradient = 0;  ///< largest component, without its sign
  int iterations = 0;
};

/// From `start` downhill: limited-memory BFGS with a line search that halves the step until the
/// value falls enough. The same bits every time. Ends at the tolerance, at the limit, or where
/// rounding leaves no lower value. Throws NumericError for a start whose value is not finite.
LbfgsResult minimize(const SmoothFunction& f, Eigen::VectorXd start,
                     const LbfgsOptions& options = {});

}  // namespace pangu::adaptive
