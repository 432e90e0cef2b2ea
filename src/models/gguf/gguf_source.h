// SPDX-License-Identifier: Apache-2.0
// The weights of a GGUF file under the names and in the row order of Hugging Face.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "io/gguf_file.h"
#include "models/weights/weight_source.h"

namespace pangu {

/// Tensors of `file`, which must outlive the source; `config` is its own. Fused attn_qkv tensors
/// are given in three parts. Matrices keep the format they are stored in: Unsupported, naming the
/// tensor, for one that pangu cannot compute with; require_supported_gguf_types() finds all at
/// once.
std::unique_ptr<WeightSource> gguf_source(const GgufFile& file, const ModelConfig& config);

/// Every type of these tensors that pangu cannot compute with, with how many have it and the name
/// of one: "q5_k (12 tensors, blk.0.ffn_down.weight for one), ..."; empty if all can be used. Types
/// that are not known at all are given by their number.
std::string unsupported_gguf_types(const GgufMetadata& metadata,
                                   std::span<const GgufTensorInfo> tensors);
/// Throws Unsupported naming all of them.
void require_supported_gguf_types(const GgufMetadata& metadata,
                                  std::span<const GgufTensorInfo> tensors);

/// The key that says how the nibbles of q4_0_64 are stored, and its only value that is read and
/// written: other programs use the type's name for other encodings.
inline constexpr std::string_view kQ4_0_64EncodingKey = "pangu.quant.q4_0_64.encoding";
inline constexpr std::string_view kQ4_0_64Encoding = "offset8";

}  // namespace pangu
