// SPDX-License-Identifier: Apache-2.0
// The last token of a sequence and a draft behind it, as rows of one pass. A branch of the draft is
// a fork of the sequence that stores the keys and values of the path to it a second time, so that
// every token sees exactly what it would see in plain decoding, at the same places.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "pangu/speculation.h"
#include "runtime/cache/kv_cache.h"
#include "runtime/speculation/draft.h"

namespace pangu {

/// Positions that a cache must have to spare for the forks of one draft: pages that a branch does
/// not share, before and behind the place where it leaves the sequence.
inline constexpr std::int64_t kForkPositions = 33 * 2 * kPagePositions;
inline std::int64_t fork_positions(const SpeculationOptions& options) {
  return options.mode == SpeculationMode::kOff ? 0 : kForkPositions;
}

class DraftRows {
 public:
  /// Adds the rows to `batch`. `last` is the token that the sequence lacks in the cache. Throws
  /// OutOfMemory with nothing changed if the cache lacks pages.
  DraftRows(KvCache& cache, SequenceId sequence, TokenId last, const Draft& draft, Batch& batch);

  /// Whether the cache surely has the pages that the rows of a draft and its forks need.
  static bool has_room(const KvCache& cache, const Draft& draft);

  /// Where the logits behind a node stand among those of this sequence: 0 for the root.
  std::int64_t row(Draft::Index node) const {
    return rows_[static_cast<std::size_t>(node - Draft::kRoot)];
  }
  std::int64_t size() const { return std::ssize(rows_); }

  /// Keeps what leads from the root to `node`, which came, and forgets the rest. Returns the
  /// sequence that has it; the one that was given is gone if that is another.
  SequenceId keep(Draft::Index node);
  /// Leaves the sequence as it was before: for a pass that failed, or a reply that ended badly.
  void undo();

 private:
  KvCache& cache_;
  const Draft& draft_;
  std::int64_t length_;  ///< of the sequence, before
  std::vector<std::int64_t> rows_;
  std::vector<SequenceId> sequences_;    ///< of the branches; the first is the sequence itself
  std::vector<std::int32_t> branch_of_;  ///< of each node
};

}  // namespace pangu
