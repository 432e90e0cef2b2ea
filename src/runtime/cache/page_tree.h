// SPDX-License-Identifier: Apache-2.0
// What nobody is using of a KvCache but somebody may want again: a radix tree whose edges are the
// tokens of a page. A prompt is followed from the root for as long as the tree goes on with its
// tokens, every one of them compared, and shares the pages on the way; the pages that were used
// longest ago go first, from the leaves.
// Source: Zheng et al. 2023, "SGLang", arXiv:2312.07104, section 3.
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/cache/kv_cache.h"

namespace pangu {

/// One owner at a time. Keeps pages beside the sequences that have them.
class PageTree {
 public:
  /// `cache` must outlive it.
  explicit PageTree(KvCache& cache) : cache_(cache) {}
  ~PageTree();
  PageTree(const PageTree&) = delete;
  PageTree& operator=(const PageTree&) = delete;

  /// Pages with the beginning of a prompt: whole ones, and perhaps a last one of which the first
  /// tokens are the prompt's.
  struct Match {
    std::vector<std::int32_t> pages;
    std::int64_t tokens = 0;
  };

  /// The longest beginning of `prompt` that was added under this salt.
  Match find(std::string_view salt, std::span<const TokenId> prompt) const;

  /// Makes the pages of a beginning of `prompt` the youngest.
  void touch(std::string_view salt, std::span<const TokenId> prompt);

  /// Keeps the pages of a sequence with these tokens, one page for each 32 of them; where the tree
  /// has the tokens already, its own pages stay. Returns the number of the first page that is new,
  /// as all behind it are.
  std::int64_t add(std::string_view salt, std::span<const TokenId> tokens,
                   std::span<const std::int32_t> pages);

  /// Gives up the page that was used longest ago among those that no sequence holds and nothing in
  /// the tree goes on from: it is free then. False if there is none.
  bool free_oldest();
  /// Gives up the page that was used longest ago; a sequence that shares it has it alone then.
  /// False if there is none.
  bool drop_oldest();

  std::int64_t pages() const { return std::ssize(by_use_); }
  /// Salts under which something is kept.
  std::int64_t salts() const { return std::ssize(roots_); }

 private:
  using Tokens = std::vector<TokenId>;
  struct Node;
  /// Takes texts that are no keys as they are.
  struct InOrder {
    using is_transparent = void;
    bool operator()(std::span<const TokenId> a, std::span<const TokenId> b) const;
  };
  /// In the order of the tokens, so that what has most in common with a text is next to it. None
  /// begins with all of another: the longer one takes its place.
  using Children = std::map<Tokens, std::unique_ptr<Node>, InOrder>;
  using Roots = std::map<std::string, Children, std::less<>>;  ///< by salt; none is empty
  using Uses = std::list<Node*>;

  struct Node {
    Node* parent = nullptr;  ///< null below a root
    Roots::iterator root;
    Children::const_iterator self;
    std::int32_t page = 0;
    Children children;
    Uses::iterator use;
  };

  /// A child and how many tokens it has in common with a text.
  struct Nearest {
    Node* node = nullptr;
    std::int64_t tokens = 0;
  };

  static Nearest nearest(const Children& children, std::span<const TokenId> text);
  /// The nodes of the longest beginning of a prompt, and how many of its tokens each has.
  std::vector<Nearest> path(std::string_view salt, std::span<const TokenId> prompt) const;
  static Children& children_of(Roots::iterator root, Node* parent) {
    return parent == nullptr ? root->second : parent->children;
  }
  Node* add_child(Roots::iterator root, Node* parent, std::span<const TokenId> tokens,
                  std::int32_t page);
  void touch_path(Node* leaf);
  void drop(Node* leaf);
  /// The same, in place of which another is added.
  void drop_node(Node* leaf);

  KvCache& cache_;
  Roots roots_;
  Uses by_use_;  ///< oldest first; who is above another in the tree is younger
};

}  // namespace pangu
