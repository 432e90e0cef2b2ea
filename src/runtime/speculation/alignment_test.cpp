// SPDX-License-Identifier: Apache-2.0
#include "runtime/speculation/alignment.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "tests/support/support.h"

namespace pangu {
namespace {

struct Text {
  NGramMatcher matcher{3};
  Alignment alignment;

  void push(const std::vector<TokenId>& tokens) {
    for (const TokenId token : tokens) {
      alignment.advance(matcher, token);
      matcher.push(token);
    }
  }
  /// The token expected next, or -1.
  TokenId expected() const {
    return alignment.place() ? matcher.tokens()[alignment.place()->position] : -1;
  }
};

TEST(Alignment, HasNoPlaceInATextThatNeverRepeats) {
  Text text;
  text.push({1, 2, 3, 4, 5, 6, 7});
  EXPECT_FALSE(text.alignment.place());
}

TEST(Alignment, GoesOnBehindATokenThatDiffers) {
  Text text;
  text.push({1, 2, 3, 4, 5, 6, 7, 100, 1, 2, 3, 99});
  ASSERT_TRUE(text.alignment.place());
  EXPECT_EQ(text.expected(), 5);
  EXPECT_EQ(text.alignment.place()->gaps, 1);
  EXPECT_EQ(text.alignment.place()->run, 0);
  text.push({5, 6});
  EXPECT_EQ(text.expected(), 7);
  EXPECT_EQ(text.alignment.place()->run, 2);
}

TEST(Alignment, CountsTokensThatDifferInARowAndGivesUp) {
  Text text;
  text.push({1, 2, 3, 4, 5, 6, 7, 8, 9, 100, 1, 2, 91, 92, 93});
  ASSERT_TRUE(text.alignment.place());
  EXPECT_EQ(text.alignment.place()->gaps, 3);
  EXPECT_EQ(text.expected(), 6);
  text.push({94, 95});
  EXPECT_FALSE(text.alignment.place());
}

TEST(Alignment, OneTokenThatAgreesIsTooLittle) {
  Text text;
  text.push({1, 2, 3, 4, 100, 1, 99});
  EXPECT_FALSE(text.alignment.place());
}

TEST(Alignment, MovesToWhereMoreAgrees) {
  Text text;
  text.push({1, 2, 3, 4, 5, 100, 11, 12, 13, 14, 101, 1, 2, 99, 11, 12, 98});
  EXPECT_EQ(text.expected(), 14);
}

TEST(Alignment, ItsPlaceIsAlwaysInTheText) {
  std::mt19937_64 random(test::seed());
  for (int round = 0; round < 50; ++round) {
    Text text;
    for (int i = 0; i < 400; ++i) {
      text.push({static_cast<TokenId>(random() % 3)});
      if (const auto& place = text.alignment.place()) {
        ASSERT_LT(place->position, text.matcher.tokens().size());
      }
    }
  }
}

}  // namespace
}  // namespace pangu
