// SPDX-License-Identifier: Apache-2.0
// Puts a layer of the dense decoder together from what its schema lists.
#pragma once

#include <cstdint>

#include "models/dense/layer.h"
#include "models/weights/weight_maker.h"

namespace pangu {

/// Layer `l`; `make` is called in the order of a forward pass.
DecoderLayer build_decoder_layer(const ModelConfig& config, std::int64_t l, WeightMaker& make);

}  // namespace pangu
