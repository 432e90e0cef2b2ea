// SPDX-License-Identifier: Apache-2.0
// Cuts a mapped data file into records: the lines of a .jsonl file, the documents of a .txt file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "io/mapped_file.h"

namespace pangu {

/// Borrows from the mapping.
struct DataRecord {
  std::string_view text;
  std::int64_t line = 0;  ///< of its beginning, from 1
};

/// Reads from front to back. The file must outlive it.
class DataRecords {
 public:
  /// `separator` as DatasetOptions::document_separator. Throws FileError for another kind of file.
  DataRecords(const MappedFile& file, std::optional<std::string> separator);

  /// The next record that is not blank, or none at the end. Throws FileError for one of more than
  /// kMaxRecordBytes.
  std::optional<DataRecord> next();

  bool is_plain_text() const { return plain_text_; }
  /// What a record of a plain text says: without the carriage returns of Windows' line ends.
  static std::string document(const DataRecord& record);
  /// Bytes that were read.
  std::size_t position() const { return position_; }
  /// "train.jsonl, line 7"
  std::string where(const DataRecord& record) const;

 private:
  std::string_view cut();
  std::string_view cut_at(std::string_view separator);
  std::string_view cut_at_separator();

  /// The separator as one kind of system writes it, and where it comes next: looked for once.
  struct Separator {
    std::string text;
    std::size_t next = 0;
    bool is_known = false;
  };
  std::string_view cut_at_blank_line();

  std::string path_;
  std::string_view text_;
  std::optional<std::string> separator_;
  std::vector<Separator> separators_;
  bool plain_text_ = false;
  std::size_t position_ = 0;
  std::int64_t line_ = 1;
};

}  // namespace pangu
