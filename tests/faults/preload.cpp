// SPDX-License-Identifier: Apache-2.0
// Loaded before the C library (LD_PRELOAD): counts the calls by which a program changes files, and
// at one of them ends the process or fails.
//
//   PANGU_FAULT_AT     number of that call, from 1; 0 or nothing: only count
//   PANGU_FAULT_KIND   "kill" (a write is done by half before) or "fail"
//   PANGU_FAULT_COUNT  file to which the number of calls goes at the end
#include <dlfcn.h>
#include <fcntl.h>
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

bool kills() {
  const char* kind = std::getenv("PANGU_FAULT_KIND");
  return kind && std::strcmp(kind, "kill") == 0;
}

/// Counts a call; whether it is the one.
bool is_due() {
  static const long at = [] {
    const char* text = std::getenv("PANGU_FAULT_AT");
    return text ? std::strtol(text, nullptr, 10) : 0;
  }();
  return ++calls == at;
}

/// Counts a call; true if it is to fail. Ends the process where that is asked for.
bool fails(int error) {
  if (!is_due()) return false;
  if (kills()) std::raise(SIGKILL);
  errno = error;
  return true;
}

bool is_file(int fd) {
  struct stat info {};
  return ::fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && fd > STDERR_FILENO;
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
  if (is_file(fd) && is_due()) {
    if (kills()) {
      real(fd, data, size / 2);
      std::raise(SIGKILL);
    }
    errno = ENOSPC;
    return -1;
  }
  return real(fd, data, size);
}

ssize_t writev(int fd, const iovec* parts, int n) {
  static const auto real = next<ssize_t (*)(int, const iovec*, int)>("writev");
  return is_file(fd) && fails(ENOSPC) ? -1 : real(fd, parts, n);
}

ssize_t pwrite(int fd, const void* data, size_t size, off_t at) {
  static const auto real = next<ssize_t (*)(int, const void*, size_t, off_t)>("pwrite");
  return fails(ENOSPC) ? -1 : real(fd, data, size, at);
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
  return fails(ENOSPC) ? -1 : real(path, mode);
}

}  // extern "C"
