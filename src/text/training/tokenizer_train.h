// SPDX-License-Identifier: Apache-2.0
// From data to a tokenizer in a Hugging Face folder, with openPangu's special tokens and template.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/progress.h"
#include "text/sentencepiece/sentencepiece_train.h"

namespace pangu::text {

struct TokenizerTraining {
  SentencePieceTraining model;
  /// At most so many lines are kept in memory and trained on, drawn at random where there are more.
  std::int64_t max_lines = 1'000'000;
  std::uint64_t seed = 1;  ///< of that draw
  ProgressFn progress = {};
};

/// What the new tokenizer makes of the data it was trained on.
struct TokenCounts {
  std::int64_t records = 0;
  std::int64_t characters = 0;   ///< without special tokens
  std::int64_t tokens = 0;       ///< special tokens and the template's role words included
  std::int64_t text_tokens = 0;  ///< without special tokens
};

struct TokenizerReport {
  int vocab_size = 0;
  std::int64_t lines = 0;          ///< in the data
  std::int64_t trained_lines = 0;  ///< of these
  TokenCounts total;
  std::map<std::string, TokenCounts> families;  ///< by the key "family" of records, if they have it
};

/// Trains on `data` (tokenizer_texts.h) and writes the folder `out`, which must be new or empty:
/// tokenizer.model, tokenizer_config.json, special_tokens_map.json, generation_config.json. The
/// same data, in the same order, gives the same bytes. Throws what read_tokenizer_texts() and
/// train_sentencepiece() do, and FileError if `out` cannot be written.
TokenizerReport train_tokenizer(const std::vector<std::filesystem::path>& data,
                                const std::filesystem::path& out, const TokenizerTraining& options);

}  // namespace pangu::text
