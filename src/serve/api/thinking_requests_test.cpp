// SPDX-License-Identifier: Apache-2.0
#include "serve/api/thinking_requests.h"

#include <gtest/gtest.h>

namespace pangu::serve {
namespace {

TEST(ThinkingRequests, ReachTheRepliesOfWhoeverAsksWhileTheyLive) {
  const auto all = ThinkingRequests::make();
  auto one = all->listen("a", "anna");
  const auto two = all->listen("b", "anna");
  EXPECT_FALSE(all->end_thinking("c", "anna"));
  EXPECT_FALSE(all->end_thinking("a", "berta"));
  EXPECT_FALSE(one.token.stop_requested());
  EXPECT_TRUE(all->end_thinking("a", "anna"));
  EXPECT_TRUE(one.token.stop_requested());
  EXPECT_FALSE(two.token.stop_requested());
  EXPECT_TRUE(all->end_thinking("a", "anna"));  // again is no error
  one.registration.reset();
  EXPECT_FALSE(all->end_thinking("a", "anna"));
}

}  // namespace
}  // namespace pangu::serve
