// SPDX-License-Identifier: Apache-2.0
// The weights of a GGUF file under the names and in the row order of Hugging Face.
#pragma once

#include <memory>

#include "io/gguf_file.h"
#include "models/weight_source.h"

namespace pangu {

/// Tensors of `file`, which must outlive the source; `config` is its own. Fused attn_qkv tensors
/// are given in three parts. Matrices keep the format they are stored in: Unsupported, naming the
/// tensor, for one that pangu cannot compute with.
std::unique_ptr<WeightSource> gguf_source(const GgufFile& file, const ModelConfig& config);

/// The key that says how the nibbles of q4_0_64 are stored, and its only value that is read and
/// written: other programs use the type's name for other encodings.
inline constexpr std::string_view kQ4_0_64EncodingKey = "pangu.quant.q4_0_64.encoding";
inline constexpr std::string_view kQ4_0_64Encoding = "offset8";

}  // namespace pangu
