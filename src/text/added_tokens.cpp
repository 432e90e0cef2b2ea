// SPDX-License-Identifier: Apache-2.0
#include "text/added_tokens.h"

#include <algorithm>
#include <utility>

#include "base/utf8.h"
#include "text/tokenizer_unicode.h"

namespace pangu::text {
namespace {

/// Where the whitespace that ends `text` begins.
std::size_t trailing_space_begin(std::string_view text) {
  std::size_t begin = text.size();
  while (begin > 0) {
    std::size_t at = begin - 1;
    while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) --at;
    std::size_t after = at;
    if (!is_space(utf8::next(text, after))) break;
    begin = at;
  }
  return begin;
}

std::size_t leading_space_size(std::string_view text) {
  std::size_t size = 0;
  while (size < text.size()) {
    std::size_t after = size;
    if (!is_space(utf8::next(text, after))) break;
    size = after;
  }
  return size;
}

bool ends_in_word(std::string_view text) {
  if (text.empty()) return false;
  std::size_t at = text.size() - 1;
  while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) --at;
  return is_word(utf8::next(text, at));
}

bool begins_with_word(std::string_view text) {
  std::size_t at = 0;
  return !text.empty() && is_word(utf8::next(text, at));
}

}  // namespace

AddedTokenMatcher::AddedTokenMatcher(std::vector<AddedToken> tokens) : tokens_(std::move(tokens)) {
  roots_.fill(-1);
  for (std::size_t t = 0; t < tokens_.size(); ++t) {
    std::int32_t node = -1;
    for (const char c : tokens_[t].content) {
      const auto byte = static_cast<unsigned char>(c);
      std::int32_t next = child(node, byte);
      if (next < 0) {
        next = static_cast<std::int32_t>(nodes_.size());
        std::int32_t& head = node < 0 ? roots_[byte] : nodes_[node].first_child;
        const std::int32_t sibling = head;
        head = next;
        nodes_.push_back({byte, -1, sibling, -1});
      }
      node = next;
    }
    if (node >= 0) nodes_[node].token = static_cast<std::int32_t>(t);
  }
}

std::int32_t AddedTokenMatcher::child(std::int32_t node, unsigned char byte) const {
  if (node < 0) return roots_[byte];
  std::int32_t next = nodes_[node].first_child;
  while (next >= 0 && nodes_[next].byte != byte) next = nodes_[next].next_sibling;
  return next;
}

const AddedToken* AddedTokenMatcher::longest_at(std::string_view text, std::size_t at,
                                                bool parse_special) const {
  const AddedToken* best = nullptr;
  std::int32_t node = -1;
  for (std::size_t end = at; end < text.size(); ++end) {
    node = child(node, static_cast<unsigned char>(text[end]));
    if (node < 0) break;
    if (nodes_[node].token < 0) continue;
    const AddedToken& token = tokens_[nodes_[node].token];
    if (token.special && !parse_special) continue;
    if (token.single_word &&
        (ends_in_word(text.substr(0, at)) || begins_with_word(text.substr(end + 1)))) {
      continue;
    }
    best = &token;
  }
  return best;
}

std::vector<Segment> AddedTokenMatcher::split(std::string_view text, bool parse_special) const {
  std::vector<Segment> segments;
  std::size_t done = 0;
  for (std::size_t at = 0; at < text.size() && !tokens_.empty();) {
    const AddedToken* token = longest_at(text, at, parse_special);
    if (!token) {
      ++at;
      continue;
    }
    std::size_t begin = at;
    std::size_t end = at + token->content.size();
    if (token->lstrip) begin = done + trailing_space_begin(text.substr(done, at - done));
    if (token->rstrip) end += leading_space_size(text.substr(end));
    if (begin > done) segments.push_back({text.substr(done, begin - done)});
    segments.push_back({text.substr(begin, end - begin), token->id});
    at = done = end;
  }
  if (done < text.size()) segments.push_back({text.substr(done)});
  return segments;
}

}  // namespace pangu::text
