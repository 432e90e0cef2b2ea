// SPDX-License-Identifier: Apache-2.0
#include "train/token_store.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "base/error.h"
#include "base/file_advice.h"
#include "io/temporary.h"

namespace pangu {
namespace {

constexpr std::size_t kBufferTokens = std::size_t{1} << 18;

[[noreturn]] void fail_store(const std::filesystem::path& folder, const char* doing, int error) {
  fail<FileError>("[data] cannot {} the file of tokens in {}: {}. {}", doing, folder.string(),
                  std::strerror(error),
                  is_out_of_room(error)
                      ? "It takes 4 bytes a token; free space or choose another output folder."
                      : file_advice(error));
}

}  // namespace

TokenStore::TokenStore(const std::filesystem::path& folder) : folder_(folder) {
  // Without a name it is gone however the process ends.
  Temporary file(folder, Temporary::Kind::kFile);
  if (file.error() != 0) fail_store(folder_, "create", file.error());
  fd_ = file.release_descriptor();
}

TokenStore::~TokenStore() {
  if (tokens_) ::munmap(const_cast<LossToken*>(tokens_), mapped_bytes_);
  if (fd_ >= 0) ::close(fd_);
}

void TokenStore::add(std::span<const LossToken> document) {
  for (const LossToken t : document) digest_.add(t);
  // A boundary is a value that no token has.
  digest_.add(0xFFFFFFFFF);
  buffer_.insert(buffer_.end(), document.begin(), document.end());
  ends_.push_back(tokens() + document.size());
  if (buffer_.size() >= kBufferTokens) flush();
}

void TokenStore::flush() {
  auto bytes = std::as_bytes(std::span(buffer_));
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd_, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail_store(folder_, "write", errno);
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
  buffer_.clear();
}

void TokenStore::finish() {
  flush();
  buffer_.shrink_to_fit();
  mapped_bytes_ = tokens() * sizeof(LossToken);
  if (mapped_bytes_ > 0) {
    void* at = ::mmap(nullptr, mapped_bytes_, PROT_READ, MAP_SHARED, fd_, 0);
    if (at == MAP_FAILED) fail_store(folder_, "map", errno);
    tokens_ = static_cast<const LossToken*>(at);
  }
  ::close(std::exchange(fd_, -1));
}

}  // namespace pangu
