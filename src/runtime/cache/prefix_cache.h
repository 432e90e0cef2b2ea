// SPDX-License-Identifier: Apache-2.0
// Which tokens the sequences of a KvCache hold, so that a prompt computes only what none of them
// has. Keys and values of a position depend on the tokens up to it and on nothing else, so what is
// shared is what would be computed, bit for bit. Pages are shared, not copied: KvCache counts them.
// Callers open and close sequences by their tokens and do not see how matches are found: a list is
// searched, and a radix tree of pages could take its place (Zheng et al. 2023, "SGLang",
// arXiv:2312.07104, section 3).
#pragma once

#include <cstdint>
#include <list>
#include <span>
#include <vector>

#include "runtime/cache/kv_cache.h"

namespace pangu {

/// `positions` in whole pages, down and up.
int64_t whole_pages_within(int64_t positions);
int64_t whole_pages_around(int64_t positions);

/// One owner at a time.
class PrefixCache {
 public:
  /// A sequence with the tokens at its front: those that the cache holds, and behind them those
  /// that are going to be computed. Its owner adds to the tokens as they come, and may put another
  /// sequence with the same tokens in place of this one. Never moves.
  struct Entry {
    SequenceId sequence;
    std::vector<TokenId> tokens;
  };

  /// What there is of a prompt.
  struct Match {
    const Entry* entry = nullptr;  ///< that holds most of its beginning; null if none has any
    int64_t tokens = 0;            ///< of the beginning, to be had from there
    int64_t later = 0;             ///< that some entry in use holds or is going to hold
    bool moves = false;            ///< whether open() goes on with the entry itself
  };

  /// Keeps up to `keep` sequences whose owners are done with them. `cache` must outlive it, and
  /// have no other owner of the sequences in it.
  PrefixCache(KvCache& cache, int64_t keep) : cache_(cache), keep_(keep) {}

  /// Entries in use offer whole pages, so that a fork copies nothing. One that is kept is gone on
  /// with, to the token, where the prompt has nearly all of it or no other is kept; else it offers
  /// whole pages and stays.
  Match find(std::span<const TokenId> prompt) const;

  /// An entry in use that is going to hold `tokens`, of which it has the first `match.tokens`
  /// already. The match must be of a prompt that `tokens` begins with, and the last call; its
  /// number of tokens may have been lowered. Forgets the oldest that is kept, to have room for this
  /// one when it is over.
  Entry& open(std::span<const TokenId> tokens, const Match& match);

  /// The owner is done: what the cache holds of it is kept for others.
  void close(Entry& entry);
  /// The same, but its pages are given back.
  void drop(Entry& entry);
  /// Gives back the pages of the one that was kept or matched longest ago, other than `spared`;
  /// false if there is none. Whoever needs pages calls it before anything else.
  bool drop_oldest(const Entry* spared = nullptr);

  int64_t kept() const { return std::ssize(kept_); }

 private:
  using Entries = std::list<Entry>;

  static Entries::iterator find_entry(Entries& entries, const Entry& entry);
  void release(Entries& entries, Entries::iterator entry);

  KvCache& cache_;
  int64_t keep_;
  Entries in_use_;
  Entries kept_;  ///< oldest first; their tokens are those that the cache holds
};

}  // namespace pangu
