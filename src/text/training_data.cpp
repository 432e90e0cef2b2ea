// SPDX-License-Identifier: Apache-2.0
#include "text/training_data.h"

#include <optional>
#include <utility>

#include "base/error.h"
#include "base/utf8.h"
#include "io/json.h"
#include "io/mapped_file.h"

namespace pangu::text {
namespace {

constexpr std::size_t kMaxLineBytes = std::size_t{16} << 20;
constexpr std::size_t kPartBytes = std::size_t{1} << 20;
constexpr std::size_t kMaxMessages = 10'000;

constexpr JsonLimits kLineLimits{
    .max_bytes = kMaxLineBytes, .max_depth = 16, .max_values = 100'000};

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

void add_message(const JsonObject& message, TrainingRecord& record) {
  const std::string& role = message.get_string("role");
  const std::string_view begin = opening(role);
  if (begin.empty()) return;
  const std::string content = message.get_string_or("content", "");
  record.special_tokens += 2;
  if (const Json* reasoning = message.find("reasoning_content")) {
    if (!reasoning->is_string()) message.reject("reasoning_content", "a text");
    record.special_tokens += 2;
    record.stretches.emplace_back(begin);
    record.stretches.push_back(reasoning->get<std::string>());
    record.stretches.push_back(content);
  } else {
    record.stretches.push_back(std::string(begin) + content);
  }
}

TrainingRecord conversation(const JsonObject& object, const Json& messages) {
  if (!messages.is_array() || messages.empty() || messages.size() > kMaxMessages) {
    object.reject("messages", fmt::format("a list of 1 to {} messages", kMaxMessages));
  }
  TrainingRecord record;
  record.special_tokens = 1;
  bool is_first = true;
  for (const Json& message : messages) {
    const JsonObject view(object.file(), message);
    if (std::exchange(is_first, false) && view.get_string("role") != "system") {
      record.special_tokens += 2;
      record.stretches.emplace_back(opening("system"));
    }
    add_message(view, record);
  }
  return record;
}

/// The bytes of a file in lines, whose pages are given back as they are read.
class Lines {
 public:
  explicit Lines(const std::filesystem::path& path) : file_(path) {}

  /// The next line without its end, or nothing.
  std::optional<std::string_view> next() {
    if (at_ == file_.size()) return std::nullopt;
    const std::string_view rest = text().substr(at_);
    const std::size_t length = std::min(rest.find('\n'), rest.size());
    ++number_;
    if (length > kMaxLineBytes) {
      fail<FileError>("[data] {} has {} bytes; at most {} are read. Break it into several.",
                      where(), length, kMaxLineBytes);
    }
    at_ += std::min(length + 1, rest.size());
    if (at_ - dropped_ > kPartBytes) {
      file_.drop(dropped_, at_ - dropped_ - length);
      dropped_ = at_;
    }
    const std::string_view line = rest.substr(0, length);
    utf8::require_valid(line, where());
    return line;
  }

  std::string where() const { return fmt::format("{}, line {}", file_.path().string(), number_); }
  std::int64_t bytes_read() const { return static_cast<std::int64_t>(at_); }

 private:
  std::string_view text() const {
    return {reinterpret_cast<const char*>(file_.data()), file_.size()};
  }

  MappedFile file_;
  std::size_t at_ = 0;
  std::size_t dropped_ = 0;
  std::size_t number_ = 0;
};

void read_json_lines(Lines& lines, const TrainingRecordFn& use) {
  while (const auto line = lines.next()) {
    if (line->find_first_not_of(" \t\r") == std::string_view::npos) continue;
    use(parse_training_record(*line, lines.where()), lines.bytes_read());
  }
}

void read_plain_text(Lines& lines, const TrainingRecordFn& use) {
  TrainingRecord part;
  part.special_tokens = 2;
  std::string text;
  const auto flush = [&] {
    if (text.empty()) return;
    part.stretches = {std::exchange(text, {})};
    use(part, lines.bytes_read());
    part.special_tokens = 0;
  };
  while (const auto line = lines.next()) {
    text += *line;
    text += '\n';
    if (text.size() >= kPartBytes) flush();
  }
  flush();
}

}  // namespace

TrainingRecord parse_training_record(std::string_view line, const std::string& where) {
  const Json json = parse_json(line, where, kLineLimits);
  const JsonObject object(where, json);
  TrainingRecord record;
  if (const Json* messages = object.find("messages")) {
    record = conversation(object, *messages);
  } else if (object.contains("text")) {
    record.special_tokens = 2;
    record.stretches.push_back(object.get_string("text"));
  } else {
    fail<ConfigError>(
        "[data] {} has neither the key text nor the key messages. One of them was expected: a "
        "text, or a list of messages with role and content.",
        where);
  }
  record.family = object.get_string_or("family", "");
  return record;
}

void read_training_data(const std::filesystem::path& path, const TrainingRecordFn& use) {
  Lines lines(path);
  path.extension() == ".jsonl" ? read_json_lines(lines, use) : read_plain_text(lines, use);
}

}  // namespace pangu::text
