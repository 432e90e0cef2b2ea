// SPDX-License-Identifier: Apache-2.0
// AtomicFile on POSIX: exclusive create, fsync, rename, fsync of the folder.
#include "io/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>
#include <utility>

#include "base/error.h"
#include "base/file_advice.h"

namespace pangu {
namespace {

/// Pieces of at least so many bytes pass at once: beside them, a call costs nothing.
constexpr std::size_t kLargePieceBytes = std::size_t{256} << 10;
/// Smaller ones are written when there are more bytes of them.
constexpr std::size_t kGatheredBytes = std::size_t{1} << 20;

/// Names of descriptors that are already open. They may lead to a regular file (`> out.bin`), which
/// must be written through the descriptor and not replaced under the shell's hands.
bool names_open_descriptor(const std::filesystem::path& path) {
  const std::string name = path.lexically_normal().string();
  return name == "/dev/stdout" || name == "/dev/stderr" || name.starts_with("/dev/fd/") ||
         name.starts_with("/proc/self/fd/");
}

/// The folder that holds `target`, as open() wants it.
std::filesystem::path folder_of(const std::filesystem::path& target) {
  return target.has_parent_path() ? target.parent_path() : std::filesystem::path(".");
}

}  // namespace

AtomicFile::AtomicFile(std::filesystem::path path, unsigned mode)
    : path_(std::move(path)), target_(path_) {
  struct stat info {};
  const bool exists = ::stat(path_.c_str(), &info) == 0;
  if ((exists && S_ISDIR(info.st_mode)) || !path_.has_filename()) {
    fail<FileError>("[write] '{}' is a folder; the name of a file was expected. Add a file name.",
                    path_.string());
  }
  if (names_open_descriptor(path_) || (exists && !S_ISREG(info.st_mode))) {
    fd_ = ::open(path_.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
    if (fd_ < 0) fail_with("open", errno);
  } else {
    std::error_code no_link;
    const auto resolved = std::filesystem::canonical(path_, no_link);
    if (!no_link) target_ = resolved;
    open_temporary(mode);
    if (exists) ::fchmod(fd_, info.st_mode & 07777);
  }
}

AtomicFile::~AtomicFile() {
  if (fd_ >= 0) ::close(fd_);
}

void AtomicFile::open_temporary(unsigned mode) {
  temporary_.emplace(folder_of(target_), Temporary::Kind::kFile, mode);
  fd_ = temporary_->release_descriptor();
  if (fd_ >= 0) return;
  const int error = temporary_->error();
  if (error == ENOENT || error == ENOTDIR) {
    fail<FileError>("[write] {}: there is no folder {}. Create it first, or correct the path.",
                    path_.string(), folder_of(target_).string());
  }
  fail_with("create a file in its folder", error);
}

void AtomicFile::require_open() const {
  if (fd_ >= 0) return;
  fail<FileError>("[write] {} was committed; nothing can be added to it. Open it anew.",
                  path_.string());
}

void AtomicFile::write(std::span<const std::byte> bytes) {
  require_open();
  put(next_, bytes);
  next_ += bytes.size();
}

void AtomicFile::write_at(std::uint64_t offset, std::span<const std::byte> bytes) {
  require_open();
  if (!temporary_) {
    fail<FileError>("[write] {} can only be written from front to back. Choose a file on a disk.",
                    path_.string());
  }
  put(offset, bytes);
}

void AtomicFile::put(std::uint64_t offset, std::span<const std::byte> bytes) {
  if (bytes.size() < kLargePieceBytes) {
    gathered_.add(offset, bytes);
    if (gathered_.size() > kGatheredBytes) flush();
  } else {
    if (!temporary_) flush();  // what is written straight keeps its order
    write_out(offset, bytes);
  }
  size_ += bytes.size();
}

void AtomicFile::flush() {
  gathered_.drain(
      [this](std::uint64_t offset, std::span<const std::byte> run) { write_out(offset, run); });
}

void AtomicFile::write_out(std::uint64_t offset, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t n = temporary_
                          ? ::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(offset))
                          : ::write(fd_, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail_with("write", errno);
    bytes = bytes.subspan(static_cast<std::size_t>(n));
    offset += static_cast<std::uint64_t>(n);
  }
}

void AtomicFile::commit() {
  if (fd_ < 0) return;
  flush();
  if (!temporary_) {
    close_descriptor();
    return;
  }
  if (::fsync(fd_) != 0) fail_with("sync", errno);
  close_descriptor();
  if (::rename(temporary_->path().c_str(), target_.c_str()) != 0) {
    fail_with("rename into place", errno);
  }
  temporary_->keep();
  temporary_.reset();
  // The rename itself reaches the disk with the folder. Some file systems cannot sync a folder;
  // the file is complete either way, so that is no error.
  const int folder = ::open(folder_of(target_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder >= 0) {
    ::fsync(folder);
    ::close(folder);
  }
}

void AtomicFile::close_descriptor() {
  // Network file systems report a failed write here at the latest.
  if (::close(std::exchange(fd_, -1)) != 0) fail_with("close", errno);
}

void AtomicFile::fail_with(const char* doing, int error) const {
  fail<FileError>("[write] {}: cannot {} after {} bytes: {}. {}", path_.string(), doing, size_,
                  std::strerror(error), file_advice(error));
}

void write_file_atomically(const std::filesystem::path& path, std::string_view content) {
  AtomicFile file(path);
  file.write(content);
  file.commit();
}

}  // namespace pangu
