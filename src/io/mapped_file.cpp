// SPDX-License-Identifier: Apache-2.0
// MappedFile on POSIX mmap.
#include "io/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>

#include "base/error.h"
#include "base/file_advice.h"

namespace pangu {
namespace {

/// Closes the descriptor on every way out; a mapping outlives it.
struct Descriptor {
  int fd;
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
};

/// A mapping as signal handlers find it.
struct Slot {
  std::atomic<const std::byte*> begin{nullptr};
  std::atomic<std::size_t> size{0};
  std::atomic<char*> name{nullptr};
};
std::array<Slot, 1024> slots;
// Marks a slot that is taken, but not filled.
constexpr std::byte kTaken{};

void remember(const std::byte* begin, std::size_t size, const std::string& name) {
  for (Slot& slot : slots) {
    const std::byte* nothing = nullptr;
    if (!slot.begin.compare_exchange_strong(nothing, &kTaken)) continue;
    slot.size = size;
    slot.name = ::strdup(name.c_str());
    slot.begin = begin;
    return;
  }
}

void forget(const std::byte* begin) {
  for (Slot& slot : slots) {
    if (slot.begin != begin) continue;
    std::free(slot.name.exchange(nullptr));  // NOLINT(cppcoreguidelines-no-malloc): strdup's
    slot.size = 0;
    slot.begin = nullptr;
    return;
  }
}

}  // namespace

const char* mapped_file_at(const void* address) {
  const auto* at = static_cast<const std::byte*>(address);
  for (const Slot& slot : slots) {
    const std::byte* begin = slot.begin;
    if (begin && begin <= at && at < begin + slot.size) return slot.name;
  }
  return nullptr;
}

MappedFile::MappedFile(std::filesystem::path path) : path_(std::move(path)) {
  const std::string name = path_.string();
  // O_NONBLOCK: opening a named pipe must not wait for a writer.
  const Descriptor file{::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (file.fd < 0) {
    fail<FileError>("[open] {}: {}. A readable file was expected. {}", name, std::strerror(errno),
                    file_advice(errno));
  }
  struct stat info {};
  if (::fstat(file.fd, &info) != 0) {
    fail<FileError>("[open] {}: {} while asking for its size. Check the disk and try again.", name,
                    std::strerror(errno));
  }
  if (S_ISDIR(info.st_mode)) {
    fail<FileError>("[open] {} is a folder; a file was expected. Name the file inside it.", name);
  }
  if (!S_ISREG(info.st_mode)) {
    fail<FileError>("[open] {} is a pipe or device; a regular file was expected. Save it to disk.",
                    name);
  }
  if (info.st_size == 0) {
    fail<FileError>("[open] {} is empty (0 bytes). Was the download interrupted? Fetch it again.",
                    name);
  }
  const auto size = static_cast<std::size_t>(info.st_size);
  void* data = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.fd, 0);
  if (data == MAP_FAILED) {
    fail<FileError>("[open] {}: cannot map its {} bytes: {}. Check memory limits (ulimit -v).",
                    name, size, std::strerror(errno));
  }
  data_ = static_cast<const std::byte*>(data);
  size_ = size;
  remember(data_, size_, name);
}

MappedFile::~MappedFile() {
  if (!data_) return;
  forget(data_);
  ::munmap(const_cast<std::byte*>(data_), size_);
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : path_(std::move(other.path_)),
      data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

void MappedFile::drop(std::size_t offset, std::size_t length) const {
  static const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  if (offset >= size_) return;
  // Inwards to whole pages: what lies beside this range may still be in use, and stays warm.
  std::size_t end = offset + std::min(length, size_ - offset);
  if (end != size_) end -= end % page;
  const std::size_t begin = (offset + page - 1) / page * page;
  // Advice only: nothing depends on it, so a refusal is not an error.
  if (begin < end) ::madvise(const_cast<std::byte*>(data_ + begin), end - begin, MADV_DONTNEED);
}

}  // namespace pangu
