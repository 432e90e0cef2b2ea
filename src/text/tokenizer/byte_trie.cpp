// SPDX-License-Identifier: Apache-2.0
#include "text/tokenizer/byte_trie.h"

#include <algorithm>

namespace pangu::text {

ByteTrie::ByteTrie(std::vector<Key> keys) : nodes_(1), labels_(1, '\0') {
  std::ranges::stable_sort(keys, {}, &Key::first);
  // Nodes are made level by level; each stands for a range of keys that begin alike.
  struct Range {
    std::size_t begin, end, depth;
  };
  std::vector<Range> ranges{{0, keys.size(), 0}};
  for (std::size_t n = 0; n < ranges.size(); ++n) {
    auto [at, end, depth] = ranges[n];
    for (; at < end && keys[at].first.size() == depth; ++at) {
      if (depth > 0) nodes_[n].value = keys[at].second;
    }
    nodes_[n].first_child = static_cast<std::uint32_t>(nodes_.size());
    while (at < end) {
      const char label = keys[at].first[depth];
      const std::size_t begin = at;
      while (at < end && keys[at].first[depth] == label) ++at;
      ranges.push_back({begin, at, depth + 1});
      nodes_.emplace_back();
      labels_ += label;
      ++nodes_[n].children;
    }
  }
}

}  // namespace pangu::text
