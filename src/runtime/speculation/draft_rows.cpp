// SPDX-License-Identifier: Apache-2.0
#include "runtime/speculation/draft_rows.h"

namespace pangu {

DraftRows::DraftRows(KvCache& cache, SequenceId sequence, TokenId last, const Draft& draft,
                     Batch& batch)
    : cache_(cache),
      draft_(draft),
      length_(cache.length(sequence)),
      rows_(draft.size() + 1),
      branch_of_(draft.size()) {
  const auto branches = draft.branches();
  const std::int64_t first_row = batch.size();
  // Forks come first: they are to share what is there before the pass.
  sequences_.push_back(sequence);
  while (sequences_.size() < branches.size()) sequences_.push_back(cache.fork(sequence));
  std::vector<TokenId> tokens;
  std::vector<std::int64_t> shared;
  std::int64_t row = 0;
  try {
    for (std::size_t b = 0; b < branches.size(); ++b) {
      tokens.clear();
      shared.clear();
      if (b == 0) {
        tokens.push_back(last);
        rows_[0] = row++;
      } else {
        shared.push_back(first_row);
      }
      for (const Draft::Index node : branches[b].shared)
        shared.push_back(first_row + this->row(node));
      for (const Draft::Index node : branches[b].own) {
        tokens.push_back(draft.at(node).token);
        rows_[static_cast<std::size_t>(node) + 1] = row++;
        branch_of_[static_cast<std::size_t>(node)] = static_cast<std::int32_t>(b);
      }
      cache.append_branch(sequences_[b], shared, tokens, Logits::kAll, batch);
    }
  } catch (...) {
    undo();
    throw;
  }
}

bool DraftRows::has_room(const KvCache& cache, const Draft& draft) {
  std::int64_t positions = 0;
  for (const Draft::Branch& branch : draft.branches()) {
    positions += std::ssize(branch.shared) + std::ssize(branch.own) + 2 * kPagePositions;
  }
  return positions <= cache.free_positions();
}

SequenceId DraftRows::keep(Draft::Index node) {
  const std::int32_t branch = node == Draft::kRoot ? 0 : branch_of_[static_cast<std::size_t>(node)];
  const SequenceId kept = sequences_[static_cast<std::size_t>(branch)];
  std::int64_t length = length_ + 1;
  for (; node != Draft::kRoot; node = draft_.at(node).parent) ++length;
  for (const SequenceId id : sequences_) {
    if (id != kept) cache_.release(id);
  }
  cache_.truncate(kept, length);
  return kept;
}

void DraftRows::undo() {
  for (std::size_t b = 1; b < sequences_.size(); ++b) cache_.release(sequences_[b]);
  cache_.truncate(sequences_.front(), length_);
}

}  // namespace pangu
