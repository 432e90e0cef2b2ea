// SPDX-License-Identifier: Apache-2.0
// The RoPE part of config.json, in its old form (rope_theta, rope_scaling), its new one
// (rope_parameters), and mixtures of the two.
#pragma once

#include <cstdint>

#include "models/config/config.h"

namespace pangu {

/// Throws ConfigError for values that cannot be and for two keys that contradict each other,
/// Unsupported for a rope_type or a key of a rope object that is not known, and for heads of which
/// only a part is rotated.
RopeConfig parse_rope_config(const JsonObject& config, const Architecture& architecture,
                             std::int64_t max_position_embeddings);

/// The object for the key "rope_scaling", or null where nothing is scaled.
Json rope_scaling_json(const RopeConfig& rope);

}  // namespace pangu
