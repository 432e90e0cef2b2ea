// SPDX-License-Identifier: Apache-2.0
// The ways of cutting text into words that GGUF files name (tokenizer.ggml.pre). The regular
// expressions are those of the models' own tokenizer.json files; where llama.cpp has them rewritten
// for a library without properties of characters, the original is what the model was trained with.
#pragma once

#include <string_view>
#include <vector>

namespace pangu::text {

/// Patterns applied one after the other, each of whose matches becomes a word of its own; then
/// every byte is spelled as one character (bpe_byte_level.h).
struct PreKind {
  std::string_view name;
  std::vector<std::string_view> patterns;
  bool nfc = false;            ///< the text is normalized first
  bool ignore_merges = false;  ///< see BpeOptions
  bool add_bos = false;        ///< where the file does not say
};

/// Every known one.
const std::vector<PreKind>& pre_kinds();

/// The kind of this name, or nullptr.
const PreKind* find_pre_kind(std::string_view name);

}  // namespace pangu::text
