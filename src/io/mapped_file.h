// SPDX-License-Identifier: Apache-2.0
// A whole file mapped read-only, so that weights are paged in when used and never copied.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>

namespace pangu {

/// Owns one read-only mapping. Movable; views of data() stay valid when it moves, not when it dies.
/// The file must not shrink while it is mapped: the operating system answers a read past its new
/// end with SIGBUS, for which mapped_file_at() has the name. Programs that replace a file by
/// rename, as AtomicFile does, are safe.
class MappedFile {
 public:
  /// Throws FileError naming the path and the reason: missing, a folder, not a regular file, empty,
  /// or not readable.
  explicit MappedFile(std::filesystem::path path);
  ~MappedFile();
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;

  const std::byte* data() const { return data_; }
  std::size_t size() const { return size_; }
  std::span<const std::byte> bytes() const { return {data_, size_}; }
  const std::filesystem::path& path() const { return path_; }

  /// Gives back the memory of the pages that lie wholly within [offset, offset + length), clipped
  /// to the file: for data that has been consumed. Reading them again is allowed, and costs a read.
  void drop(std::size_t offset, std::size_t length) const;

 private:
  std::filesystem::path path_;
  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

/// Name of the mapped file that an address lies in, or nullptr. Takes no lock and no memory: it may
/// be called by a signal handler. Beyond 1024 files that are mapped at a time, names are not kept.
const char* mapped_file_at(const void* address);

}  // namespace pangu
