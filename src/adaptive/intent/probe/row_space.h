// SPDX-License-Identifier: Apache-2.0
// Fewer examples than features: the same regression in as many dimensions as there are examples.
#pragma once

#include <Eigen/QR>
#include <utility>

#include "adaptive/intent/probe/softmax_regression.h"

namespace pangu::adaptive {

/// The best weights for a penalty on |W|^2 are sums of examples, for anything else would add to the
/// penalty alone. So examples x = z Q^T, with orthonormal columns of Q, may stand for themselves as
/// z [N, N], at N / D of the cost, and W = A Q^T. Where that saves less than half, z is x.
class RowSpace {
 public:
  explicit RowSpace(RowMatrix x) {
    if (2 * x.rows() > x.cols()) {
      z_ = std::move(x);
      return;
    }
    const Eigen::HouseholderQR<Eigen::MatrixXd> qr(x.transpose());
    q_ = qr.householderQ() * Eigen::MatrixXd::Identity(x.cols(), x.rows());
    z_ = x * q_;
  }

  const RowMatrix& examples() const { return z_; }
  /// Other rows, as far as weights can see them.
  RowMatrix projected(RowMatrix x) const {
    if (q_.size() > 0) x = x * q_;
    return x;
  }
  /// Weights of z as weights of x.
  LinearMap unfolded(LinearMap map) const {
    if (q_.size() > 0) map.weight = map.weight * q_.transpose();
    return map;
  }

 private:
  RowMatrix z_;
  Eigen::MatrixXd q_;  ///< [D, N]; empty where z is x
};

}  // namespace pangu::adaptive
