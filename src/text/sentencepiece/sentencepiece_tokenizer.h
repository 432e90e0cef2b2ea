// SPDX-License-Identifier: Apache-2.0
// Tokenizers on libsentencepiece: openPangu, Llama 2, and the "llama" vocabularies of GGUF files.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "pangu/tokenizer.h"
#include "text/huggingface/tokenizer_config.h"
#include "text/sentencepiece/sentencepiece_model.h"
#include "text/tokenizer/tokenizer_basic.h"

namespace pangu::text {

/// Combines a tokenizer.model with what the files beside it say.
std::shared_ptr<const Tokenizer> load_sentencepiece(const std::filesystem::path& path,
                                                    TokenizerConfig config);

/// The same from bytes; `file` names them in messages.
std::shared_ptr<const Tokenizer> make_sentencepiece(std::string_view bytes, const std::string& file,
                                                    TokenizerConfig config);

/// Fills parts.vocabulary from the model, with parts.added in place of the pieces they rename.
void fill_vocabulary(const SentencePieceModel& model, TokenizerParts& parts);

/// Makes the tokenizer of a model from parts whose vocabulary, added tokens and ids are filled.
/// With prefix_first_stretch_only, only a text that begins with ordinary text gets a space before
/// it, not every stretch behind an added token.
std::shared_ptr<const Tokenizer> make_sentencepiece(SentencePieceModel model, TokenizerParts parts,
                                                    bool prefix_first_stretch_only);

}  // namespace pangu::text
