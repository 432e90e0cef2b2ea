// SPDX-License-Identifier: Apache-2.0
// The RoPE part of config.json, in its old form (rope_theta, rope_scaling) and its new one
// (rope_parameters).
#pragma once

#include <cstdint>

#include "models/config.h"

namespace pangu {

/// Throws ConfigError for values that cannot be, Unsupported for a rope_type that is not known.
RopeConfig parse_rope_config(const JsonObject& config, const Architecture& architecture,
                             std::int64_t max_position_embeddings);

/// The object for the key "rope_scaling", or null where nothing is scaled.
Json rope_scaling_json(const RopeConfig& rope);

}  // namespace pangu
