// SPDX-License-Identifier: Apache-2.0
#include "train/document_rows.h"

namespace pangu {

DocumentRows::DocumentRows(const TokenBatch& from) {
  batch.tokens = from.tokens;
  batch.positions = from.positions;
  for (std::size_t d = 0; d < from.document_starts.size(); ++d) {
    const auto [first, end] = document_range(from, d);
    batch.sequences.push_back(
        {static_cast<std::int64_t>(first), static_cast<std::int64_t>(end - first), 0, 0});
  }
  for (std::size_t t = 0; t < from.targets.size(); ++t) {
    if (from.targets[t] == kNoTarget) continue;
    batch.logit_rows.push_back(static_cast<std::int32_t>(t));
    targets.push_back(from.targets[t]);
  }
}

std::pair<std::size_t, std::size_t> document_range(const TokenBatch& batch, std::size_t d) {
  const auto& starts = batch.document_starts;
  const auto end = d + 1 < starts.size() ? static_cast<std::size_t>(starts[d + 1]) : batch.size();
  return {static_cast<std::size_t>(starts[d]), end};
}

}  // namespace pangu
