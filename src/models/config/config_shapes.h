// SPDX-License-Identifier: Apache-2.0
// Shapes of published models by name, for benchmarks with random weights.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "models/config/config.h"

namespace pangu {

/// The config of a model such as "openpangu-embedded-1b"; nothing if the name is not known.
std::optional<ModelConfig> named_shape(std::string_view name);

/// Every name that named_shape() knows.
std::vector<std::string_view> shape_names();

/// Sizes in place of a shape's own, such as pruning leaves.
struct ShapeChanges {
  std::optional<std::int64_t> n_layers = {};  ///< fewer of them are the first ones
  /// One for all layers, or one for each; empty: the shape's.
  std::vector<std::int64_t> intermediate_size = {};
  std::optional<std::int64_t> n_kv_heads = {};  ///< query heads change in proportion
};

/// The shape with these sizes; the size of heads and of everything else stays. `name` is what
/// messages call it by. Throws ConfigError as parse_model_config does: sizes have the limits that
/// config.json has, and a list of widths fits the number of layers.
ModelConfig changed_shape(const ModelConfig& shape, const ShapeChanges& changes,
                          std::string_view name);

}  // namespace pangu
