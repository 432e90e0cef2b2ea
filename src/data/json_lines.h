// SPDX-License-Identifier: Apache-2.0
// The lines of a JSON Lines file, each with its place for messages.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace pangu {

/// Longest line or document that is read from a data file.
inline constexpr std::size_t kMaxRecordBytes = std::size_t{16} << 20;

/// Whether a file is JSON Lines, by its name (.jsonl, .json, .ndjson).
bool is_json_lines(const std::filesystem::path& path);

struct JsonLine {
  std::string_view text;    ///< as it stands in the file, which it borrows from
  std::int64_t number = 0;  ///< counted from 1
  std::string where;        ///< "test.jsonl:7"
};

/// Reads a whole content from front to back; it must outlive this.
class JsonLines {
 public:
  /// `file` names the content in messages. A byte order mark is passed over.
  JsonLines(std::string_view content, std::string file);

  /// The next line that is not blank, or none at the end. Throws FileError for one of more than
  /// kMaxRecordBytes.
  std::optional<JsonLine> next();

 private:
  std::string_view left_;
  std::string file_;
  std::int64_t number_ = 0;
};

}  // namespace pangu
