// SPDX-License-Identifier: Apache-2.0
#include "adaptive/intent/probe/scaling.h"

#include <cmath>

namespace pangu::adaptive {
namespace {

/// What a deviation must reach, in shares of its block's, to count as one.
constexpr double kLeastShare = 1e-3;

void scale_block(Eigen::Ref<Eigen::RowVectorXd> deviations, bool together) {
  const double of_block = std::sqrt(deviations.squaredNorm() / double(deviations.size()));
  const double width = std::sqrt(double(deviations.size()));
  for (double& deviation : deviations) {
    if (together) deviation = of_block;
    if (!(deviation > kLeastShare * of_block)) deviation = of_block;
    deviation = deviation > 0 ? deviation * width : 1.0;
  }
}

}  // namespace

Scaling fit_scaling(const RowMatrix& x, std::span<const double> weights, std::uint32_t blocks,
                    std::int64_t hidden_size) {
  const Eigen::Map<const Eigen::RowVectorXd> w(weights.data(),
                                               static_cast<Eigen::Index>(weights.size()));
  Scaling scaling;
  scaling.mu = w * x;
  const RowMatrix centred = x.rowwise() - scaling.mu;
  scaling.sigma = (w * centred.cwiseAbs2()).cwiseSqrt();
  Eigen::Index at = 0;
  for (const std::uint32_t block : {kMeanBlock, kLastBlock, kSurfaceBlock, kGramBlock}) {
    if ((blocks & block) == 0) continue;
    const Eigen::Index width = feature_width(block, hidden_size);
    scale_block(scaling.sigma.segment(at, width), block == kGramBlock);
    at += width;
  }
  return scaling;
}

}  // namespace pangu::adaptive
