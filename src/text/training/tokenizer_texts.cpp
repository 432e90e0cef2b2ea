// SPDX-License-Identifier: Apache-2.0
#include "text/training/tokenizer_texts.h"

#include <string_view>
#include <utility>

#include "base/utf8.h"
#include "data/data_records.h"
#include "io/mapped_file.h"

namespace pangu::text {
namespace {

/// How openPangu's template opens a message; empty for a role that it leaves out.
std::string_view opening(std::string_view role) {
  constexpr std::pair<std::string_view, std::string_view> kOpenings[] = {{"system", "系统："},
                                                                         {"user", "用户："},
                                                                         {"assistant", "助手："},
                                                                         {"tool", "工具："},
                                                                         {"function", "方法："}};
  for (const auto& [name, text] : kOpenings) {
    if (name == role) return text;
  }
  return "";
}

void add_message(const TrainingMessage& message, TokenizerText& text) {
  const std::string_view begin = opening(message.role);
  if (begin.empty()) return;
  text.special_tokens += 2;
  if (message.reasoning_content) {
    text.special_tokens += 2;
    text.stretches.emplace_back(begin);
    text.stretches.push_back(*message.reasoning_content);
    text.stretches.push_back(message.content);
  } else {
    text.stretches.push_back(std::string(begin) + message.content);
  }
}

TokenizerText text_of(const TextRecord& record) {
  return {.stretches = {record.text}, .special_tokens = 2};
}

TokenizerText text_of(const CompletionRecord& record) {
  return {.stretches = {record.prompt + record.completion}, .special_tokens = 2};
}

TokenizerText text_of(const ChatRecord& record) {
  TokenizerText text{.special_tokens = 1};
  if (record.messages.front().role != "system") {
    text.special_tokens += 2;
    text.stretches.emplace_back(opening("system"));
  }
  for (const TrainingMessage& message : record.messages) add_message(message, text);
  return text;
}

}  // namespace

TokenizerText tokenizer_text(const TrainingRecord& record) {
  TokenizerText text = std::visit([](const auto& form) { return text_of(form); }, record.form);
  text.family = record.family;
  return text;
}

void read_tokenizer_texts(const std::filesystem::path& path, const TokenizerTextFn& use) {
  const MappedFile file(path);
  DataRecords records(file, std::nullopt);
  while (const auto record = records.next()) {
    const std::string where = records.where(*record);
    utf8::require_valid(record->text, where);
    use(records.is_plain_text() ? text_of(TextRecord{DataRecords::document(*record) + "\n"})
                                : tokenizer_text(parse_training_record(record->text, where)),
        static_cast<std::int64_t>(records.position()));
  }
}

}  // namespace pangu::text
