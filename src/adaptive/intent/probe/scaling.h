// SPDX-License-Identifier: Apache-2.0
// Features on one scale.
#pragma once

#include <cstdint>
#include <span>

#include "adaptive/intent/features/features.h"
#include "adaptive/intent/probe/softmax_regression.h"

namespace pangu::adaptive {

/// z = (x - mu) / sigma.
struct Scaling {
  Eigen::RowVectorXd mu, sigma;

  RowMatrix apply(const RowMatrix& x) const {
    return (x.rowwise() - mu).array().rowwise() / sigma.array();
  }
};

/// Weighted mean and deviation of every column, the latter times the root of the width of its
/// block, so that blocks weigh the same. A column of grams has the deviation of its whole block:
/// divided by their own, rare ones would outweigh all others. A column that never changes is
/// divided by 1.
Scaling fit_scaling(const RowMatrix& x, std::span<const double> weights, std::uint32_t blocks,
                    std::int64_t hidden_size);

}  // namespace pangu::adaptive
