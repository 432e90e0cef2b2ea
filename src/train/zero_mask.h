// SPDX-License-Identifier: Apache-2.0
// Keeps the zeros of a sparse model while it is trained.
#pragma once

#include <span>
#include <vector>

#include "train/parameter.h"

namespace pangu {

/// Remembers which weights of matrices are 0, a bit each; norms and biases are let be.
class ZeroMask {
 public:
  explicit ZeroMask(std::span<const Parameter> parameters);

  /// Sets them to 0 again. `parameters` are those it was made of.
  void apply(std::span<Parameter> parameters) const;

 private:
  std::vector<std::vector<bool>> zeros_;  ///< of each parameter; empty where there are none
};

}  // namespace pangu
