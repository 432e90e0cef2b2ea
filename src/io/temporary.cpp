// SPDX-License-Identifier: Apache-2.0
#include "io/temporary.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <csignal>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace pangu {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kStem = ".pangu-", kEnding = ".tmp";

/// What this process has made and what it looked through.
struct Temporaries {
  std::mutex mutex;
  std::set<fs::path> alive;
  std::set<fs::path> swept;
  unsigned counter = 0;
};

Temporaries& temporaries() {
  static Temporaries all;
  return all;
}

/// The process in ".pangu-<process>-<number>.tmp", or 0 for other names.
pid_t process_of(std::string_view name) {
  if (!is_temporary_name(name)) return 0;
  const char* begin = name.data() + kStem.size();
  const char* end = name.data() + name.size() - kEnding.size();
  pid_t process = 0;
  unsigned number = 0;
  const auto [dash, error] = std::from_chars(begin, end, process);
  if (error != std::errc() || dash == end || *dash != '-') return 0;
  const auto [at, bad] = std::from_chars(dash + 1, end, number);
  return bad == std::errc() && at == end && process > 0 ? process : 0;
}

/// Whether nobody works on it: its process is gone, and so is its lock, which a process in another
/// container would hold. (There the number may be ours, too.)
bool is_abandoned(const fs::path& path) {
  const pid_t process = process_of(path.filename().string());
  if (process == 0 || temporaries().alive.contains(path)) return false;
  if (process != ::getpid() && (::kill(process, 0) == 0 || errno != ESRCH)) return false;
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (fd < 0) return false;
  const bool is_free = ::flock(fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK;
  ::close(fd);
  return is_free;
}

void remove_abandoned(const fs::path& folder) {
  std::error_code ignored;
  for (fs::directory_iterator at(folder, ignored), end; at != end; at.increment(ignored)) {
    std::error_code failed;
    if (is_abandoned(at->path())) fs::remove_all(at->path(), failed);
  }
}

/// Makes and opens it; -1 with errno where that fails.
int make(const fs::path& name, Temporary::Kind kind, unsigned mode) {
  if (kind == Temporary::Kind::kFile) {
    return ::open(name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  }
  if (::mkdir(name.c_str(), 0777) != 0) return -1;
  const int fd = ::open(name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) {
    const int error = errno;
    ::rmdir(name.c_str());
    errno = error;
  }
  return fd;
}

/// Whether somebody took it for abandoned before it was locked.
bool is_gone(int fd) {
  struct stat info {};
  return ::fstat(fd, &info) == 0 && info.st_nlink == 0;
}

}  // namespace

bool is_temporary_name(std::string_view name) {
  return name.starts_with(kStem) && name.ends_with(kEnding);
}

Temporary::Temporary(const fs::path& folder, Kind kind, unsigned mode) {
  Temporaries& all = temporaries();
  const std::lock_guard lock(all.mutex);
  if (all.swept.insert(folder).second) remove_abandoned(folder);
  // Names are unique within a process; a clash is a file of another one with the same number.
  for (int attempt = 0; attempt < 1000; ++attempt) {
    fs::path name = folder / fmt::format("{}{}-{}{}", kStem, ::getpid(), ++all.counter, kEnding);
    fd_ = make(name, kind, mode);
    error_ = fd_ < 0 ? errno : 0;
    if (error_ == EEXIST) continue;
    if (error_ != 0) return;
    ::flock(fd_, LOCK_EX | LOCK_NB);  // not every file system can; the process's number remains
    if (is_gone(fd_)) {
      ::close(std::exchange(fd_, -1));
      error_ = EAGAIN;
      continue;
    }
    path_ = std::move(name);
    all.alive.insert(path_);
    return;
  }
}

Temporary::~Temporary() {
  // Closed first: removing a folder takes a descriptor, and there may be no other.
  if (fd_ >= 0) ::close(fd_);
  std::error_code ignored;
  if (path_.empty()) return;
  fs::remove_all(path_, ignored);
  keep();
}

int Temporary::release_descriptor() {
  return std::exchange(fd_, -1);
}

void Temporary::keep() {
  const std::lock_guard lock(temporaries().mutex);
  temporaries().alive.erase(path_);
  path_.clear();
}

void Temporary::remove_all() {
  const std::lock_guard lock(temporaries().mutex);
  std::error_code ignored;
  for (const fs::path& path : temporaries().alive) fs::remove_all(path, ignored);
  temporaries().alive.clear();
}

}  // namespace pangu
