// SPDX-License-Identifier: Apache-2.0
// The tokenizer of a Hugging Face folder as keys of a GGUF file (tokenizer.ggml.*).
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "io/gguf_write.h"
#include "pangu/tokenizer.h"

namespace pangu::text {

/// Adds every key of the tokenizer but the end-of-text tokens; `tokenizer` is what load_tokenizer()
/// gave for `folder`. The list has `vocab_size` tokens, the rows of the embedding, because readers
/// take the vocabulary's size from it: ids without a token are filled with unused "[PADn]" tokens,
/// and tokens without a row are left out, with a note.
/// BPE on bytes becomes model "gpt2", SentencePiece BPE model "llama"; what readers of these lose
/// is said in `notes`. Throws Unsupported for other kinds, and for words cut in a way that has no
/// name in GGUF files.
void put_tokenizer(const std::filesystem::path& folder, const Tokenizer& tokenizer,
                   std::int64_t vocab_size, GgufKeys& keys, std::vector<std::string>& notes);

}  // namespace pangu::text
