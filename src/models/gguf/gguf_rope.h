// SPDX-License-Identifier: Apache-2.0
// RoPE in GGUF files: keys of the architecture (PREFIX.rope.*), and the tensor rope_freqs.weight,
// f32 [head_dim / 2], by which frequencies are divided (Llama 3).
#pragma once

#include <string>
#include <vector>

#include "io/gguf_file.h"
#include "io/gguf_write.h"
#include "models/config/config.h"

namespace pangu {

inline constexpr std::string_view kRopeFactorsTensor = "rope_freqs.weight";

/// `head_dim` and `max_position_embeddings` of `config` must be set. Throws Unsupported for scaling
/// that pangu lacks, for keys of RoPE that it does not know, and for frequency factors that are not
/// those of Llama 3's rule; ConfigError for keys that cannot be or contradict each other.
RopeConfig gguf_rope_config(const GgufContent& gguf, const std::string& prefix,
                            const ModelConfig& config);

/// Adds the keys; what cannot be expressed goes into `notes`.
void put_rope_config(const ModelConfig& config, const std::string& prefix, GgufKeys& keys,
                     std::vector<std::string>& notes);

/// What rope_freqs.weight must hold; empty where the model needs none.
std::vector<float> rope_factors(const ModelConfig& config);

/// The shortest decimal that rounds to the same f32, for numbers that are stored as one.
double shortest_decimal(double stored);

}  // namespace pangu
