// SPDX-License-Identifier: Apache-2.0
// Every tensor of a decoder, as checkpoints name them: what a copy of a model must hold.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/config.h"
#include "models/weight_source.h"

namespace pangu {

struct DecoderTensor {
  std::string name;
  std::int64_t rows;   ///< of a matrix; elements of a vector
  std::int64_t k = 0;  ///< inputs of a matrix; 0 for a vector

  bool is_matrix() const { return k > 0; }
  std::int64_t count() const { return is_matrix() ? rows * k : rows; }
};

/// The tensors in the order a forward pass reads them, with the biases that `source` has; without
/// lm_head where `config` ties it, which must be as find_output_head() found. Throws Unsupported if
/// the source has tensors besides, which a copy would lose.
std::vector<DecoderTensor> decoder_tensors(const ModelConfig& config, const WeightSource& source);

}  // namespace pangu
