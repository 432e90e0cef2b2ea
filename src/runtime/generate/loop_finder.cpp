// SPDX-License-Identifier: Apache-2.0
#include "runtime/generate/loop_finder.h"

#include <algorithm>

namespace pangu {

int LoopRule::tokens_needed(int period) const {
  return std::max(min_repeats * period, min_tokens);
}

LoopFinder::LoopFinder(const LoopRule& rule)
    : period_(rule.max_period),
      tokens_(2 * static_cast<std::size_t>(period_)),
      runs_(static_cast<std::size_t>(period_)),
      needed_(static_cast<std::size_t>(period_)) {
  for (int p = 1; p <= period_; ++p) {
    // The first period has nothing before it to be equal to.
    needed_[static_cast<std::size_t>(period_ - p)] = rule.tokens_needed(p) - p;
  }
}

void LoopFinder::clear() {
  size_ = 0;
  end_ = 0;
  std::ranges::fill(runs_, 0);
}

int LoopFinder::push(TokenId id) {
  const auto all = static_cast<std::size_t>(period_);
  const std::size_t seen = std::min(static_cast<std::size_t>(size_), all);
  const TokenId* before = tokens_.data() + end_ - seen;
  std::int32_t* runs = runs_.data() + all - seen;
  const std::int32_t* needed = needed_.data() + all - seen;
  std::int32_t found = 0;
  for (std::size_t i = 0; i < seen; ++i) {
    runs[i] = before[i] == id ? runs[i] + 1 : 0;
    found |= static_cast<std::int32_t>(runs[i] >= needed[i]);
  }
  if (end_ == tokens_.size()) {  // move the last period to the front, once a period
    std::copy(tokens_.end() - period_, tokens_.end(), tokens_.begin());
    end_ = all;
  }
  tokens_[end_++] = id;
  ++size_;
  if (found == 0) return 0;
  int period = 1;
  const auto is_loop = [&](int p) {
    const auto at = static_cast<std::size_t>(period_ - p);
    return runs_[at] >= needed_[at];
  };
  while (!is_loop(period)) ++period;
  return period;
}

}  // namespace pangu
