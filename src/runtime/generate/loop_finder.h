// SPDX-License-Identifier: Apache-2.0
// Notices that a sequence of tokens says the same over and over, word for word.
#pragma once

#include <cstdint>
#include <vector>

#include "pangu/token.h"

namespace pangu {

/// What counts as a loop: the last tokens are a stretch of at most `max_period` tokens that is
/// there `min_repeats` times or more without a break, and has `min_tokens` tokens or more in all.
struct LoopRule {
  int max_period = 512;  ///< at least 1
  int min_repeats = 4;   ///< at least 2
  int min_tokens = 256;  ///< at least 1; honest tables, lists and sums repeat something, too

  /// Tokens of a loop with this period when it is noticed.
  int tokens_needed(int period) const;
};

/// Exact: it counts for every period how long each token was the same as the one a period before,
/// max_period comparisons for a token that the compiler does many at a time. Memory is 16 bytes for
/// each of them, however long the sequence.
class LoopFinder {
 public:
  explicit LoopFinder(const LoopRule& rule = {});

  /// Takes the next token. Returns the shortest period of a loop that ends with it; 0 if none does.
  int push(TokenId id);

  /// A new sequence begins.
  void clear();

 private:
  std::int32_t period_;               ///< the longest
  std::int64_t size_ = 0;             ///< tokens so far
  std::size_t end_ = 0;               ///< of the last ones in tokens_
  std::vector<TokenId> tokens_;       ///< the last max_period or more, side by side
  std::vector<std::int32_t> runs_;    ///< at max_period - p: tokens equal to those p before
  std::vector<std::int32_t> needed_;  ///< there: when that is a loop
};

}  // namespace pangu
