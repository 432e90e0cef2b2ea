// SPDX-License-Identifier: Apache-2.0
// A guess at the next tokens of a sequence: a tree, because a guess may have alternatives.
// Source: Miao et al. 2023, "SpecInfer" (arXiv:2305.09781), section 3.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "pangu/token.h"

namespace pangu {

class Draft {
 public:
  /// Index of a node; the root is the last token of the sequence, which is certain.
  using Index = std::int32_t;
  static constexpr Index kRoot = -1;

  struct Node {
    TokenId token;
    Index parent;   ///< always less than the node's own index
    int kind;       ///< class of guesses that are about equally good; each drafter numbers its own
    double chance;  ///< that the sequence goes on with the tokens from the root to here
  };

  void clear() { nodes_.clear(); }
  /// Adds a token that follows `parent` with probability `chance`, given that the parent came.
  Index add(Index parent, TokenId token, int kind, double chance);

  bool empty() const { return nodes_.empty(); }
  std::size_t size() const { return nodes_.size(); }
  std::span<const Node> nodes() const { return nodes_; }
  const Node& at(Index i) const { return nodes_[static_cast<std::size_t>(i)]; }
  /// Probability of everything up to a node; 1 for the root.
  double chance(Index i) const { return i == kRoot ? 1.0 : at(i).chance; }
  /// The node that follows `parent` with this token.
  std::optional<Index> child(Index parent, TokenId token) const;
  /// How many tokens the sequence is expected to gain from the draft.
  double expected_tokens() const;
  /// Makes every node that is a guess that much less likely; `factor` is in [0, 1].
  void discount(double factor);
  /// Leaves out all nodes whose chance is below `chance`. What is left is a tree: no node is
  /// likelier than its parent.
  void keep_from(double chance);
  /// Leaves out the nodes of which `keeps(index)` says no. Where it does, it must of all below.
  template <class Keeps>
  void keep_if(Keeps&& keeps);

  /// The kind of nodes that are no guesses: they come for sure, and come first.
  static constexpr int kCertain = -1;
  /// The draft that begins with these tokens for sure, and goes on as this one would if they come.
  /// They may be part of it already.
  Draft behind(std::span<const TokenId> certain) const;
  /// Nodes that come for sure.
  std::size_t certain() const;

  /// A stretch of the tree that is run as one sequence: its nodes follow one another, and follow
  /// `shared`, the path from the root to the first of them, which belongs to earlier branches.
  struct Branch {
    std::vector<Index> shared;  ///< without the root; empty in the first branch
    std::vector<Index> own;
  };
  /// Every node is in one branch's `own`. The first branch is there even if the draft is empty.
  std::vector<Branch> branches() const;

 private:
  std::vector<Node> nodes_;
};

template <class Keeps>
void Draft::keep_if(Keeps&& keeps) {
  std::vector<Index> kept(nodes_.size(), kRoot);
  std::size_t n = 0;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    Node node = nodes_[i];
    if (!keeps(i)) continue;
    if (node.parent != kRoot) node.parent = kept[static_cast<std::size_t>(node.parent)];
    kept[i] = static_cast<Index>(n);
    nodes_[n++] = node;
  }
  nodes_.resize(n);
}

/// Goes down a draft as far as the tokens that come are in it. `take(node)` says which token comes
/// behind a node, and whether the reply goes on: std::pair<TokenId, bool>. Returns that of the last
/// call, and in `node` the one it was called with.
template <class Take>
bool follow_draft(const Draft& draft, Draft::Index& node, Take&& take) {
  node = Draft::kRoot;
  for (;;) {
    const auto [token, goes_on] = take(node);
    const std::optional<Draft::Index> child = draft.child(node, token);
    if (!goes_on || !child) return goes_on;
    node = *child;
  }
}

}  // namespace pangu
