// SPDX-License-Identifier: Apache-2.0
#include "text/bpe/bpe_model.h"

#include <queue>

#include "base/error.h"
#include "base/utf8.h"

namespace pangu::text {
namespace {

std::uint64_t pair_key(TokenId left, TokenId right) {
  return static_cast<std::uint64_t>(static_cast<std::uint32_t>(left)) << 32 |
         static_cast<std::uint32_t>(right);
}

TokenId part_id(const Vocabulary& vocabulary, std::string_view part, std::size_t rank,
                const BpeModel::Merge& merge) {
  const auto id = vocabulary.find(part);
  if (!id) {
    fail<FileError>(
        "[tokenizer] {}: merge {} ('{}' + '{}') needs the token '{}', which the "
        "vocabulary lacks. Use the files that came with the model.",
        vocabulary.file(), rank, utf8::sanitized(merge.first), utf8::sanitized(merge.second),
        utf8::sanitized(part));
  }
  return *id;
}

/// A token within the word being merged; a joined one is the left of the two, the right is dead.
struct Symbol {
  TokenId id;
  std::int32_t previous;
  std::int32_t next;
};

constexpr TokenId kDead = -1;

struct Candidate {
  std::int32_t rank;
  std::int32_t left;  ///< index of the left symbol
  TokenId result;
};

struct Later {
  bool operator()(const Candidate& a, const Candidate& b) const {
    return a.rank != b.rank ? a.rank > b.rank : a.left > b.left;
  }
};

}  // namespace

BpeModel::BpeModel(const Vocabulary& vocabulary, const BpeParts& parts)
    : vocabulary_(&vocabulary), options_(parts.options) {
  const std::vector<Merge>& merges = parts.merges;
  rules_.reserve(merges.size());
  std::string joined;
  for (std::size_t rank = 0; rank < merges.size(); ++rank) {
    const auto& [left, right] = merges[rank];
    joined.assign(left).append(right);
    const TokenId left_id = part_id(vocabulary, left, rank, merges[rank]);
    const TokenId right_id = part_id(vocabulary, right, rank, merges[rank]);
    const TokenId result = part_id(vocabulary, joined, rank, merges[rank]);
    rules_[pair_key(left_id, right_id)] = {static_cast<std::int32_t>(rank), result};
  }
  if (options_.byte_fallback) byte_tokens_ = find_byte_tokens(vocabulary);
}

const BpeModel::Rule* BpeModel::rule(TokenId left, TokenId right) const {
  const auto it = rules_.find(pair_key(left, right));
  return it == rules_.end() ? nullptr : &it->second;
}

void BpeModel::spell(std::string_view word, std::vector<TokenId>& ids) const {
  bool after_unk = false;
  for (std::size_t at = 0; at < word.size();) {
    const std::size_t begin = at;
    utf8::next(word, at);
    const std::string_view character = word.substr(begin, at - begin);
    if (const auto id = vocabulary_->find(character)) {
      ids.push_back(*id);
      after_unk = false;
      continue;
    }
    if (append_byte_tokens(byte_tokens_, character, ids)) {
      after_unk = false;
    } else if (options_.unk_id) {
      if (!after_unk || !options_.fuse_unk) ids.push_back(*options_.unk_id);
      after_unk = true;
    }
  }
}

void BpeModel::encode(std::string_view word, std::vector<TokenId>& ids) const {
  if (options_.ignore_merges) {
    if (const auto id = vocabulary_->find(word)) {
      ids.push_back(*id);
      return;
    }
  }
  std::vector<TokenId> start;
  start.reserve(word.size());
  spell(word, start);

  const auto n = static_cast<std::int32_t>(start.size());
  std::vector<Symbol> symbols(start.size());
  for (std::int32_t i = 0; i < n; ++i) symbols[i] = {start[i], i - 1, i + 1 < n ? i + 1 : -1};
  std::vector<Candidate> storage;
  storage.reserve(start.size());
  std::priority_queue<Candidate, std::vector<Candidate>, Later> heap(Later(), std::move(storage));
  const auto propose = [&](std::int32_t left) {
    if (left < 0 || symbols[left].next < 0) return;
    if (const Rule* r = rule(symbols[left].id, symbols[symbols[left].next].id)) {
      heap.push({r->rank, left, r->result});
    }
  };
  for (std::int32_t i = 0; i + 1 < n; ++i) propose(i);

  while (!heap.empty()) {
    const Candidate best = heap.top();
    heap.pop();
    Symbol& left = symbols[best.left];
    if (left.id == kDead || left.next < 0) continue;
    Symbol& right = symbols[left.next];
    // Either side may have been joined to something else since the pair was proposed.
    const Rule* current = rule(left.id, right.id);
    if (!current || current->result != best.result) continue;
    left.id = best.result;
    left.next = right.next;
    right.id = kDead;
    if (left.next >= 0) symbols[left.next].previous = best.left;
    propose(left.previous);
    propose(best.left);
  }
  for (std::int32_t i = 0; i >= 0 && i < n; i = symbols[i].next) ids.push_back(symbols[i].id);
}

}  // namespace pangu::text
