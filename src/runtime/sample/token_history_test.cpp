// SPDX-License-Identifier: Apache-2.0
#include "runtime/sample/token_history.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>

#include "pangu/error.h"
#include "tests/support/support.h"

namespace pangu {
namespace {

// Counts afresh what the history keeps up to date.
void expect_exact_counts(const TokenHistory& history) {
  std::unordered_map<TokenId, TokenHistory::Counts> want;
  const auto tokens = history.tokens();
  const std::size_t n = tokens.size();
  const std::size_t window = history.window() < 0 ? n : static_cast<std::size_t>(history.window());
  for (std::size_t i = n > window ? n - window : 0; i < n; ++i) {
    ++want[tokens[i]].all;
    if (i >= history.prompt_size()) ++want[tokens[i]].generated;
  }
  ASSERT_EQ(history.counts().size(), want.size());
  for (const auto& [id, counts] : want) {
    ASSERT_TRUE(history.counts().contains(id));
    ASSERT_EQ(history.counts().at(id).all, counts.all);
    ASSERT_EQ(history.counts().at(id).generated, counts.generated);
  }
}

TEST(TokenHistory, CountsPromptAndReplyApart) {
  TokenHistory history;
  history.append_prompt(std::array<TokenId, 3>{5, 5, 7});
  history.push(7);
  history.push(9);
  EXPECT_EQ(history.size(), 5u);
  EXPECT_EQ(history.prompt_size(), 3u);
  EXPECT_EQ(history.counts().at(5).all, 2);
  EXPECT_EQ(history.counts().at(5).generated, 0);
  EXPECT_EQ(history.counts().at(7).all, 2);
  EXPECT_EQ(history.counts().at(7).generated, 1);
  EXPECT_EQ(history.counts().at(9).generated, 1);
}

TEST(TokenHistory, RandomPushesAndRollbacksKeepTheCountsExact) {
  std::mt19937_64 generator(test::seed());
  for (const int window : {-1, 0, 1, 2, 7, 1000}) {
    SCOPED_TRACE(window);
    TokenHistory history(window);
    for (int i = 0; i < 10; ++i) {
      history.append_prompt(std::array<TokenId, 1>{static_cast<TokenId>(generator() % 6)});
    }
    for (int step = 0; step < 400; ++step) {
      if (generator() % 3 != 0 || history.size() == 0) {
        history.push(static_cast<TokenId>(generator() % 6));
      } else {
        history.truncate(history.size() -
                         generator() % (std::min<std::size_t>(history.size(), 4) + 1));
      }
      ASSERT_NO_FATAL_FAILURE(expect_exact_counts(history));
    }
    history.truncate(std::min<std::size_t>(history.size(), 3));  // into the prompt
    EXPECT_LE(history.prompt_size(), 3u);
    expect_exact_counts(history);
    history.truncate(0);
    EXPECT_TRUE(history.counts().empty());
  }
}

TEST(TokenHistory, RefusesWhatMakesNoSense) {
  PANGU_EXPECT_ERROR(TokenHistory(-2), ConfigError, "penalty_last_n", "-2");
  TokenHistory history;
  PANGU_EXPECT_ERROR(history.pop(), InputError, "no token to remove");
  PANGU_EXPECT_ERROR(history.truncate(1), InputError, "0 tokens", "1");
  PANGU_EXPECT_ERROR(history.push(-3), InputError, "-3", "negative");
  const std::array<TokenId, 2> half_bad{4, -1};
  PANGU_EXPECT_ERROR(history.append_prompt(half_bad), InputError, "-1", "position 1");
  EXPECT_EQ(history.size(), 1u);
  EXPECT_EQ(history.prompt_size(), 1u);
  history.push(4);
  PANGU_EXPECT_ERROR(history.append_prompt(std::array<TokenId, 1>{4}), InputError,
                     "follows 1 generated");
  expect_exact_counts(history);
}

}  // namespace
}  // namespace pangu
