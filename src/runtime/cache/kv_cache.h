// SPDX-License-Identifier: Apache-2.0
// Paged key/value cache of many sequences: fork, truncate and share cost no copying, because a
// sequence is a table of pages and pages are counted. Source: Kwon et al. 2023, arXiv:2309.06180.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "ops/batch.h"
#include "ops/paged_attention.h"

namespace pangu {

using SequenceId = std::int32_t;

/// Which rows of an append are to give logits.
enum class Logits { kNone, kLast, kAll };

/// One owner at a time.
class KvCache {
 public:
  /// Room for `max_positions` positions over all sequences, rounded up to whole pages of 32.
  KvCache(const KvShape& shape, int64_t max_positions, std::shared_ptr<Device> device);

  /// A new, empty sequence.
  SequenceId create();
  /// A new sequence that shares the first `length` positions of `from`; later appends to either
  /// leave the other alone. Throws InputError if `from` is shorter.
  SequenceId fork(SequenceId from, int64_t length);
  SequenceId fork(SequenceId from) { return fork(from, length(from)); }
  /// A new sequence of `length` positions in these pages, shared with whoever holds them: one for
  /// each 32 positions, the last of which may have more of them.
  SequenceId share(std::span<const std::int32_t> pages, int64_t length);
  /// Forgets all positions from `length` on.
  void truncate(SequenceId id, int64_t length);
  void release(SequenceId id);

  int64_t length(SequenceId id) const;
  /// Where the positions of a sequence are.
  std::span<const std::int32_t> pages(SequenceId id) const { return at(id).pages; }

  // Pages that stay when no sequence has them, for one who knows what is in them. They do not count
  // as free.
  void keep(std::int32_t page);
  void forget(std::int32_t page);
  /// Whether a page is kept, and no sequence has it.
  bool is_idle(std::int32_t page) const { return at_page(page).kept && at_page(page).holders == 1; }
  int64_t idle_positions() const { return idle_ * kPagePositions; }

  /// Positions that there is room for, whole pages counted.
  int64_t positions() const { return storage_.n_pages() * kPagePositions; }
  /// Of them, those that can still be appended over all sequences.
  int64_t free_positions() const;

  /// Whether an append of `n` tokens to a sequence would find the pages it needs.
  bool has_room(SequenceId id, int64_t n) const;

  /// Adds a whole page of positions to a sequence that ends with one, for what write_page() of the
  /// storage is to put there. Throws OutOfMemory as append() does.
  std::int32_t append_page(SequenceId id);

  /// Reserves positions for `tokens` at the end of a sequence and adds them to `batch`. A sequence
  /// may be in a batch once. Throws OutOfMemory, with nothing changed, if the pages run out.
  void append(SequenceId id, std::span<const TokenId> tokens, Logits logits, Batch& batch) {
    append_branch(id, {}, tokens, logits, batch);
  }

  /// The same for a branch of a tree of drafts: ahead of `tokens` come those of the rows `shared`
  /// of the batch, in this order, which another sequence computes at these very positions. The
  /// branch stores their keys and values too.
  void append_branch(SequenceId id, std::span<const std::int64_t> shared,
                     std::span<const TokenId> tokens, Logits logits, Batch& batch);

  KvStorage& storage() { return storage_; }

 private:
  struct Sequence {
    std::vector<std::int32_t> pages;
    int64_t length = 0;
    bool live = false;
  };

  Sequence& at(SequenceId id);
  const Sequence& at(SequenceId id) const;
  struct Page {
    std::int32_t holders = 0;  ///< sequences that have it, and one more if it is kept
    bool kept = false;
  };

  Page& at_page(std::int32_t page) { return pages_[static_cast<std::size_t>(page)]; }
  const Page& at_page(std::int32_t page) const { return pages_[static_cast<std::size_t>(page)]; }
  std::int32_t take_page();
  void share_page(std::int32_t page);
  void drop_page(std::int32_t page);
  bool shares_last_page(const Sequence& s) const;
  /// Whether the first write to a sequence must copy its last page, because another holds it too.
  bool must_copy_last(const Sequence& s) const;
  int64_t pages_wanted(const Sequence& s, int64_t n) const;
  /// Gives a sequence pages of its own for `n` more positions.
  void reserve(Sequence& s, int64_t n);

  KvStorage storage_;
  std::vector<Sequence> sequences_;
  std::vector<Page> pages_;
  std::vector<std::int32_t> free_;  ///< pages that nobody holds
  int64_t idle_ = 0;                ///< pages that are kept and that no sequence has
};

}  // namespace pangu
