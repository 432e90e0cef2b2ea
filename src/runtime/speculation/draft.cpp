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
  for (Node& node : nodes_) {
    if (node.kind != kCertain) node.chance *= factor;
  }
}

void Draft::keep_from(double chance) {
  keep_if([&](std::size_t i) { return nodes_[i].chance >= chance; });
}

std::size_t Draft::certain() const {
  return static_cast<std::size_t>(std::ranges::count(nodes_, kCertain, &Node::kind));
}

Draft Draft::behind(std::span<const TokenId> certain) const {
  Draft out;
  Index last = kRoot;
  for (const TokenId token : certain) last = out.add(last, token, kCertain, 1);
  constexpr Index kNowhere = kRoot - 1;
  std::vector<Index> place(nodes_.size(), kNowhere);
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    const Node& node = nodes_[i];
    const Index parent =
        node.parent == kRoot ? kRoot : place[static_cast<std::size_t>(node.parent)];
    if (parent == kNowhere) continue;
    if (parent < last) {  // within what is certain
      if (out.at(parent + 1).token == node.token) place[i] = parent + 1;
      continue;
    }
    const double before = chance(node.parent);
    place[i] = out.add(parent, node.token, node.kind, before > 0 ? node.chance / before : 0);
  }
  return out;
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
