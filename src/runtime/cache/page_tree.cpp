// SPDX-License-Identifier: Apache-2.0
#include "runtime/cache/page_tree.h"

#include <algorithm>
#include <iterator>

#include "base/common_prefix.h"

namespace pangu {
namespace {

std::span<const TokenId> first_page(std::span<const TokenId> tokens) {
  return tokens.first(std::min(tokens.size(), static_cast<std::size_t>(kPagePositions)));
}

}  // namespace

PageTree::~PageTree() {
  for (const Node* node : by_use_) cache_.forget(node->page);
}

bool PageTree::InOrder::operator()(std::span<const TokenId> a, std::span<const TokenId> b) const {
  return std::ranges::lexicographical_compare(a, b);
}

PageTree::Nearest PageTree::nearest(const Children& children, std::span<const TokenId> text) {
  Nearest best;
  const auto offer = [&](Children::const_iterator child) {
    const std::int64_t common = common_prefix(child->first, text);
    if (common > best.tokens) best = {.node = child->second.get(), .tokens = common};
  };
  const auto after = children.lower_bound(text);
  if (after != children.end()) offer(after);
  if (after != children.begin()) offer(std::prev(after));
  return best;
}

std::vector<PageTree::Nearest> PageTree::path(std::string_view salt,
                                              std::span<const TokenId> prompt) const {
  std::vector<Nearest> out;
  const auto root = roots_.find(salt);
  const Children* level = root == roots_.end() ? nullptr : &root->second;
  while (level != nullptr && !prompt.empty()) {
    const Nearest next = nearest(*level, first_page(prompt));
    if (next.node == nullptr) break;
    out.push_back(next);
    if (next.tokens < kPagePositions) break;
    prompt = prompt.subspan(kPagePositions);
    level = &next.node->children;
  }
  return out;
}

PageTree::Match PageTree::find(std::string_view salt, std::span<const TokenId> prompt) const {
  Match out;
  for (const auto& [node, tokens] : path(salt, prompt)) {
    out.pages.push_back(node->page);
    out.tokens += tokens;
  }
  return out;
}

void PageTree::touch(std::string_view salt, std::span<const TokenId> prompt) {
  const std::vector<Nearest> nodes = path(salt, prompt);
  if (!nodes.empty()) touch_path(nodes.back().node);
}

void PageTree::touch_path(Node* leaf) {
  for (Node* node = leaf; node != nullptr; node = node->parent) {
    by_use_.splice(by_use_.end(), by_use_, node->use);
  }
}

PageTree::Node* PageTree::add_child(Roots::iterator root, Node* parent,
                                    std::span<const TokenId> tokens, std::int32_t page) {
  const auto [at, is_new] =
      children_of(root, parent)
          .emplace(Tokens(tokens.begin(), tokens.end()), std::make_unique<Node>());
  Node* node = at->second.get();
  *node = {.parent = parent,
           .root = root,
           .self = at,
           .page = page,
           .children = {},
           .use = by_use_.insert(by_use_.end(), node)};
  cache_.keep(page);
  return node;
}

std::int64_t PageTree::add(std::string_view salt, std::span<const TokenId> tokens,
                           std::span<const std::int32_t> pages) {
  if (tokens.empty()) return 0;
  const auto root = roots_.try_emplace(std::string(salt)).first;
  Node* parent = nullptr;
  std::int64_t first_new = std::ssize(pages);
  for (std::size_t p = 0; !tokens.empty(); ++p) {
    const auto page = first_page(tokens);
    auto [node, common] = nearest(children_of(root, parent), page);
    if (node == nullptr || common < std::ssize(page)) {
      // A page that this one goes on from is no longer needed.
      if (node != nullptr && common == std::ssize(node->self->first)) drop_node(node);
      node = add_child(root, parent, page, pages[p]);
      first_new = std::min(first_new, static_cast<std::int64_t>(p));
    }
    parent = node;
    tokens = tokens.subspan(page.size());
  }
  touch_path(parent);
  return first_new;
}

bool PageTree::free_oldest() {
  // Whoever holds a page holds those before it: the oldest that is held once is a leaf.
  const auto oldest = std::ranges::find_if(by_use_, [&](const Node* node) {
    return node->children.empty() && cache_.is_idle(node->page);
  });
  if (oldest == by_use_.end()) return false;
  drop(*oldest);
  return true;
}

bool PageTree::drop_oldest() {
  if (by_use_.empty()) return false;
  drop(by_use_.front());
  return true;
}

void PageTree::drop(Node* leaf) {
  const auto root = leaf->root;
  drop_node(leaf);
  // Salts are what clients say: none may stay for nothing.
  if (root->second.empty()) roots_.erase(root);
}

void PageTree::drop_node(Node* leaf) {
  cache_.forget(leaf->page);
  by_use_.erase(leaf->use);
  children_of(leaf->root, leaf->parent).erase(leaf->self);
}

}  // namespace pangu
