// SPDX-License-Identifier: Apache-2.0
#include "base/nearest_name.h"

#include <gtest/gtest.h>

namespace pangu {
namespace {

TEST(NearestName, FindsWhatWasMistyped) {
  constexpr std::string_view kNames[] = {"run", "info", "tokenize", "train", "train-tokenizer"};
  EXPECT_EQ(nearest_name("rnu", kNames), "run");
  EXPECT_EQ(nearest_name("INFO", kNames), "info");
  EXPECT_EQ(nearest_name("tokenise", kNames), "tokenize");
  EXPECT_EQ(nearest_name("tokenizr", kNames), "tokenize");
  EXPECT_EQ(nearest_name("tran", kNames), "train");
  EXPECT_EQ(nearest_name("trainn", kNames), "train");
  EXPECT_EQ(nearest_name("train_tokenizer", kNames), "train-tokenizer");
  EXPECT_EQ(nearest_name("tok", kNames), "tokenize");  // the beginning of one
}

TEST(NearestName, IsSilentWhereNothingIsNear) {
  constexpr std::string_view kNames[] = {"run", "info"};
  for (const char* given : {"", "r", "frobnicate", "x", "running", "fnio"}) {
    EXPECT_EQ(nearest_name(given, kNames), "") << given;
    EXPECT_EQ(did_you_mean(given, kNames), "") << given;
  }
  EXPECT_EQ(nearest_name(std::string(100'000, 'r'), kNames), "");
  EXPECT_EQ(nearest_name("run", {}), "");
  EXPECT_EQ(did_you_mean("rum", kNames), " Did you mean run?");
}

TEST(NearestName, CaseIsThatOfAsciiAlone) {
  EXPECT_TRUE(same_name("Q4_0", "q4_0"));
  EXPECT_FALSE(same_name("q4_0", "q4_1"));
  EXPECT_FALSE(same_name("É", "é"));
}

}  // namespace
}  // namespace pangu
