// SPDX-License-Identifier: Apache-2.0
#include "data/json_lines.h"

#include <gtest/gtest.h>

#include "tests/support/support.h"

namespace pangu {
namespace {

TEST(JsonLines, CountsBlankLinesAndSkipsThem) {
  JsonLines lines("\xEF\xBB\xBF{}\r\n \t\r\n\n[1]", "a.jsonl");
  const auto first = lines.next(), second = lines.next();
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->text, "{}\r");
  EXPECT_EQ(first->where, "a.jsonl:1");
  EXPECT_EQ(second->text, "[1]");
  EXPECT_EQ(second->number, 4);
  EXPECT_FALSE(lines.next());
}

TEST(JsonLines, NothingHasNoLines) {
  EXPECT_FALSE(JsonLines("", "a").next());
  EXPECT_FALSE(JsonLines("\n\r\n  ", "a").next());
}

TEST(JsonLines, RefusesALineThatIsTooLong) {
  const std::string longest(kMaxRecordBytes, 'x'), longer = "{}\n" + longest + "x";
  EXPECT_EQ(JsonLines(longest, "a").next()->text.size(), kMaxRecordBytes);
  JsonLines lines(longer, "big.jsonl");
  lines.next();
  PANGU_EXPECT_ERROR(lines.next(), FileError, "big.jsonl:2", "bytes in one line");
}

TEST(JsonLines, AreKnownByTheirName) {
  EXPECT_TRUE(is_json_lines("a/b.jsonl") && is_json_lines("b.json") && is_json_lines("b.ndjson"));
  EXPECT_FALSE(is_json_lines("jsonl") || is_json_lines("b.txt"));
}

}  // namespace
}  // namespace pangu
