// SPDX-License-Identifier: Apache-2.0
// The documents of a micro-batch as a model reads them.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "ops/batch.h"
#include "train/token_batch.h"

namespace pangu {

/// Sequences, with logits wherever there is a target.
struct DocumentRows {
  Batch batch;
  std::vector<TokenId> targets;  ///< one for each of batch.logit_rows

  explicit DocumentRows(const TokenBatch& from);
};

/// Rows [first, second) of document number `d`.
std::pair<std::size_t, std::size_t> document_range(const TokenBatch& batch, std::size_t d);

}  // namespace pangu
