// SPDX-License-Identifier: Apache-2.0
// The sizes of a model, for people and for programs.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "io/json.h"
#include "models/config/config.h"

namespace pangu::app {

/// Of feed-forward layers: "6144", or "4352 to 6144, by layer" where they differ.
std::string widths_text(const std::vector<std::int64_t>& widths);
bool widths_differ(const std::vector<std::int64_t>& widths);

/// "26 layers, hidden size 1536, feed-forward 6144, 12 heads (6 for keys and values) of size 128,
/// vocabulary 153376; 1.39B parameters"
std::string shape_text(const ModelConfig& config);

/// layers, hidden_size, heads, kv_heads, head_dim, intermediate_size (one for each layer),
/// vocab_size.
Json shape_json(const ModelConfig& config);

}  // namespace pangu::app
