// SPDX-License-Identifier: Apache-2.0
// The mean of a residual stream over the tokens of a sequence, collected while a prefill goes on.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tensor/tensor.h"

namespace pangu::adaptive {

/// Takes the rows of a sequence in their order, in pieces of any size. The sum is in double, a row
/// after the other, so that it is the same to the bit however the sequence was cut. A prefill that
/// observes its stream (PassOptions::streams) hands every pass on, and pays for nothing else.
class StreamSum {
 public:
  explicit StreamSum(std::int64_t width) : sum_(static_cast<std::size_t>(width), 0.0) {}

  /// `rows` is f32 [T, E] in the host's memory, `weights` has a number for each: how much it
  /// counts. The last row of a positive weight is the last one. Throws ShapeError unless the sizes
  /// fit.
  void add(const Tensor& rows, std::span<const float> weights);

  /// [E]. Throws NumericError where no row counted, or for values that are not finite.
  std::vector<float> mean() const;
  const std::vector<float>& last() const { return last_; }

 private:
  std::vector<double> sum_;
  double weight_ = 0;
  std::vector<float> last_;
};

}  // namespace pangu::adaptive
