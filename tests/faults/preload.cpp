// SPDX-License-Identifier: Apache-2.0
// Loaded before the C library (LD_PRELOAD): counts the calls by which a program changes files, and
// at one of them ends the process, fails, or fills the disk.
//
//   PANGU_FAULT_AT         number of that call, from 1; 0 or nothing: only count
//   PANGU_FAULT_KIND       "kill" (a write is done by half before), "fail", or "full":
//                          from that call on nothing that takes room is done, after the first write
//                          by half
//   PANGU_FAULT_COUNT      file to which the number of calls goes at the end
//   PANGU_FAULT_SHRINK     file that loses its second half when it is mapped
//   PANGU_FAULT_SHRINK_AT  at which of its mappings, from 1
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

std::atomic<long> calls{0};

template <class F>
F next(const char* name) {
  return reinterpret_cast<F>(::dlsym(RTLD_NEXT, name));
}

bool is_kind(const char* name) {
  const char* kind = std::getenv("PANGU_FAULT_KIND");
  return kind && std::strcmp(kind, name) == 0;
}

bool kills() {
  return is_kind("kill");
}

/// The call that the fault is to happen at, or 0.
long fault_call() {
  static const long at = [] {
    const char* text = std::getenv("PANGU_FAULT_AT");
    return text ? std::strtol(text, nullptr, 10) : 0;
  }();
  return at;
}

/// What the system has to say to a call.
enum class Verdict { kDo, kDoHalf, kFail };

/// Counts a call. `takes_room` on the disk: another one works on a full disk, too.
Verdict verdict(bool takes_room) {
  const long call = ++calls, at = fault_call();
  if (is_kind("full")) {
    if (at == 0 || call < at || !takes_room) return Verdict::kDo;
    return call == at ? Verdict::kDoHalf : Verdict::kFail;
  }
  return call == at ? Verdict::kFail : Verdict::kDo;
}

/// Counts a call that cannot be done by half; true if it is to fail. Ends the process where that is
/// asked for.
bool fails(int error, bool takes_room = false) {
  if (verdict(takes_room) == Verdict::kDo) return false;
  if (kills()) std::raise(SIGKILL);
  errno = error;
  return true;
}

/// A write that `real` does for as many bytes as it is asked to.
template <class F>
ssize_t faulty_write(size_t size, const F& real) {
  const Verdict say = verdict(true);
  if (say == Verdict::kDo) return real(size);
  if (say == Verdict::kDoHalf && size > 1) return real(size / 2);
  if (kills()) {
    real(size / 2);
    std::raise(SIGKILL);
  }
  errno = ENOSPC;
  return -1;
}

bool is_file(int fd) {
  struct stat info {};
  return ::fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && fd > STDERR_FILENO;
}

/// Whether a descriptor is of the file that is to shrink, for the time that counts.
bool shrinks(int fd) {
  static std::atomic<long> mappings{0};
  const char* path = std::getenv("PANGU_FAULT_SHRINK");
  struct stat named {
  }, open{};
  const bool is_file = path && fd >= 0 && ::stat(path, &named) == 0 && ::fstat(fd, &open) == 0 &&
                       named.st_ino == open.st_ino && named.st_dev == open.st_dev;
  const char* at = std::getenv("PANGU_FAULT_SHRINK_AT");
  return is_file && at && ++mappings == std::strtol(at, nullptr, 10);
}

__attribute__((destructor)) void report() {
  const char* path = std::getenv("PANGU_FAULT_COUNT");
  if (!path) return;
  if (std::FILE* file = std::fopen(path, "w")) {
    std::fprintf(file, "%ld\n", calls.load());
    std::fclose(file);
  }
}

}  // namespace

extern "C" {

ssize_t write(int fd, const void* data, size_t size) {
  static const auto real = next<ssize_t (*)(int, const void*, size_t)>("write");
  if (!is_file(fd)) return real(fd, data, size);
  return faulty_write(size, [&](size_t done) { return real(fd, data, done); });
}

ssize_t writev(int fd, const iovec* parts, int n) {
  static const auto real = next<ssize_t (*)(int, const iovec*, int)>("writev");
  return is_file(fd) && fails(ENOSPC, true) ? -1 : real(fd, parts, n);
}

ssize_t pwrite(int fd, const void* data, size_t size, off_t at) {
  static const auto real = next<ssize_t (*)(int, const void*, size_t, off_t)>("pwrite");
  return faulty_write(size, [&](size_t done) { return real(fd, data, done, at); });
}

int fsync(int fd) {
  static const auto real = next<int (*)(int)>("fsync");
  return fails(EIO) ? -1 : real(fd);
}

int rename(const char* from, const char* to) {
  static const auto real = next<int (*)(const char*, const char*)>("rename");
  return fails(EIO) ? -1 : real(from, to);
}

int link(const char* from, const char* to) {
  static const auto real = next<int (*)(const char*, const char*)>("link");
  return fails(EMLINK) ? -1 : real(from, to);
}

int unlink(const char* path) {
  static const auto real = next<int (*)(const char*)>("unlink");
  return fails(EIO) ? -1 : real(path);
}

int unlinkat(int folder, const char* path, int flags) {
  static const auto real = next<int (*)(int, const char*, int)>("unlinkat");
  return fails(EIO) ? -1 : real(folder, path, flags);
}

int remove(const char* path) {
  static const auto real = next<int (*)(const char*)>("remove");
  return fails(EIO) ? -1 : real(path);
}

int mkdir(const char* path, mode_t mode) {
  static const auto real = next<int (*)(const char*, mode_t)>("mkdir");
  return fails(ENOSPC, true) ? -1 : real(path, mode);
}

void* mmap(void* at, size_t size, int protection, int flags, int fd, off_t offset) {
  static const auto real = next<void* (*)(void*, size_t, int, int, int, off_t)>("mmap");
  void* mapped = real(at, size, protection, flags, fd, offset);
  if (mapped != MAP_FAILED && shrinks(fd)) {
    const int ignored = ::truncate(std::getenv("PANGU_FAULT_SHRINK"), static_cast<off_t>(size / 2));
    static_cast<void>(ignored);
  }
  return mapped;
}

}  // extern "C"
