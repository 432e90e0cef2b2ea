// SPDX-License-Identifier: Apache-2.0
// Tokenizers from the metadata of GGUF files (keys tokenizer.ggml.*).
#pragma once

#include <memory>

#include "io/gguf_metadata.h"
#include "pangu/tokenizer.h"

namespace pangu::text {

/// Builds the tokenizer that the keys describe: model "gpt2" (byte-level BPE, cut into words as
/// tokenizer.ggml.pre names) or "llama" (SentencePiece BPE with scores). Nothing refers to `gguf`
/// afterwards. Throws Unsupported naming other models and pre-tokenizers, ConfigError and FileError
/// for keys that are missing or do not fit each other.
std::shared_ptr<const Tokenizer> make_tokenizer_gguf(const GgufMetadata& gguf);

}  // namespace pangu::text
