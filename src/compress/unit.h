// SPDX-License-Identifier: Apache-2.0
// What is removed from a model at a time.
#pragma once

#include <cstdint>
#include <string_view>

#include "models/config/config.h"

namespace pangu::compress {

enum class Unit : std::uint8_t {
  kNeurons,   ///< of an MLP: a row of gate and of up with a column of down
  kHeads,     ///< a key/value head with the query heads that share it, and their columns of o
  kLayers,    ///< whole layers
  kChannels,  ///< of the residual stream: the same ones in every layer
  kWeights    ///< single weights, or N of every M; they become zero, shapes stay
};

/// "neurons", "heads", "layers", "channels", "weights".
std::string_view name(Unit unit);
/// Throws ConfigError for another name.
Unit parse_unit(std::string_view name);

/// How many of them layer `l` has; one if the layer itself is the unit.
/// Throws ConfigError for single weights, which are not counted in layers.
std::int64_t unit_count(const ModelConfig& config, Unit unit, std::int64_t l);

}  // namespace pangu::compress
