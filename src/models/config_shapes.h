// SPDX-License-Identifier: Apache-2.0
// Shapes of published models by name, for benchmarks with random weights.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "models/config.h"

namespace pangu {

/// The config of a model such as "openpangu-embedded-1b"; nothing if the name is not known.
std::optional<ModelConfig> named_shape(std::string_view name);

/// Every name that named_shape() knows.
std::vector<std::string_view> shape_names();

}  // namespace pangu
