// SPDX-License-Identifier: Apache-2.0
// One trained tensor: what an objective hands to optimizers, clipping and checkpoints; and what an
// optimizer keeps of it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tensor/shape.h"

namespace pangu {

/// Borrows the memory of the objective, which keeps its place as long as the objective lives.
struct Parameter {
  std::string name;        ///< as checkpoints spell it (models/schema.h)
  Shape shape;             ///< row-major; a weight is [out, in]
  std::span<float> value;  ///< the f32 master, shape.count() elements
  std::span<float> grad;   ///< as many; zeroed by the optimizer's owner, added to by accumulate()
  bool decay = true;       ///< whether weight decay applies; not for norms and biases
  bool is_hidden_matrix = false;  ///< maps hidden states to hidden states; not embedding and head
};

/// Running means of one parameter's gradients and, where the optimizer uses them, of their squares.
struct Moments {
  std::vector<float> first, second;
};

/// What holds for all weights of a parameter at one step.
struct UpdateStep {
  std::int64_t number = 1;    ///< counted from 1
  double rate = 0;            ///< learning rate
  double decay = 0;           ///< decoupled weight decay; 0 where it does not apply
  double gradient_scale = 1;  ///< of clipping
};

}  // namespace pangu
