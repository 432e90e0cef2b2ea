// SPDX-License-Identifier: Apache-2.0
// The tokens of a vocabulary sorted by their bytes, as a trie in one array: a walk over it tries
// all of them against a grammar, and what they have in common once.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "pangu/tokenizer.h"

namespace pangu::grammar {

class TokenTrie {
 public:
  /// Nodes stand in the order of a walk, depth first: a node's subtree follows it.
  struct Node {
    std::uint32_t end;          ///< behind its subtree
    std::uint32_t first_token;  ///< of those that end here; they go on to the next node's first
    std::uint16_t depth;        ///< bytes up to here; 0 of the root alone
    std::uint8_t byte;
  };

  /// Leaves out what a text cannot hold exactly: special tokens, markers of thinking, the unknown
  /// token, those without bytes, and those after which decoding drops a blank.
  explicit TokenTrie(std::shared_ptr<const Tokenizer> tokenizer);

  std::uint32_t nodes() const { return static_cast<std::uint32_t>(nodes_.size()) - 1; }
  const Node& node(std::uint32_t i) const { return nodes_[i]; }
  std::span<const TokenId> tokens(std::uint32_t i) const {
    return std::span(ids_).subspan(nodes_[i].first_token,
                                   nodes_[i + 1].first_token - nodes_[i].first_token);
  }
  std::uint16_t max_depth() const { return max_depth_; }
  /// The node of every token that is longer than kLong bytes.
  std::span<const std::uint32_t> long_nodes() const { return long_nodes_; }
  static constexpr std::uint16_t kLong = 32;

  TokenId vocab_size() const { return tokenizer_->vocab_size(); }
  /// Empty for tokens that are left out.
  std::string_view bytes(TokenId id) const;

 private:
  std::shared_ptr<const Tokenizer> tokenizer_;
  std::vector<Node> nodes_;  ///< and one behind the last
  std::vector<TokenId> ids_;
  std::vector<bool> is_in_;
  std::vector<std::uint32_t> long_nodes_;
  std::uint16_t max_depth_ = 0;
};

/// A set of tokens, as TokenConstraint::allowed() gives it.
using TokenMask = std::vector<std::uint64_t>;

inline void add_token(TokenMask& mask, TokenId id) {
  mask[static_cast<std::size_t>(id) / 64] |= std::uint64_t{1} << (id % 64);
}

inline void remove_token(TokenMask& mask, TokenId id) {
  mask[static_cast<std::size_t>(id) / 64] &= ~(std::uint64_t{1} << (id % 64));
}

}  // namespace pangu::grammar
