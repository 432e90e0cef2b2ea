// SPDX-License-Identifier: Apache-2.0
// The tokenizer that belongs to a model, whatever form the model has.
#pragma once

#include <memory>

#include "io/gguf_metadata.h"
#include "models/model_files.h"
#include "pangu/tokenizer.h"

namespace pangu {

/// The tokenizer that came with a model, or null if none did.
std::shared_ptr<const Tokenizer> find_tokenizer(const ModelFiles& model);
/// Throws ConfigError if text can become tokens that the embedding has no rows for. Added tokens,
/// which come from their own text alone, are allowed: many models have a padding token that nobody
/// uses. A warning tells of them.
void check_vocabulary(const ModelFiles& model, const Tokenizer& tokenizer);
/// Whether a GGUF file says how text becomes tokens.
bool has_vocabulary(const GgufMetadata& gguf);

}  // namespace pangu
