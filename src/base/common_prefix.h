// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <ranges>

namespace pangu {

/// How many elements at the front two sequences have in common.
template <std::ranges::random_access_range A, std::ranges::random_access_range B>
std::ranges::range_difference_t<A> common_prefix(const A& a, const B& b) {
  return std::ranges::mismatch(a, b).in1 - std::ranges::begin(a);
}

}  // namespace pangu
