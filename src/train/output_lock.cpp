// SPDX-License-Identifier: Apache-2.0
#include "train/output_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "base/error.h"
#include "base/file_advice.h"

namespace pangu {

OutputLock::OutputLock(const std::filesystem::path& folder) {
  std::error_code error;
  if (std::filesystem::create_directories(folder, error)) created_ = folder;
  if (!error && ::access(folder.c_str(), W_OK) != 0) error.assign(errno, std::generic_category());
  if (error) {
    fail<FileError>("[output] cannot write to the folder {}: {}. {}", folder.string(),
                    error.message(), file_advice(error.value()));
  }
  fd_ = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd_ < 0) {
    fail<FileError>("[output] cannot open the folder {}: {}. {}", folder.string(),
                    std::strerror(errno), file_advice(errno));
  }
  if (::flock(fd_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    ::close(fd_);
    fail<FileError>(
        "[output] another run writes to {}. Wait for its end, or choose another output folder.",
        folder.string());
  }
}

OutputLock::~OutputLock() {
  std::error_code not_empty;
  if (!created_.empty()) std::filesystem::remove(created_, not_empty);
  ::close(fd_);
}

}  // namespace pangu
