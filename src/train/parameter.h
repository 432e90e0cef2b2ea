// SPDX-License-Identifier: Apache-2.0
// One trained tensor: what an objective hands to optimizers, clipping and checkpoints.
#pragma once

#include <span>
#include <string>

#include "tensor/shape.h"

namespace pangu {

/// Borrows the memory of the objective, which keeps its place as long as the objective lives.
struct Parameter {
  std::string name;        ///< as checkpoints spell it: model.layers.0.mlp.up_proj.weight
  Shape shape;             ///< row-major; a weight is [out, in]
  std::span<float> value;  ///< the f32 master, shape.count() elements
  std::span<float> grad;   ///< as many; zeroed by the optimizer's owner, added to by accumulate()
  bool decay = true;       ///< whether weight decay applies; not for norms and biases
};

}  // namespace pangu
