// SPDX-License-Identifier: Apache-2.0
#include "runtime/speculation/draft.h"

#include <algorithm>

namespace pangu {

Draft::Index Draft::add(Index parent, TokenId token, int kind, double chance) {
  nodes_.push_back({.token = token,
                    .parent = parent,
                    .kind = kind,
                    .chance = std::clamp(chance, 0.0, 1.0) * this->chance(parent)});
  return static_cast<Index>(nodes_.size()) - 1;
}

std::optional<Draft::Index> Draft::child(Index parent, TokenId token) const {
  for (auto i = static_cast<std::size_t>(std::ptrdiff_t{parent} + 1); i < nodes_.size(); ++i) {
    if (nodes_[i].parent == parent && nodes_[i].token == token) return static_cast<Index>(i);
  }
  return std::nullopt;
}

double Draft::expected_tokens() const {
  double sum = 0;
  for (const Node& node : nodes_) sum += node.chance;
  return sum;
}

void Draft::discount(double factor) {
  for (Node& node : nodes_) node.chance *= factor;
}

void Draft::keep_from(double chance) {
  std::vector<Index> kept(nodes_.size(), kRoot);
  std::size_t n = 0;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    Node node = nodes_[i];
    if (node.chance < chance) continue;
    if (node.parent != kRoot) node.parent = kept[static_cast<std::size_t>(node.parent)];
    kept[i] = static_cast<Index>(n);
    nodes_[n++] = node;
  }
  nodes_.resize(n);
}

std::vector<Draft::Branch> Draft::branches() const {
  std::vector<Branch> out;
  std::vector<bool> inner(nodes_.size()), placed(nodes_.size());
  for (const Node& node : nodes_) {
    if (node.parent != kRoot) inner[static_cast<std::size_t>(node.parent)] = true;
  }
  for (std::size_t leaf = 0; leaf < nodes_.size(); ++leaf) {
    if (inner[leaf]) continue;
    Branch branch;
    for (auto i = static_cast<Index>(leaf); i != kRoot; i = at(i).parent) {
      const bool shared = placed[static_cast<std::size_t>(i)];
      (shared ? branch.shared : branch.own).push_back(i);
      placed[static_cast<std::size_t>(i)] = true;
    }
    std::ranges::reverse(branch.shared);
    std::ranges::reverse(branch.own);
    out.push_back(std::move(branch));
  }
  if (out.empty()) out.emplace_back();
  return out;
}

}  // namespace pangu
