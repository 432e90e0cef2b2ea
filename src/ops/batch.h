// SPDX-License-Identifier: Apache-2.0
// A ragged batch: tokens of any sequences in one forward pass. Prefill, a chunk of it, decoding of
// many sequences and the verification of a draft are all this.
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/kv_pages.h"
#include "pangu/token.h"

namespace pangu {

struct Batch {
  std::vector<TokenId> tokens;
  std::vector<std::int32_t> positions;           ///< position of each token in its sequence
  std::vector<kernels::SequenceRows> sequences;  ///< consecutive rows
  /// Rows whose keys and values further sequences store, too: branches of a tree of drafts, which
  /// differ from where their own rows begin.
  std::vector<kernels::SequenceRows> mirrors;
  std::vector<std::int32_t> page_table;  ///< pages of every sequence, one after the other
  std::vector<std::int32_t> logit_rows;  ///< rows whose logits are wanted, rising

  int64_t size() const { return static_cast<int64_t>(tokens.size()); }
};

}  // namespace pangu
