// SPDX-License-Identifier: Apache-2.0
#include "text/tokenizer/added_tokens.h"

#include <utility>

#include "base/utf8.h"
#include "text/tokenizer/tokenizer_unicode.h"

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
  std::vector<ByteTrie::Key> keys;
  keys.reserve(tokens_.size());
  for (std::size_t t = 0; t < tokens_.size(); ++t) {
    keys.emplace_back(tokens_[t].content, static_cast<std::int32_t>(t));
  }
  trie_ = ByteTrie(std::move(keys));
}

const AddedToken* AddedTokenMatcher::longest_at(std::string_view text, std::size_t at,
                                                bool parse_special) const {
  const AddedToken* best = nullptr;
  trie_.match(text, at, [&](std::size_t end, std::int32_t t) {
    const AddedToken& token = tokens_[static_cast<std::size_t>(t)];
    if (token.special && !parse_special) return;
    if (token.single_word &&
        (ends_in_word(text.substr(0, at)) || begins_with_word(text.substr(end)))) {
      return;
    }
    best = &token;
  });
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
