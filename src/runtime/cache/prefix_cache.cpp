// SPDX-License-Identifier: Apache-2.0
#include "runtime/cache/prefix_cache.h"

#include <algorithm>
#include <utility>

#include "base/common_prefix.h"

namespace pangu {

int64_t whole_pages_within(int64_t positions) {
  return positions / kPagePositions * kPagePositions;
}

int64_t whole_pages_around(int64_t positions) {
  return whole_pages_within(positions + kPagePositions - 1);
}

PrefixCache::Match PrefixCache::find(std::span<const TokenId> prompt, std::string_view salt) const {
  auto [pages, tokens] = kept_.find(salt, prompt);
  Match best{.entry = nullptr, .pages = std::move(pages), .tokens = tokens, .later = 0};
  for (const Entry& entry : in_use_) {
    if (entry.salt != salt) continue;
    const int64_t common = common_prefix(prompt, entry.tokens);
    const int64_t held = whole_pages_within(std::min(common, cache_.length(entry.sequence)));
    if (held > best.tokens) {
      best.entry = &entry;
      best.tokens = held;
    }
    best.later = std::max(best.later, whole_pages_within(common));
  }
  return best;
}

PrefixCache::Entry& PrefixCache::open(std::span<const TokenId> tokens, const Match& match,
                                      std::string_view salt) {
  SequenceId sequence = -1;
  if (match.entry) {
    sequence = cache_.fork(match.entry->sequence, match.tokens);
  } else {
    const auto pages = static_cast<std::size_t>(whole_pages_around(match.tokens) / kPagePositions);
    sequence = cache_.share(std::span(match.pages).first(pages), match.tokens);
    kept_.touch(salt, tokens.first(static_cast<std::size_t>(match.tokens)));
  }
  return in_use_.emplace_back(Entry{sequence, {tokens.begin(), tokens.end()}, std::string(salt)});
}

void PrefixCache::close(Entry& entry) {
  if (keep_) {
    const auto held = static_cast<std::size_t>(cache_.length(entry.sequence));
    const int64_t first_new =
        kept_.add(entry.salt, std::span(entry.tokens).first(held), cache_.pages(entry.sequence));
    save(entry, first_new, static_cast<int64_t>(held) / kPagePositions);
  }
  release(entry);
}

void PrefixCache::save(const Entry& entry, int64_t first_page, int64_t end_page) {
  if (!store_) return;
  const auto pages = cache_.pages(entry.sequence);
  for (int64_t p = first_page; p < end_page; ++p) {
    const auto end = static_cast<std::size_t>((p + 1) * kPagePositions);
    const PageKey key{.salt = entry.salt, .tokens = std::span(entry.tokens).first(end)};
    store_->save(key, [&](std::span<std::byte> out) {
      cache_.storage().read_page(pages[static_cast<std::size_t>(p)], out);
    });
  }
}

int64_t PrefixCache::recall(Entry& entry) {
  if (!store_) return 0;
  const int64_t held = cache_.length(entry.sequence);
  std::vector<std::byte> bytes(cache_.storage().page_bytes());
  for (int64_t end = whole_pages_within(held) + kPagePositions; end < std::ssize(entry.tokens);
       end += kPagePositions) {
    if (cache_.free_positions() == 0 && !free_oldest()) break;
    const auto tokens = std::span(entry.tokens).first(static_cast<std::size_t>(end));
    if (!store_->load({.salt = entry.salt, .tokens = tokens}, bytes)) break;
    cache_.truncate(entry.sequence, end - kPagePositions);
    cache_.storage().write_page(cache_.append_page(entry.sequence), bytes);
  }
  return cache_.length(entry.sequence) - held;
}

void PrefixCache::drop(Entry& entry) {
  release(entry);
}

bool PrefixCache::drop_oldest() {
  return kept_.free_oldest() || kept_.drop_oldest();
}

void PrefixCache::release(Entry& entry) {
  cache_.release(entry.sequence);
  in_use_.erase(std::ranges::find(in_use_, &entry, [](const Entry& e) { return &e; }));
}

}  // namespace pangu
