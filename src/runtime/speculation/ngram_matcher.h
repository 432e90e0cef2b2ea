// SPDX-License-Identifier: Apache-2.0
// Where the last tokens of a text occurred before: prompt lookup.
// Source: Saxena 2023, apoorvumang/prompt-lookup-decoding.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "pangu/token.h"

namespace pangu {

/// Indexes the text as it grows: a token costs the same however long the text is.
class NGramMatcher {
 public:
  /// A place where the text went on after the same tokens that it ends with now.
  struct Match {
    std::size_t position = 0;  ///< of the token that came next, or the text's size where none did
    int length = 0;            ///< tokens before it that agree with the end; 0 is no match
  };

  /// Looks for the last `max_n` tokens, or for fewer if those never occurred; at least 1.
  /// Throws ConfigError for max_n outside [1, 16].
  explicit NGramMatcher(int max_n);

  void push(TokenId token);

  std::span<const TokenId> tokens() const { return tokens_; }
  /// The newest place of the longest match. `length` counts agreement beyond max_n too, up to 64.
  Match match() const;
  /// The token `offset` places after a match; a match that reaches the end of the text goes on with
  /// its own copy, as a text does that repeats itself.
  TokenId continuation(const Match& match, std::size_t offset) const;

 private:
  std::uint64_t hash_of_last(int n) const;
  /// How many tokens before `position` agree with the end of the text.
  int agreement(std::size_t position) const;

  std::vector<TokenId> tokens_;
  /// For each n: from the hash of n tokens to the place behind their newest occurrence.
  std::vector<std::unordered_map<std::uint64_t, std::size_t>> places_;
  std::vector<std::size_t>
      earlier_;  ///< for each n: that of the last n tokens, before this one; 0: none
};

}  // namespace pangu
