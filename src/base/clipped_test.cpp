// SPDX-License-Identifier: Apache-2.0
#include "base/clipped.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace pangu {
namespace {

TEST(Clipped, HoldsNoControlCharacters) {
  EXPECT_EQ(clipped(std::string_view("a\0b\x1b[31m\n\x7f", 9)), "a?b?[31m?");
  EXPECT_EQ(clipped("\x7f"), "?");
  EXPECT_EQ(clipped("\u009b31m"), "?31m");  // the same as ESC [ to some terminals
}

TEST(Clipped, CutsAtACharacterAndSaysSo) {
  EXPECT_EQ(clipped("four", 4), "four");
  EXPECT_EQ(clipped("fours", 4), "four...");
  EXPECT_EQ(clipped("aéé", 4), "aé...");
  EXPECT_EQ(clipped(std::string(81, 'x')), std::string(80, 'x') + "...");
}

}  // namespace
}  // namespace pangu
