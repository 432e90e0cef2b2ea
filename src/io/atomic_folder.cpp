// SPDX-License-Identifier: Apache-2.0
// AtomicFolder on POSIX: a rename takes the place of an empty folder, and of no other.
#include "io/atomic_folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>

#include "base/error.h"
#include "base/file_advice.h"

namespace pangu {
namespace {

namespace fs = std::filesystem;

/// The final path without a slash at its end and with links resolved.
fs::path resolved(const fs::path& path) {
  std::error_code missing;
  fs::path existing = fs::canonical(path, missing);
  if (!missing) return existing;
  const fs::path whole = fs::absolute(path).lexically_normal();
  return whole.has_filename() ? whole : whole.parent_path();
}

void require_free(const fs::path& path) {
  std::error_code ignored;
  const bool is_folder = fs::is_directory(path, ignored);
  if (is_folder ? fs::is_empty(path, ignored) : !fs::exists(path, ignored)) return;
  fail<FileError>("[write] '{}' exists already{}. Give the name of a new folder.", path.string(),
                  is_folder ? " and is not empty" : "");
}

[[noreturn]] void fail_with(const fs::path& path, const char* doing, int error) {
  fail<FileError>("[write] {}: cannot {}: {}. {}", path.string(), doing, std::strerror(error),
                  file_advice(error));
}

/// Carries a rename to the disk; file systems that cannot sync a folder are let be.
void sync_folder(const fs::path& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  ::fsync(fd);
  ::close(fd);
}

}  // namespace

AtomicFolder::AtomicFolder(const fs::path& path) : target_(resolved(path)) {
  require_free(target_);
  temporary_.emplace(target_.parent_path(), Temporary::Kind::kFolder);
  const int error = temporary_->error();
  if (error == ENOENT || error == ENOTDIR) {
    fail<FileError>("[write] {}: there is no folder {}. Create it first, or correct the path.",
                    path.string(), target_.parent_path().string());
  }
  if (error != 0) fail_with(path, "create a folder beside it", error);
}

void AtomicFolder::commit() {
  if (!temporary_) return;
  sync_folder(temporary_->path());
  if (::rename(temporary_->path().c_str(), target_.c_str()) != 0) {
    fail_with(target_, "rename the finished folder into place", errno);
  }
  temporary_->keep();
  temporary_.reset();
  sync_folder(target_.parent_path());
}

}  // namespace pangu
