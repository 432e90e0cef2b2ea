// SPDX-License-Identifier: Apache-2.0
#include "data/data_records.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/unix_text.h"
#include "data/json_lines.h"
#include "io/lfs_pointer.h"

namespace pangu {
namespace {

constexpr std::string_view kBlank = " \t\r\n";

}  // namespace

DataRecords::DataRecords(const MappedFile& file, std::optional<std::string> separator)
    : path_(file.path().string()),
      text_(reinterpret_cast<const char*>(file.data()), file.size()),
      separator_(std::move(separator)) {
  if (separator_) separators_ = {{*separator_}, {windows_text(*separator_)}};
  const std::string extension = file.path().extension().string();
  plain_text_ = extension == ".txt";
  if (!plain_text_ && extension != ".jsonl") {
    fail<FileError>(
        "[data] {} is neither a .jsonl nor a .txt file. Name it after what it is: a JSON object a "
        "line, or plain text.",
        path_);
  }
  refuse_lfs_pointer(text_.substr(0, 100), path_);
  if (text_.starts_with(kByteOrderMark)) position_ = kByteOrderMark.size();
}

std::optional<DataRecord> DataRecords::next() {
  while (position_ < text_.size()) {
    const std::size_t begin = position_;
    const std::int64_t line = line_;
    std::string_view record = cut();
    const std::string_view consumed = text_.substr(begin, position_ - begin);
    line_ += std::ranges::count(consumed, '\n');
    const std::size_t first = record.find_first_not_of(kBlank);
    if (first == std::string_view::npos) continue;
    if (record.size() > kMaxRecordBytes) {
      fail<FileError>(
          "[data] {}: the {} that begins in line {} has {} bytes; at most {} are read. Cut it into "
          "several{}.",
          path_, plain_text_ ? "document" : "line", line, record.size(), kMaxRecordBytes,
          plain_text_ ? ", or set data.document_separator" : "");
    }
    const std::int64_t skipped = std::ranges::count(record.substr(0, first), '\n');
    if (plain_text_) {
      record = record.substr(record.find_first_not_of("\r\n"));
      record.remove_suffix(record.size() - record.find_last_not_of("\r\n") - 1);
    }
    return DataRecord{record, line + skipped};
  }
  return std::nullopt;
}

std::string DataRecords::where(const DataRecord& record) const {
  return fmt::format("{}, line {}", path_, record.line);
}

std::string DataRecords::document(const DataRecord& record) {
  return unix_text(record.text);
}

std::string_view DataRecords::cut() {
  if (!plain_text_) return cut_at("\n");
  if (!separator_) return cut_at_blank_line();
  if (separator_->empty()) return text_.substr(std::exchange(position_, text_.size()));
  return cut_at_separator();
}

std::string_view DataRecords::cut_at_separator() {
  const Separator* first = nullptr;
  for (Separator& s : separators_) {
    if (!s.is_known || s.next < position_) s.next = text_.find(s.text, position_);
    s.is_known = true;
    if (!first || s.next < first->next) first = &s;
  }
  const std::size_t begin = position_, at = first->next;
  position_ = at == text_.npos ? text_.size() : at + first->text.size();
  return text_.substr(begin, std::min(at, text_.size()) - begin);
}

std::string_view DataRecords::cut_at(std::string_view separator) {
  const std::size_t begin = position_;
  const std::size_t at = text_.find(separator, begin);
  position_ = at == std::string_view::npos ? text_.size() : at + separator.size();
  return text_.substr(begin, at == std::string_view::npos ? at : at - begin);
}

std::string_view DataRecords::cut_at_blank_line() {
  const std::size_t begin = position_;
  for (;;) {
    const std::size_t line_begin = position_;
    const std::string_view line = cut_at("\n");
    if (line.find_first_not_of(" \t\r") == std::string_view::npos || position_ == text_.size()) {
      const std::size_t end = position_ == text_.size() ? position_ : line_begin;
      return text_.substr(begin, end - begin);
    }
  }
}

}  // namespace pangu
