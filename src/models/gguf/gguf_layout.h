// SPDX-License-Identifier: Apache-2.0
// How GGUF files lay out the decoders that pangu knows: names of architectures and the
// order of rows (of tensors: models/schema.h). Sources: llama.cpp's loaders (src/models/) and
// converters (conversion/), v0.5.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/config/config.h"
#include "models/schema.h"

namespace pangu {

struct GgufArchitecture {
  std::string_view name;     ///< general.architecture, and the prefix of its keys
  std::string_view hf_name;  ///< the ModelConfig::architecture that it is read as
  /// Whether the rows of each head of q and k lie as the pairs that RoPE turns, instead of all
  /// first members before all second ones.
  bool interleaved_qk;
  /// Which biases llama.cpp's graph takes, and needs, beside those of q, k and v.
  bool takes_o_bias, needs_o_bias, takes_mlp_bias;
};

/// The architecture that a GGUF file names, or nullptr.
const GgufArchitecture* find_gguf_architecture(std::string_view name);
/// The one that a config is written as.
const GgufArchitecture& gguf_architecture_of(const ModelConfig& config);
/// "pangu-embedded, llama, ...", for messages.
std::string gguf_architecture_names();

/// For each of `rows` rows of q or k in the order of Hugging Face, where it lies among interleaved
/// rows: row s of pair j of a head, s * head_dim / 2 + j there, is row 2 j + s here.
std::vector<std::int32_t> interleaved_places(std::int64_t rows, std::int64_t head_dim);
/// The reverse: for each interleaved row, where it lies in the order of Hugging Face.
std::vector<std::int32_t> split_places(std::int64_t rows, std::int64_t head_dim);

/// Whether the rows of a tensor are turned by RoPE, and so may lie as pairs.
bool is_query_or_key(TensorRole role);

}  // namespace pangu
