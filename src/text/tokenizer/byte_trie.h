// SPDX-License-Identifier: Apache-2.0
// Which of many strings begin at a place in a text.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pangu::text {

/// A trie over bytes. Built once; only read afterwards. A lookup takes time for the bytes that
/// match, whatever the number of keys.
class ByteTrie {
 public:
  using Key = std::pair<std::string_view, std::int32_t>;

  /// Values must not be negative. Of equal keys the last counts; empty ones match nothing. The
  /// strings need to live during construction only.
  explicit ByteTrie(std::vector<Key> keys = {});

  /// Calls `found(end, value)` for every key that is text[at, end), the shortest first.
  template <class Found>
  void match(std::string_view text, std::size_t at, Found found) const {
    const Node* node = nodes_.data();
    for (std::size_t end = at; end < text.size();) {
      const char* labels = labels_.data() + node->first_child;
      const void* label = std::memchr(labels, text[end], node->children);
      if (!label) return;
      node = &nodes_[static_cast<std::size_t>(static_cast<const char*>(label) - labels_.data())];
      ++end;
      if (node->value >= 0) found(end, node->value);
    }
  }

 private:
  struct Node {
    std::uint32_t first_child = 0;  ///< the children of a node follow each other
    std::uint32_t children = 0;
    std::int32_t value = -1;
  };
  std::vector<Node> nodes_;  ///< the root first
  std::string labels_;       ///< the byte that leads to each node
};

}  // namespace pangu::text
