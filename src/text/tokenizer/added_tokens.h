// SPDX-License-Identifier: Apache-2.0
// Tokens whose text is cut out before the rest is tokenized: special tokens and added words.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pangu/token.h"
#include "text/tokenizer/byte_trie.h"

namespace pangu::text {

/// One added token, with the flags of Hugging Face's AddedToken.
struct AddedToken {
  TokenId id = 0;
  std::string content;
  bool special = false;      ///< matched only where special tokens are parsed
  bool lstrip = false;       ///< a match takes the whitespace before it along
  bool rstrip = false;       ///< ... and behind it
  bool single_word = false;  ///< matches only where no word character adjoins
  bool normalized = false;   ///< looked for in normalized text
};

/// A stretch of text between added tokens (id < 0), or one added token.
struct Segment {
  std::string_view text;
  TokenId id = -1;
};

/// Finds added tokens in text: at each place the longest that may match there, left to right. A
/// trie, so the time is bounded by text length times the longest token.
class AddedTokenMatcher {
 public:
  /// Contents must not be empty.
  explicit AddedTokenMatcher(std::vector<AddedToken> tokens = {});

  bool empty() const { return tokens_.empty(); }
  /// Cuts `text`; the segments cover it but for whitespace that lstrip and rstrip consume. Empty
  /// stretches are left out.
  std::vector<Segment> split(std::string_view text, bool parse_special) const;

 private:
  const AddedToken* longest_at(std::string_view text, std::size_t at, bool parse_special) const;

  std::vector<AddedToken> tokens_;
  ByteTrie trie_;  ///< of indices into tokens_
};

}  // namespace pangu::text
