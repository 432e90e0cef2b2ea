// SPDX-License-Identifier: Apache-2.0
// Puts a decoder layer together from what its schema lists: for whoever makes the weights of one,
// by loading them or as initial values.
#pragma once

#include <cstdint>
#include <vector>

#include "models/decoder_layer.h"
#include "models/schema.h"

namespace pangu {

/// Makes layer `l`. `make.vector(spec)` gives a vector, `make.linear(specs)` the product of
/// matrices that share an input, with the biases that they have; they are called in the order of a
/// forward pass.
template <class Make>
DecoderLayer make_decoder_layer(const ModelConfig& config, std::int64_t l, Make& make) {
  DecoderLayer layer;
  layer.eps = static_cast<float>(config.rms_norm_eps);
  for (const TensorSpec& t : layer_tensors(config, l)) {
    if (t.is_bias) continue;
    if (!t.is_matrix()) {
      layer.norm(t.role) = make.vector(t);
    } else if (Linear& linear = layer.linear(t.input); linear.parts.empty()) {
      linear = make.linear(fused_matrices(config, l, t.input));
    }
  }
  return layer;
}

}  // namespace pangu
