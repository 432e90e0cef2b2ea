// SPDX-License-Identifier: Apache-2.0
// Texts to train a tokenizer on, from the files that models are trained on.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "data/training_record.h"

namespace pangu::text {

/// A text or a conversation as a model meets it.
struct TokenizerText {
  /// The ordinary text between special tokens; each stretch is tokenized on its own.
  std::vector<std::string> stretches;
  /// Special tokens around and between them: the beginning and the end of a text; of a conversation
  /// what openPangu's template writes.
  std::int64_t special_tokens = 0;
  std::string family;  ///< of the record
};

/// `where` names the record in messages. Throws InputError for a role that openPangu's template
/// does not write.
TokenizerText tokenizer_text(const TrainingRecord& record, std::string_view where);

/// Called with each text, and the bytes of the file that have been read so far.
using TokenizerTextFn = std::function<void(TokenizerText text, std::int64_t bytes)>;

/// Reads a .jsonl file (a record a line, data/training_record.h) or a .txt file (a blank line ends
/// a text). Memory: one record. Throws as DataRecords and parse_training_record() do; InputError
/// for bytes that are not UTF-8.
void read_tokenizer_texts(const std::filesystem::path& path, const TokenizerTextFn& use);

}  // namespace pangu::text
