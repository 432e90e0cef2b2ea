// SPDX-License-Identifier: Apache-2.0
// The tokenizer of a GGUF file as the files of a Hugging Face folder.
#pragma once

#include <filesystem>

#include "io/gguf_metadata.h"

namespace pangu::text {

/// Writes tokenizer_config.json with roles, added tokens and the chat template, and tokenizer.model
/// for the model "llama", tokenizer.json for "gpt2". load_tokenizer() reads the same tokenizer from
/// `folder` as make_tokenizer_gguf() from `gguf`, but for unused "[PADn]" tokens at the end, which
/// are left out. Throws what make_tokenizer_gguf() does, and FileError if a file cannot be written.
void write_hf_tokenizer(const GgufMetadata& gguf, const std::filesystem::path& folder);

}  // namespace pangu::text
