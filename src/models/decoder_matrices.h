// SPDX-License-Identifier: Apache-2.0
// The weight matrices of a decoder, as checkpoints name them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/config.h"

namespace pangu {

struct MatrixShape {
  std::string name;
  std::int64_t rows, k;
};

/// Embedding, output head (unless tied) and the projections of every layer, in the order of the
/// layers. Norms and biases are no matrices.
std::vector<MatrixShape> decoder_matrices(const ModelConfig& config);

}  // namespace pangu
