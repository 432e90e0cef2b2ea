// SPDX-License-Identifier: Apache-2.0
// Which tokens the sequences of a KvCache hold, so that a prompt computes only what none of them
// has. Keys and values of a position depend on the tokens up to it and on nothing else, so what is
// shared is what would be computed, bit for bit. Pages are shared, not copied: KvCache counts them.
// Callers open and close sequences by their tokens and do not see how matches are found: sequences
// in use are few and looked at one by one, those that are over are in a tree of pages.
#pragma once

#include <cstdint>
#include <list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/cache/kv_cache.h"
#include "runtime/cache/page_store.h"
#include "runtime/cache/page_tree.h"

namespace pangu {

/// `positions` in whole pages, down and up.
int64_t whole_pages_within(int64_t positions);
int64_t whole_pages_around(int64_t positions);

/// Whether sequences whose owners are done with them stay for others.
enum class KeepPrefixes : bool { kNo, kYes };

/// One owner at a time.
class PrefixCache {
 public:
  /// A sequence with the tokens at its front: those that the cache holds, and behind them those
  /// that are going to be computed. Its owner adds to the tokens as they come, and may put another
  /// sequence with the same tokens in place of this one. Never moves.
  struct Entry {
    SequenceId sequence;
    std::vector<TokenId> tokens;
    std::string salt;  ///< who else may share it: those with the same
  };

  /// What there is of a prompt.
  struct Match {
    const Entry* entry = nullptr;     ///< in use, that holds most of its beginning; or
    std::vector<std::int32_t> pages;  ///< kept, that do
    int64_t tokens = 0;               ///< of the beginning, to be had from there
    int64_t later = 0;                ///< that some entry in use holds or is going to hold
  };

  /// `cache` must outlive it, and have no other owner of the sequences in it. So must `store`, if
  /// there is one, where whole pages that are kept are written to.
  PrefixCache(KvCache& cache, KeepPrefixes keep, PageStore* store = nullptr)
      : cache_(cache), store_(store), keep_(keep == KeepPrefixes::kYes), kept_(cache) {}

  /// Entries in use offer whole pages, so that a fork copies nothing; those that are kept offer
  /// every token: whoever goes on within a page copies it.
  Match find(std::span<const TokenId> prompt, std::string_view salt = {}) const;

  /// An entry in use that is going to hold `tokens`, of which it has the first `match.tokens`
  /// already. The match must be of a prompt that `tokens` begins with, and of this salt, and
  /// nothing may have been dropped since; its number of tokens may have been lowered.
  Entry& open(std::span<const TokenId> tokens, const Match& match, std::string_view salt = {});

  /// Goes on with an entry by what the store has of its tokens, all but the last one at most, as
  /// far as there is room beside what sequences hold. Returns how many tokens that are.
  int64_t recall(Entry& entry);

  /// The owner is done: what the cache holds of it is kept for others.
  void close(Entry& entry);
  /// The same, but its pages are given back.
  void drop(Entry& entry);
  /// Gives back the page that was kept or matched longest ago, and pages that entries in use share
  /// last of all: they spare the copy that writing within a page would take. False if there is
  /// none. Whoever needs pages calls it before anything else.
  bool drop_oldest();
  /// The same for pages that are free then, and no others.
  bool free_oldest() { return kept_.free_oldest(); }

  int64_t kept_pages() const { return kept_.pages(); }

 private:
  using Entries = std::list<Entry>;

  void release(Entry& entry);
  void save(const Entry& entry, int64_t first_page, int64_t end_page);

  KvCache& cache_;
  PageStore* store_;
  bool keep_;
  Entries in_use_;
  PageTree kept_;
};

}  // namespace pangu
