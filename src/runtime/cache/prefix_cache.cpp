// SPDX-License-Identifier: Apache-2.0
#include "runtime/cache/prefix_cache.h"

#include <algorithm>
#include <iterator>

#include "base/common_prefix.h"

namespace pangu {

int64_t whole_pages_within(int64_t positions) {
  return positions / kPagePositions * kPagePositions;
}

int64_t whole_pages_around(int64_t positions) {
  return whole_pages_within(positions + kPagePositions - 1);
}

PrefixCache::Match PrefixCache::find(std::span<const TokenId> prompt) const {
  Match best;
  const auto offer = [&](const Entry& entry, int64_t tokens, bool moves) {
    if (tokens <= best.tokens) return;
    best.entry = &entry;
    best.tokens = tokens;
    best.moves = moves;
  };
  for (const Entry& entry : kept_) {
    const int64_t common = common_prefix(prompt, entry.tokens);
    const bool moves = keep_ == 1 || common >= whole_pages_within(std::ssize(entry.tokens));
    offer(entry, moves ? common : whole_pages_within(common), moves);
  }
  for (const Entry& entry : in_use_) {
    const int64_t common = common_prefix(prompt, entry.tokens);
    const int64_t held = std::min(common, cache_.length(entry.sequence));
    offer(entry, whole_pages_within(held), false);
    best.later = std::max(best.later, whole_pages_within(common));
  }
  return best;
}

PrefixCache::Entry& PrefixCache::open(std::span<const TokenId> tokens, const Match& match) {
  if (match.moves) {
    in_use_.splice(in_use_.end(), kept_, find_entry(kept_, *match.entry));
    cache_.truncate(in_use_.back().sequence, match.tokens);
  } else {
    in_use_.push_back(
        {match.entry ? cache_.fork(match.entry->sequence, match.tokens) : cache_.create(), {}});
    const auto matched = std::ranges::find(kept_, match.entry, [](const Entry& e) { return &e; });
    if (matched != kept_.end()) kept_.splice(kept_.end(), kept_, matched);
    if (kept() == keep_) drop_oldest();
  }
  in_use_.back().tokens.assign(tokens.begin(), tokens.end());
  return in_use_.back();
}

void PrefixCache::close(Entry& entry) {
  entry.tokens.resize(static_cast<std::size_t>(cache_.length(entry.sequence)));
  if (keep_ == 0 || entry.tokens.empty()) return drop(entry);
  kept_.splice(kept_.end(), in_use_, find_entry(in_use_, entry));
  if (kept() > keep_) drop_oldest();
}

void PrefixCache::drop(Entry& entry) {
  release(in_use_, find_entry(in_use_, entry));
}

bool PrefixCache::drop_oldest(const Entry* spared) {
  const auto oldest = std::ranges::find_if(kept_, [&](const Entry& e) { return &e != spared; });
  if (oldest == kept_.end()) return false;
  release(kept_, oldest);
  return true;
}

PrefixCache::Entries::iterator PrefixCache::find_entry(Entries& entries, const Entry& entry) {
  return std::ranges::find(entries, &entry, [](const Entry& e) { return &e; });
}

void PrefixCache::release(Entries& entries, Entries::iterator entry) {
  cache_.release(entry->sequence);
  entries.erase(entry);
}

}  // namespace pangu
