// SPDX-License-Identifier: Apache-2.0
// The tokens of one sequence, with the counts that penalties need. Speculation pushes drafted
// tokens and truncates after a rejection, so both directions cost O(1) per token.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "pangu/token.h"

namespace pangu {

class TokenHistory {
 public:
  /// How often a token occurs among the last `window` tokens.
  struct Counts {
    std::int32_t all = 0;        ///< in prompt and reply
    std::int32_t generated = 0;  ///< in the reply alone
  };

  /// Counts the last `window` tokens; -1 counts all (SamplingOptions::penalty_last_n).
  explicit TokenHistory(int window = -1);

  /// Appends prompt tokens. throws InputError for a negative id or after generated tokens.
  void append_prompt(std::span<const TokenId> ids);
  /// Appends one token of the reply. throws InputError for a negative id.
  void push(TokenId id);
  /// Removes the last token. throws InputError when there is none.
  void pop();
  /// Removes tokens from the end until `size` are left. throws InputError if there are fewer.
  void truncate(std::size_t size);

  std::size_t size() const { return tokens_.size(); }
  std::size_t prompt_size() const { return prompt_size_; }
  std::span<const TokenId> tokens() const { return tokens_; }
  int window() const { return window_; }
  /// The distinct tokens inside the window, in no particular order; each has all >= 1.
  const std::unordered_map<TokenId, Counts>& counts() const { return counts_; }

 private:
  void append(TokenId id);
  void count(std::size_t position, int step);

  int window_;
  std::size_t prompt_size_ = 0;
  std::vector<TokenId> tokens_;
  std::unordered_map<TokenId, Counts> counts_;
};

}  // namespace pangu
