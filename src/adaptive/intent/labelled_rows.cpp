// SPDX-License-Identifier: Apache-2.0
#include "adaptive/intent/labelled_rows.h"

#include <algorithm>
#include <set>

#include "adaptive/task_kind.h"
#include "base/error.h"
#include "data/json_lines.h"
#include "data/training_record.h"
#include "io/json.h"
#include "io/mapped_file.h"

namespace pangu::adaptive {
namespace {

constexpr std::size_t kLongestGroup = 256;

Request request_of_line(std::string_view line, const std::string& where) {
  const TrainingRecord record = parse_training_record(line, where);
  if (const auto* text = std::get_if<TextRecord>(&record.form)) return request_of(text->text);
  if (const auto* chat = std::get_if<ChatRecord>(&record.form)) {
    std::vector<Message> messages;
    for (const TrainingMessage& m : chat->messages) {
      messages.push_back({.role = m.role, .content = m.content});
    }
    return request_of(messages);
  }
  fail<ConfigError>(
      "[intent] {} has a prompt and a completion. \"text\" or \"messages\" was expected beside "
      "\"kind\". Correct the line.",
      where);
}

LabelledRow read_labelled_row(const JsonLine& line) {
  const Json json =
      parse_json(line.text, line.where,
                 {.max_bytes = kMaxRecordBytes, .max_depth = 32, .max_values = 200'000});
  const JsonObject object(line.where, json,
                          {.advice = "Correct the line.", .advice_for_missing = "Add it."});
  LabelledRow row{.kind = object.get_string("kind"), .group = object.get_string_or("group", "")};
  require_kind_name(row.kind, line.where);
  if (row.group.size() > kLongestGroup) object.reject("group", "at most 256 bytes");
  try {
    row.request = request_of_line(line.text, line.where);
  } catch (const InputError& error) {
    fail<ConfigError>("[intent] {}: {}", line.where, error.what());
  }
  if (row.request.text.find_first_not_of(" \t\r\n") == std::string::npos) {
    fail<ConfigError>(
        "[intent] {}: what the user says is empty. A request was expected. Correct the line.",
        line.where);
  }
  return row;
}

}  // namespace

std::vector<LabelledRow> parse_labelled_rows(std::string_view content, const std::string& file) {
  JsonLines lines(content, file);
  std::vector<LabelledRow> rows;
  while (const auto line = lines.next()) rows.push_back(read_labelled_row(*line));
  if (rows.empty()) {
    fail<FileError>(
        "[intent] {} has no rows. {{\"kind\": ..., \"text\": ...}} on each line was "
        "expected.",
        file);
  }
  return rows;
}

std::vector<LabelledRow> read_labelled_rows(std::span<const std::filesystem::path> files) {
  std::vector<LabelledRow> rows;
  for (const std::filesystem::path& file : files) {
    const MappedFile mapped(file);
    const std::string_view content(reinterpret_cast<const char*>(mapped.bytes().data()),
                                   mapped.bytes().size());
    std::ranges::move(parse_labelled_rows(content, file.filename().string()),
                      std::back_inserter(rows));
  }
  return rows;
}

std::vector<std::string> kinds_of(std::span<const LabelledRow> rows) {
  std::set<std::string> seen;
  for (const LabelledRow& row : rows) seen.insert(row.kind);
  std::vector<std::string> kinds;
  for (const TaskKind& kind : built_in_kinds()) {
    if (seen.erase(kind.name) > 0) kinds.emplace_back(kind.name);
  }
  kinds.insert(kinds.end(), seen.begin(), seen.end());
  return kinds;
}

std::vector<int> labels_of(std::span<const LabelledRow> rows, std::span<const std::string> kinds) {
  std::vector<int> labels;
  for (const LabelledRow& row : rows) {
    const auto found = std::find(kinds.begin(), kinds.end(), row.kind);
    labels.push_back(found == kinds.end() ? -1 : static_cast<int>(found - kinds.begin()));
  }
  return labels;
}

}  // namespace pangu::adaptive
