// SPDX-License-Identifier: Apache-2.0
// How large a model of some shape is, and how much work a token is for it.
#pragma once

#include <cstdint>

#include "models/config/config.h"

namespace pangu {

struct ParameterCount {
  std::int64_t embedding = 0;  ///< which is the output head too where they are tied
  std::int64_t head = 0;       ///< 0 where tied
  std::int64_t attention = 0;  ///< projections, biases and query/key norms of all layers
  std::int64_t mlp = 0;
  std::int64_t norms = 0;  ///< layer norms and the final one

  std::int64_t total() const { return embedding + head + attention + mlp + norms; }
};

/// Parameters that a model of this shape has, with the biases that the config names.
ParameterCount parameter_count(const ModelConfig& config);

/// Floating-point operations of the matrix products that one decoded token passes through: two for
/// each weight of the layers and of the output head. Attention, which grows with the text, is not
/// counted.
std::int64_t product_flops(const ModelConfig& config);

}  // namespace pangu
