// SPDX-License-Identifier: Apache-2.0
// Texts to train a tokenizer on: plain text files, and JSON lines of texts and conversations.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace pangu::text {

/// A text or a conversation as a model meets it.
struct TrainingRecord {
  /// The ordinary text between special tokens; each stretch is tokenized on its own.
  std::vector<std::string> stretches;
  /// Special tokens around and between them: the beginning and the end of a text; of a conversation
  /// what openPangu's template writes.
  std::int64_t special_tokens = 0;
  /// What the key "family" says; empty where there is none.
  std::string family;
};

/// One line of a "*.jsonl" file; `where` names file and line. Throws as read_training_data() does.
TrainingRecord parse_training_record(std::string_view line, const std::string& where);

/// Called with each record, and the bytes of the file that have been read so far.
using TrainingRecordFn = std::function<void(TrainingRecord record, std::int64_t bytes)>;

/// Reads a file. The lines of "*.jsonl" are objects with the key "text" or the key "messages", a
/// list of objects with "role", "content" and, for reasoning, "reasoning_content" (present but
/// empty: an answer without reasoning). Any other file is one text, handed on in parts of whole
/// lines. Memory: one line, or one part.
///
/// Throws FileError or ConfigError naming file and line for JSON that cannot be read or has neither
/// key, and for lines beyond 16 MiB; InputError for bytes that are not UTF-8.
void read_training_data(const std::filesystem::path& path, const TrainingRecordFn& use);

}  // namespace pangu::text
