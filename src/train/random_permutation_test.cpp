// SPDX-License-Identifier: Apache-2.0
#include "train/random_permutation.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>
#include <vector>

namespace pangu {
namespace {

std::vector<std::uint64_t> order(std::uint64_t size, std::uint64_t seed, std::uint64_t stream) {
  const RandomPermutation p(size, seed, stream);
  std::vector<std::uint64_t> out;
  for (std::uint64_t i = 0; i < size; ++i) out.push_back(p(i));
  return out;
}

RC_GTEST_PROP(RandomPermutation, EveryElementOnce, (std::uint64_t seed, std::uint32_t stream)) {
  const auto size = *rc::gen::inRange<std::uint64_t>(1, 600);
  const auto found = order(size, seed, stream);
  const std::set<std::uint64_t> seen(found.begin(), found.end());
  RC_ASSERT(seen.size() == size);
  RC_ASSERT(*seen.rbegin() == size - 1);
}

TEST(RandomPermutation, SeedsAndStreamsGiveOtherOrders) {
  EXPECT_EQ(order(100, 1, 2), order(100, 1, 2));
  EXPECT_NE(order(100, 1, 2), order(100, 2, 2));
  EXPECT_NE(order(100, 1, 2), order(100, 1, 3));
  EXPECT_NE(order(100, 1, 2), order(100, 1, 2 + (std::uint64_t{1} << 32)));
}

TEST(RandomPermutation, AllOrdersOfThreeAreAboutEquallyFrequent) {
  std::vector<int> count(27);
  constexpr int kDraws = 6000;
  for (int s = 0; s < kDraws; ++s) {
    const auto o = order(3, 7, static_cast<std::uint64_t>(s));
    ++count[o[0] * 9 + o[1] * 3 + o[2]];
  }
  int orders = 0;
  for (const int n : count) {
    if (n == 0) continue;
    ++orders;
    // 1000 are expected of each, with a standard deviation of 29.
    EXPECT_NEAR(n, kDraws / 6, 150);
  }
  EXPECT_EQ(orders, 6);
}

}  // namespace
}  // namespace pangu
