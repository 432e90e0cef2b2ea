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

const PageTree::Children* PageTree::root(std::string_view salt) const {
  const auto at = roots_.find(salt);
  return at == roots_.end() ? nullptr : &at->second;
}

PageTree::Nearest PageTree::nearest(const Children& children, std::span<const TokenId> text) {
  Nearest best;
  const auto offer = [&](Children::const_iterator child) {
    const std::int64_t common = common_prefix(child->first, text);
    if (common > best.tokens) best = {.node = child->second.get(), .tokens = common};
  };
  const auto after = children.lower_bound(Tokens(text.begin(), text.end()));
  if (after != children.end()) offer(after);
  if (after != children.begin()) offer(std::prev(after));
  return best;
}

PageTree::Match PageTree::find(std::string_view salt, std::span<const TokenId> prompt) const {
  Match out;
  for (const Children* level = root(salt); level != nullptr && !prompt.empty();) {
    const auto [node, tokens] = nearest(*level, first_page(prompt));
    if (node == nullptr) break;
    out.pages.push_back(node->page);
    out.tokens += tokens;
    if (tokens < kPagePositions) break;
    prompt = prompt.subspan(kPagePositions);
    level = &node->children;
  }
  return out;
}

void PageTree::touch(std::string_view salt, std::span<const TokenId> prompt) {
  const Node* last = nullptr;
  for (const Children* level = root(salt); level != nullptr && !prompt.empty();) {
    const auto [node, tokens] = nearest(*level, first_page(prompt));
    if (node == nullptr) break;
    last = node;
    if (tokens < kPagePositions) break;
    prompt = prompt.subspan(kPagePositions);
    level = &node->children;
  }
  if (last != nullptr) touch_path(*last->use);
}

void PageTree::touch_path(Node* leaf) {
  for (Node* node = leaf; node != nullptr; node = node->parent) {
    by_use_.splice(by_use_.end(), by_use_, node->use);
  }
}

PageTree::Node* PageTree::add_child(Children& children, Node* parent,
                                    std::span<const TokenId> tokens, std::int32_t page) {
  const auto [at, is_new] =
      children.emplace(Tokens(tokens.begin(), tokens.end()), std::make_unique<Node>());
  Node* node = at->second.get();
  *node = {.parent = parent,
           .siblings = &children,
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
  Children* level = &roots_.try_emplace(std::string(salt)).first->second;
  Node* parent = nullptr;
  std::int64_t first_new = std::ssize(pages);
  for (std::size_t p = 0; !tokens.empty(); ++p) {
    const auto page = first_page(tokens);
    const auto [found, common] = nearest(*level, page);
    Node* node = found == nullptr ? nullptr : *found->use;
    if (node == nullptr || common < std::ssize(page)) {
      // A page that this one goes on from is no longer needed.
      if (node != nullptr && common == std::ssize(node->self->first)) drop(node);
      node = add_child(*level, parent, page, pages[p]);
      first_new = std::min(first_new, static_cast<std::int64_t>(p));
    }
    parent = node;
    level = &node->children;
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
  cache_.forget(leaf->page);
  by_use_.erase(leaf->use);
  leaf->siblings->erase(leaf->self);
}

}  // namespace pangu
