// SPDX-License-Identifier: Apache-2.0
// The index against a scan of the text.
#include "runtime/speculation/ngram_matcher.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "tests/support/support.h"

namespace pangu {
namespace {

/// The newest earlier place of the last n tokens, n as large as possible up to max_n.
NGramMatcher::Match scan(const std::vector<TokenId>& text, int max_n) {
  const std::size_t size = text.size();
  for (auto n = std::min(static_cast<std::size_t>(max_n), size); n > 0; --n) {
    for (std::size_t end = size - 1; end >= n; --end) {
      if (!std::equal(text.end() - static_cast<std::ptrdiff_t>(n), text.end(),
                      text.begin() + static_cast<std::ptrdiff_t>(end - n))) {
        continue;
      }
      int length = 0;
      while (length < 64 && static_cast<std::size_t>(length) < end &&
             text[end - 1 - static_cast<std::size_t>(length)] ==
                 text[size - 1 - static_cast<std::size_t>(length)]) {
        ++length;
      }
      return {.position = end, .length = length};
    }
  }
  return {.position = size, .length = 0};
}

TEST(NGramMatcher, FindsWhatAScanFinds) {
  std::mt19937_64 random(test::seed());
  for (const int max_n : {1, 2, 3, 5}) {
    for (const int alphabet : {1, 2, 3, 20}) {
      NGramMatcher matcher(max_n);
      std::vector<TokenId> text;
      for (int i = 0; i < 300; ++i) {
        text.push_back(static_cast<TokenId>(random() % static_cast<unsigned>(alphabet)));
        matcher.push(text.back());
        const NGramMatcher::Match got = matcher.match(), want = scan(text, max_n);
        ASSERT_EQ(got.length, want.length) << "n " << max_n << ", alphabet " << alphabet;
        if (want.length > 0) {
          ASSERT_EQ(got.position, want.position);
        }
      }
    }
  }
}

TEST(NGramMatcher, GoesOnInCirclesWhereAMatchReachesTheEnd) {
  NGramMatcher matcher(3);
  for (const TokenId token : {9, 1, 2, 3, 1, 2, 3, 1}) matcher.push(token);
  const NGramMatcher::Match match = matcher.match();
  EXPECT_EQ(match.length, 4);
  std::vector<TokenId> next;
  for (std::size_t i = 0; i < 7; ++i) next.push_back(matcher.continuation(match, i));
  EXPECT_EQ(next, (std::vector<TokenId>{2, 3, 1, 2, 3, 1, 2}));
}

TEST(NGramMatcher, RefusesLengthsThatMakeNoSense) {
  PANGU_EXPECT_ERROR(NGramMatcher(0), ConfigError, "0 tokens", "1 to 16");
  PANGU_EXPECT_ERROR(NGramMatcher(17), ConfigError, "17 tokens");
}

}  // namespace
}  // namespace pangu
