// SPDX-License-Identifier: Apache-2.0
// What several replies thought, and how their thinking ended.
#pragma once

#include <array>
#include <cstdint>

#include "pangu/generation.h"

namespace pangu {

struct ThinkingCounts {
  std::int64_t thinking_tokens = 0, answer_tokens = 0;  ///< as those of Generation

  void add(const Generation& generation);
  /// Replies whose thinking ended so.
  std::int64_t ended(ThinkingEnd end) const { return ends_[static_cast<std::size_t>(end)]; }
  /// Replies that thought at all.
  std::int64_t replies() const;

 private:
  std::array<std::int64_t, kThinkingEnds.size()> ends_ = {};
};

}  // namespace pangu
