// SPDX-License-Identifier: Apache-2.0
// The tokens of a data set, on disk and mapped: memory holds only what is being read.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "base/hash.h"
#include "train/example_encoder.h"

namespace pangu {

/// Documents one after the other, in a file without a name that goes away with the process, however
/// that ends. Filled once, then read by any number of threads.
class TokenStore {
 public:
  /// The file is made in `folder`. Throws FileError with the reason if it cannot be.
  explicit TokenStore(const std::filesystem::path& folder);
  ~TokenStore();
  TokenStore(const TokenStore&) = delete;
  TokenStore& operator=(const TokenStore&) = delete;

  /// Adds a document. Throws FileError if the disk is full.
  void add(std::span<const LossToken> document);
  /// Maps what was added; nothing can be added afterwards.
  void finish();

  std::size_t documents() const { return ends_.size(); }
  std::uint64_t tokens() const { return ends_.empty() ? 0 : ends_.back(); }
  std::uint64_t length(std::size_t document) const {
    return ends_[document] - (document > 0 ? ends_[document - 1] : 0);
  }
  /// The tokens of a document, after finish().
  std::span<const LossToken> document(std::size_t document) const {
    return {tokens_ + (ends_[document] - length(document)), length(document)};
  }
  /// Changes with every token, loss bit and boundary (FNV-1a, 64 bits).
  std::uint64_t digest() const { return digest_.value(); }

 private:
  void flush();

  std::filesystem::path folder_;
  int fd_ = -1;
  std::vector<LossToken> buffer_;
  std::vector<std::uint64_t> ends_;
  Fnv1a digest_;
  const LossToken* tokens_ = nullptr;
  std::size_t mapped_bytes_ = 0;
};

}  // namespace pangu
