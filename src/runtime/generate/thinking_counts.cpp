// SPDX-License-Identifier: Apache-2.0
#include "runtime/generate/thinking_counts.h"

namespace pangu {

void ThinkingCounts::add(const Generation& g) {
  thinking_tokens += g.thinking_tokens;
  answer_tokens += g.answer_tokens;
  ++ends_[static_cast<std::size_t>(g.thinking_end)];
}

std::int64_t ThinkingCounts::replies() const {
  std::int64_t n = 0;
  for (const ThinkingEnd end : kThinkingEnds) n += end == ThinkingEnd::kNone ? 0 : ended(end);
  return n;
}

}  // namespace pangu
