// SPDX-License-Identifier: Apache-2.0
#include "data/json_lines.h"

#include <algorithm>

#include "base/error.h"
#include "base/unix_text.h"

namespace pangu {
namespace {

bool is_blank_line(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

}  // namespace

bool is_json_lines(const std::filesystem::path& path) {
  const std::string extension = path.extension().string();
  return extension == ".jsonl" || extension == ".json" || extension == ".ndjson";
}

JsonLines::JsonLines(std::string_view content, std::string file)
    : left_(content), file_(std::move(file)) {
  if (left_.starts_with(kByteOrderMark)) left_.remove_prefix(kByteOrderMark.size());
}

std::optional<JsonLine> JsonLines::next() {
  while (!left_.empty()) {
    ++number_;
    const std::size_t end = std::min(left_.find('\n'), left_.size());
    const std::string_view text = left_.substr(0, end);
    left_.remove_prefix(std::min(end + 1, left_.size()));
    if (is_blank_line(text)) continue;
    JsonLine line{.text = text, .number = number_, .where = fmt::format("{}:{}", file_, number_)};
    if (text.size() > kMaxRecordBytes) {
      fail<FileError>(
          "[rows] {} has {} bytes in one line; at most {} are read. One JSON object a "
          "line was expected. Is this a JSON Lines file?",
          line.where, text.size(), kMaxRecordBytes);
    }
    return line;
  }
  return std::nullopt;
}

}  // namespace pangu
