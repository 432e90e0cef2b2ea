// SPDX-License-Identifier: Apache-2.0
// Rows of numbers that are written once and read many times, in memory while they are few, else in
// a temporary file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "io/mapped_file.h"
#include "io/temporary.h"

namespace pangu::eval {

struct RowStoreLimits {
  std::int64_t memory_bytes = std::int64_t{256} << 20;  ///< beyond it a file is used
  std::int64_t file_bytes = std::int64_t{64} << 30;
  /// Where the file is made; empty: the system's folder for temporary files (TMPDIR, or /tmp).
  std::filesystem::path folder = {};
};

/// The file is gone when this is, however the program ends (see Temporary), and its room is
/// reserved at the beginning: a full disk is found before the work.
class RowStore {
 public:
  /// Room for `rows` rows of `width` floats. Throws OutOfMemory where they are more than the limits
  /// or what the disk has free, with the number of rows that would fit; FileError for a folder that
  /// cannot be written.
  RowStore(std::int64_t rows, std::int64_t width, const RowStoreLimits& limits);

  /// Row `r`, once. From any thread. Throws ShapeError for another width or number, FileError with
  /// the reason if the file cannot be written.
  void write(std::int64_t r, std::span<const float> values);
  /// Ends the writing. Throws FileError if the file cannot be read back.
  void finish();

  /// Once finished; valid as long as this is. From any thread.
  std::span<const float> row(std::int64_t r) const;
  /// Gives the memory of rows back that were read; a file's are read again when they are asked for.
  void drop(std::int64_t first, std::int64_t n) const;

  std::int64_t rows() const { return rows_; }
  std::int64_t bytes() const { return rows_ * width_ * static_cast<std::int64_t>(sizeof(float)); }
  bool in_file() const { return file_ != nullptr; }

 private:
  void make_file(const RowStoreLimits& limits);

  std::int64_t rows_, width_;
  std::vector<float> memory_;
  std::unique_ptr<Temporary> file_;
  std::optional<MappedFile> mapped_;
};

}  // namespace pangu::eval
