// SPDX-License-Identifier: Apache-2.0
// Tokenizers from the metadata of GGUF files (keys tokenizer.ggml.*).
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "io/gguf_metadata.h"
#include "pangu/tokenizer.h"
#include "text/sentencepiece/sentencepiece_model.h"

namespace pangu::text {

/// Values of tokenizer.ggml.token_type; the same as SentencePiece's.
namespace gguf_type {
inline constexpr std::int32_t kNormal = 1, kUnknown = 2, kControl = 3, kUserDefined = 4,
                              kUnused = 5, kByte = 6;
}

/// Builds the tokenizer that the keys describe: model "gpt2" (byte-level BPE, cut into words as
/// tokenizer.ggml.pre names) or "llama" (SentencePiece BPE with scores). Nothing refers to `gguf`
/// afterwards. Throws Unsupported naming other models and pre-tokenizers, ConfigError and FileError
/// for keys that are missing or do not fit each other.
std::shared_ptr<const Tokenizer> make_tokenizer_gguf(const GgufMetadata& gguf);

/// The pieces of a tokenizer of model "llama", with settings; its views point into `gguf`.
SentencePieceModel gguf_sentencepiece_model(const GgufMetadata& gguf);

/// A key of pangu's own, true for tokenizers that put a space before the first stretch of text only
/// (Hugging Face's "legacy": false). Other readers put one behind special tokens too.
inline constexpr std::string_view kPrefixFirstKey = "pangu.tokenizer.prefix_first_stretch_only";

/// Another one: ids of special tokens that decode() shows. Other readers hide them.
inline constexpr std::string_view kShownSpecialKey = "pangu.tokenizer.shown_special_tokens";

}  // namespace pangu::text
