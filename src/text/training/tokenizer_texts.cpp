// SPDX-License-Identifier: Apache-2.0
#include "text/training/tokenizer_texts.h"

#include <string_view>
#include <utility>

#include "base/clipped.h"
#include "base/error.h"
#include "base/nearest_name.h"
#include "base/utf8.h"
#include "data/data_records.h"
#include "io/mapped_file.h"

namespace pangu::text {
namespace {

constexpr std::string_view kOpenedRoles[] = {"system", "user", "assistant", "tool", "function"};

/// How openPangu's template opens a message.
std::string_view opening(std::string_view role, std::string_view where) {
  constexpr std::pair<std::string_view, std::string_view> kOpenings[] = {{"system", "系统："},
                                                                         {"user", "用户："},
                                                                         {"assistant", "助手："},
                                                                         {"tool", "工具："},
                                                                         {"function", "方法："}};
  for (const auto& [name, text] : kOpenings) {
    if (name == role) return text;
  }
  fail<InputError>("[data] {}: a message has the role '{}'.{} Expected: {}.", where,
                   clipped(role, 40), did_you_mean(role, kOpenedRoles),
                   "system, user, assistant, tool, function");
}

void add_message(const TrainingMessage& message, std::string_view where, TokenizerText& text) {
  const std::string_view begin = opening(message.role, where);
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

TokenizerText text_of(const TextRecord& record, std::string_view = {}) {
  return {.stretches = {record.text}, .special_tokens = 2};
}

TokenizerText text_of(const CompletionRecord& record, std::string_view) {
  return {.stretches = {record.prompt + record.completion}, .special_tokens = 2};
}

TokenizerText text_of(const ChatRecord& record, std::string_view where) {
  TokenizerText text{.special_tokens = 1};
  if (record.messages.front().role != "system") {
    text.special_tokens += 2;
    text.stretches.emplace_back(opening("system", where));
  }
  for (const TrainingMessage& message : record.messages) add_message(message, where, text);
  return text;
}

}  // namespace

TokenizerText tokenizer_text(const TrainingRecord& record, std::string_view where) {
  TokenizerText text =
      std::visit([&](const auto& form) { return text_of(form, where); }, record.form);
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
                                : tokenizer_text(parse_training_record(record->text, where), where),
        static_cast<std::int64_t>(records.position()));
  }
}

}  // namespace pangu::text
