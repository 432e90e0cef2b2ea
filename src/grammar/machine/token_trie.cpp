// SPDX-License-Identifier: Apache-2.0
#include "grammar/machine/token_trie.h"

#include <algorithm>
#include <utility>

#include "text/chat/thinking_markers.h"

namespace pangu::grammar {
namespace {

/// Longer tokens than any text needs; they would make every walk reserve room for them.
constexpr std::size_t kMaxTokenBytes = 4096;

bool is_text(const Tokenizer& tokenizer, const ThinkingMarkers& markers, TokenId id) {
  const std::size_t size = tokenizer.bytes(id).size();
  if (size == 0 || size > kMaxTokenBytes || tokenizer.is_special(id)) return false;
  if (id == tokenizer.bos_id() || id == tokenizer.eos_id() || id == tokenizer.pad_id() ||
      id == tokenizer.unk_id() || id == markers.begin_id || id == markers.end_id) {
    return false;
  }
  const LeadingSpace rule = tokenizer.leading_space();
  const bool drops_blank =
      rule == LeadingSpace::kDropPerRun || rule == LeadingSpace::kDropAllPerRun;
  return !(drops_blank && tokenizer.ends_run(id));
}

}  // namespace

TokenTrie::TokenTrie(std::shared_ptr<const Tokenizer> tokenizer)
    : tokenizer_(std::move(tokenizer)) {
  const ThinkingMarkers markers = thinking_markers(*tokenizer_);
  is_in_.resize(static_cast<std::size_t>(vocab_size()));
  std::vector<std::pair<std::string_view, TokenId>> sorted;
  for (TokenId id = 0; id < vocab_size(); ++id) {
    if (!is_text(*tokenizer_, markers, id)) continue;
    is_in_[static_cast<std::size_t>(id)] = true;
    sorted.emplace_back(tokenizer_->bytes(id), id);
  }
  std::sort(sorted.begin(), sorted.end());
  std::vector<std::uint32_t> path = {0};  // nodes from the root to the last one
  nodes_.push_back({0, 0, 0, 0});
  const auto leave = [&](std::size_t depth) {
    for (; path.size() > depth + 1; path.pop_back()) {
      nodes_[path.back()].end = static_cast<std::uint32_t>(nodes_.size());
    }
  };
  std::string_view last;
  for (const auto& [bytes, id] : sorted) {
    const auto common = static_cast<std::size_t>(
        std::mismatch(bytes.begin(), bytes.end(), last.begin(), last.end()).first - bytes.begin());
    if (common < path.size() - 1) leave(common);
    for (std::size_t depth = common; depth < bytes.size(); ++depth) {
      path.push_back(static_cast<std::uint32_t>(nodes_.size()));
      nodes_.push_back({0, static_cast<std::uint32_t>(ids_.size()),
                        static_cast<std::uint16_t>(depth + 1),
                        static_cast<std::uint8_t>(bytes[depth])});
      if (depth + 1 == bytes.size() && bytes.size() > kLong) long_nodes_.push_back(path.back());
    }
    max_depth_ = std::max(max_depth_, nodes_.back().depth);
    ids_.push_back(id);
    last = bytes;
  }
  leave(0);
  nodes_[0].end = static_cast<std::uint32_t>(nodes_.size());
  nodes_.push_back({0, static_cast<std::uint32_t>(ids_.size()), 0, 0});
}

std::string_view TokenTrie::bytes(TokenId id) const {
  if (id < 0 || id >= vocab_size() || !is_in_[static_cast<std::size_t>(id)]) return {};
  return tokenizer_->bytes(id);
}

}  // namespace pangu::grammar
