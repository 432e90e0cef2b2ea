// SPDX-License-Identifier: Apache-2.0
// One example of a data set, as a line of a JSONL file says it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace pangu {

struct TrainingMessage {
  std::string role;  ///< "system", "user", "assistant", "tool", ...
  std::string content;
  /// Of an assistant: what it thought before it answered, which may be nothing. Absent is not the
  /// same: then the turn has no thinking block at all.
  std::optional<std::string> reasoning_content;
};

/// {"messages": [...]}: rendered by the model's chat template.
struct ChatRecord {
  std::vector<TrainingMessage> messages;
};

/// {"prompt": ..., "completion": ...}: plain text, of which the second part is to be learnt.
struct CompletionRecord {
  std::string prompt, completion;
};

/// {"text": ...}: plain text to be learnt as a whole.
struct TextRecord {
  std::string text;
};

struct TrainingRecord {
  std::variant<TextRecord, CompletionRecord, ChatRecord> form;
  std::string family = {};      ///< what the key "family" says, for statistics
  std::string unread_key = {};  ///< a key that says something about tools, which nobody reads
};

/// Reads one line; `where` ("train.jsonl, line 7") names it in messages. Keys besides those above
/// are let be, as data sets carry ids and sources; of those for tools, one is named.
/// Throws FileError for what is no JSON or too long; ConfigError for a value of the wrong type, a
/// line with none or several of the three forms, an empty list, tool calls.
TrainingRecord parse_training_record(std::string_view line, std::string_view where);

}  // namespace pangu
