// SPDX-License-Identifier: Apache-2.0
// Searches in a row of logits that never sort the vocabulary: the largest one, and the n largest.
// Larger logits rank first; of equal logits the lower id does.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "pangu/token.h"

namespace pangu {

struct ScoredToken {
  float logit = 0.0f;
  TokenId id = 0;
};

inline bool ranks_before(const ScoredToken& a, const ScoredToken& b) {
  return a.logit > b.logit || (a.logit == b.logit && a.id < b.id);
}

/// Id of the largest logit, in one pass.
/// throws  ShapeError if there are no logits; NumericError for NaN, +infinity or only -infinity.
TokenId argmax(std::span<const float> logits);

/// Logits are looked at in blocks of this many; a block is skipped if its maximum is too small.
inline constexpr std::size_t kScanBlock = 64;

/// Largest logit, and in block_max the largest of every block. throws as argmax.
float scan_blocks(std::span<const float> logits, std::vector<float>& block_max);

/// The n first-ranked tokens above -infinity, or fewer if there are fewer, in no particular order.
/// block_max is what scan_blocks gave for the same logits; scratch is overwritten.
void collect_top(std::span<const float> logits, std::span<const float> block_max, std::size_t n,
                 std::vector<float>& scratch, std::vector<ScoredToken>& top);

}  // namespace pangu
