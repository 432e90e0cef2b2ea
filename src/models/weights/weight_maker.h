// SPDX-License-Identifier: Apache-2.0
// Where the weights of a model come from while it is put together: a checkpoint (weights/load.h),
// or masters that are trained (weights/trainable_model.h). A family asks for them in the order of a
// forward pass.
#pragma once

#include <vector>

#include "models/schema.h"
#include "ops/linear.h"

namespace pangu {

class WeightMaker {
 public:
  virtual ~WeightMaker() = default;

  virtual Tensor vector(const TensorSpec& spec) = 0;
  /// The product of matrices that share an input, with the biases that they have.
  virtual Linear linear(const std::vector<TensorSpec>& weights) = 0;
  /// The table of tokens, or undefined where the head's matrix is to serve.
  virtual PackedMatrix embedding() = 0;
  virtual Linear head() = 0;
};

}  // namespace pangu
