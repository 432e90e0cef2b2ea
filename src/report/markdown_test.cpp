// SPDX-License-Identifier: Apache-2.0
#include "report/markdown.h"

#include <gtest/gtest.h>

namespace pangu {
namespace {

TEST(Markdown, ACellHoldsNeitherBarsNorLineBreaks) {
  EXPECT_EQ(markdown_cell(""), "");
  EXPECT_EQ(markdown_cell("openpangu 1B"), "openpangu 1B");
  EXPECT_EQ(markdown_cell("a|b\\c"), "a\\|b\\\\c");
  EXPECT_EQ(markdown_cell("one\r\ntwo"), "one  two");
  EXPECT_EQ(markdown_cell("\u76d8\u53e4"), "\u76d8\u53e4");
}

}  // namespace
}  // namespace pangu
