// SPDX-License-Identifier: Apache-2.0
// Puts documents of all lengths into rows of at most one length, so that little room is wasted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "train/token_store.h"

namespace pangu {

/// What happens to a document that is longer than a row.
enum class TooLong : std::uint8_t {
  kSplit,     ///< it becomes several, each of which begins anew
  kTruncate,  ///< what does not fit is left out
  kSkip       ///< it is left out
};

struct PackingOptions {
  std::int64_t length = 1024;  ///< tokens in a row, at most
  TooLong too_long = TooLong::kSplit;
  std::uint64_t seed = 0;
  /// Rows that are open for more at a time; more fill better and mix less.
  std::size_t window = 64;
};

/// Inputs [begin, begin + length) of a document; the target of an input is the token after it, so
/// the last token of a document is no input.
struct PackedPiece {
  std::uint32_t document = 0;
  std::uint32_t length = 0;
  std::uint64_t begin = 0;
  friend bool operator==(const PackedPiece&, const PackedPiece&) = default;
};

struct PackingCounts {
  std::int64_t too_long = 0;         ///< documents that were split, truncated or skipped
  std::int64_t tokens_left_out = 0;  ///< inputs of them that are in no row
  friend bool operator==(const PackingCounts&, const PackingCounts&) = default;
};

class PackedRows {
 public:
  std::size_t size() const { return ends_.size(); }
  std::span<const PackedPiece> row(std::size_t i) const {
    const std::size_t begin = i > 0 ? ends_[i - 1] : 0;
    return std::span(pieces_).subspan(begin, ends_[i] - begin);
  }
  const PackingCounts& counts() const { return counts_; }

 private:
  friend PackedRows pack_documents(const TokenStore&, const PackingOptions&);

  std::vector<PackedPiece> pieces_;
  std::vector<std::size_t> ends_;
  PackingCounts counts_;
};

/// Goes over the documents in an order shuffled by the seed and puts each into the first open row
/// that has room for it. Pieces without anything to learn are left out and counted. The same store
/// and options give the same rows everywhere.
PackedRows pack_documents(const TokenStore& store, const PackingOptions& options);

}  // namespace pangu
