// SPDX-License-Identifier: Apache-2.0
#include "eval/answers.h"

#include <gtest/gtest.h>

namespace pangu::eval {
namespace {

TEST(Answers, Trimming) {
  EXPECT_EQ(trimmed(" \t\r\n　答案 A　\n"), "答案 A");
  EXPECT_EQ(trimmed("  "), "");
  EXPECT_EQ(first_line("\n \n  one \ntwo"), "one");
  EXPECT_EQ(first_line(""), "");
}

}  // namespace
}  // namespace pangu::eval
