// SPDX-License-Identifier: Apache-2.0
#include "adaptive/intent/features/stream_sum.h"

#include <cmath>

#include "base/error.h"

namespace pangu::adaptive {

void StreamSum::add(const Tensor& rows, std::span<const float> weights) {
  const auto width = static_cast<std::int64_t>(sum_.size());
  if (rows.rank() != 2 || rows.dim(1) != width ||
      rows.dim(0) != static_cast<std::int64_t>(weights.size())) {
    fail<ShapeError>("[features] rows {} came with {} weights. [{}, {}] was expected.",
                     rows.shape(), weights.size(), weights.size(), width);
  }
  for (std::int64_t r = 0; r < rows.dim(0); ++r) {
    const double weight = double{weights[static_cast<std::size_t>(r)]};
    if (weight == 0) continue;
    const float* row = rows.data<float>() + r * rows.stride(0);
    for (std::size_t i = 0; i < sum_.size(); ++i) sum_[i] += weight * double{row[i]};
    weight_ += weight;
    last_.assign(row, row + width);
  }
}

std::vector<float> StreamSum::mean() const {
  if (weight_ <= 0) {
    fail<NumericError>("[features] no token counted. At least one was expected.");
  }
  std::vector<float> mean;
  for (const double sum : sum_) {
    mean.push_back(static_cast<float>(sum / weight_));
    if (!std::isfinite(mean.back())) {
      fail<NumericError>(
          "[features] the residual stream has values that are not finite. Is the model damaged?");
    }
  }
  return mean;
}

}  // namespace pangu::adaptive
