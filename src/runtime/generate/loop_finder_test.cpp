// SPDX-License-Identifier: Apache-2.0
// Loops against a finder that compares everything with everything, and loops of real lengths.
#include "runtime/generate/loop_finder.h"

#include <algorithm>
#include <random>
#include <span>

#include "tests/support/support.h"

namespace pangu {
namespace {

/// The shortest period of a loop at the end of `tokens`, by definition.
int naive_period(const std::vector<TokenId>& tokens, const LoopRule& rule) {
  for (int p = 1; p <= rule.max_period; ++p) {
    const int needed = std::max(rule.min_repeats * p, rule.min_tokens);
    if (std::ssize(tokens) < needed) continue;
    const auto loop = std::span(tokens).last(static_cast<std::size_t>(needed));
    if (std::equal(loop.begin() + p, loop.end(), loop.begin())) return p;
  }
  return 0;
}

/// Text with stretches that repeat, and a slip now and then.
std::vector<TokenId> babble(std::mt19937_64& random, std::size_t size, int longest) {
  const auto below = [&random](int n) {
    return static_cast<int>(random() % static_cast<std::uint64_t>(n));
  };
  std::vector<TokenId> out;
  while (out.size() < size) {
    std::vector<TokenId> part(static_cast<std::size_t>(1 + below(longest)));
    for (TokenId& id : part) id = below(3);
    for (int times = 1 + below(6); times > 0; --times) {
      out.insert(out.end(), part.begin(), part.end());
      if (below(8) == 0) out.back() = below(3);
    }
  }
  out.resize(size);
  return out;
}

TEST(LoopFinder, FindsWhatAComparisonOfEverythingFinds) {
  std::mt19937_64 random(test::seed());
  const std::int64_t rounds =
      test::number_from("PANGU_TEST_ROUNDS", test::takes_fewer() ? 20 : 200);
  for (std::int64_t round = 0; round < rounds; ++round) {
    const LoopRule rule{.max_period = 1 + static_cast<int>(random() % 9),
                        .min_repeats = 2 + static_cast<int>(random() % 4),
                        .min_tokens = 1 + static_cast<int>(random() % 20)};
    const std::vector<TokenId> all = babble(random, 120, rule.max_period + 3);
    LoopFinder finder(rule);
    std::vector<TokenId> tokens;
    for (const TokenId id : all) {
      tokens.push_back(id);
      ASSERT_EQ(finder.push(id), naive_period(tokens, rule))
          << "round " << round << ", " << tokens.size() << " tokens, periods to " << rule.max_period
          << ", " << rule.min_repeats << " times, " << rule.min_tokens << " tokens";
    }
  }
}

/// Honest text: each token is another than all of the last thousands.
std::vector<TokenId> honest(std::size_t size) {
  std::vector<TokenId> out(size);
  for (std::size_t i = 0; i < size; ++i) out[i] = 1000 + static_cast<TokenId>(i * 7919 % 100003);
  return out;
}

/// After how many tokens of `loop`, over and over behind `before`, it is noticed; the period too.
std::pair<int, int> noticed(const std::vector<TokenId>& before, const std::vector<TokenId>& loop,
                            int most = 4000) {
  LoopFinder finder;
  for (const TokenId id : before) EXPECT_EQ(finder.push(id), 0);
  for (int i = 0; i < most; ++i) {
    const int period = finder.push(loop[static_cast<std::size_t>(i) % loop.size()]);
    if (period > 0) return {i + 1, period};
  }
  return {0, 0};
}

TEST(LoopFinder, NoticesLoopsAsSoonAsItsRuleSays) {
  for (const std::size_t before : {0, 1, 511, 512, 513, 1024, 5000}) {
    for (const int period : {1, 2, 7, 40, 64, 65, 150, 511, 512}) {
      std::vector<TokenId> loop = honest(static_cast<std::size_t>(period));
      for (TokenId& id : loop) id += 500000;
      const int needed = std::max(4 * period, 256);
      EXPECT_EQ(noticed(honest(before), loop), std::pair(needed, period)) << before;
    }
    std::vector<TokenId> too_long = honest(513);
    for (TokenId& id : too_long) id += 500000;
    EXPECT_EQ(noticed(honest(before), too_long), std::pair(0, 0));
  }
}

TEST(LoopFinder, HonestRepetitionIsNone) {
  LoopFinder finder;
  // A table of 300 rows that differ in their number, and a rule of 200 dashes.
  for (TokenId row = 0; row < 300; ++row) {
    for (const TokenId id : {1, 1000 + row, 1, 2, 1, 2, 1, 2, 1, 3}) {
      ASSERT_EQ(finder.push(id), 0) << row;
    }
  }
  for (int i = 0; i < 200; ++i) ASSERT_EQ(finder.push('-'), 0);
}

TEST(LoopFinder, BeginsAnew) {
  LoopFinder finder({.max_period = 4, .min_repeats = 3, .min_tokens = 3});
  finder.push('a');
  finder.push('a');
  finder.clear();
  EXPECT_EQ(finder.push('a'), 0);
  EXPECT_EQ(finder.push('a'), 0);
  EXPECT_EQ(finder.push('a'), 1);
}

}  // namespace
}  // namespace pangu
