// SPDX-License-Identifier: Apache-2.0
// Files that appear complete or not at all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string_view>

#include "io/gathered_pieces.h"
#include "io/temporary.h"

namespace pangu {

/// Writes to a Temporary in the target's folder; commit()
/// syncs it and renames it over the target, so that readers and a power cut see the old file or the
/// new one. Without commit() nothing stays behind. A symbolic link is written through, and an
/// existing file's permissions are kept; a new file gets `mode`, less the umask. A target that is a
/// device, a pipe or an open descriptor (/dev/stdout, /dev/null) cannot be renamed over and is
/// written straight.
///
/// Small pieces are gathered and written together, large ones pass at once; so what a disk lacks
/// room for may be noticed at a later piece, and in commit() at the latest.
///
/// Every member throws FileError with the path and the reason: the folder is missing or not
/// writable, the disk is full, the target is a folder.
class AtomicFile {
 public:
  explicit AtomicFile(std::filesystem::path path, unsigned mode = 0666);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::span<const std::byte> bytes);
  void write(std::string_view text) { write(std::as_bytes(std::span(text))); }
  /// Writes at a place of its own, which need not follow what is there but must not overlap it;
  /// write() goes on where it was. Throws FileError for a target that is written straight.
  void write_at(std::uint64_t offset, std::span<const std::byte> bytes);

  /// Makes the file appear. Nothing may be written afterwards.
  void commit();

  /// Bytes written so far.
  std::uint64_t size() const { return size_; }

 private:
  void open_temporary(unsigned mode);
  void require_open() const;
  void put(std::uint64_t offset, std::span<const std::byte> bytes);
  void flush();
  void write_out(std::uint64_t offset, std::span<const std::byte> bytes);
  void close_descriptor();
  [[noreturn]] void fail_with(const char* doing, int error) const;

  std::filesystem::path path_;          ///< as the caller named it
  std::filesystem::path target_;        ///< with links resolved
  std::optional<Temporary> temporary_;  ///< none when written straight, and once renamed
  int fd_ = -1;
  std::uint64_t size_ = 0;
  std::uint64_t next_ = 0;  ///< where write() goes on
  GatheredPieces gathered_;
};

/// Writes a whole small file through AtomicFile.
void write_file_atomically(const std::filesystem::path& path, std::string_view content);

}  // namespace pangu
