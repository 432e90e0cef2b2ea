// SPDX-License-Identifier: Apache-2.0
// The tokens of one micro-batch, as a flat list: packed sequences one after the other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "pangu/token.h"

namespace pangu {

/// A target that says: no loss at this row.
inline constexpr TokenId kNoTarget = -1;

/// Row t is a token; every vector but document_starts has one element a row. Attention sees the
/// rows of its own document up to itself, never those of another.
struct TokenBatch {
  std::vector<TokenId> tokens;
  std::vector<std::int32_t> positions;  ///< restart at 0 with each document
  /// First row of each document, rising; the first is 0. A document ends where the next starts.
  std::vector<std::int32_t> document_starts;
  std::vector<TokenId> targets;  ///< the next token of the document, or kNoTarget

  std::size_t size() const { return tokens.size(); }
  /// Rows with a loss.
  std::int64_t target_count() const {
    std::int64_t n = 0;
    for (const TokenId t : targets) n += t != kNoTarget ? 1 : 0;
    return n;
  }
};

}  // namespace pangu
