// SPDX-License-Identifier: Apache-2.0
#include "adaptive/explore/kind_task.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "pangu/error.h"
#include "tests/support/support.h"

namespace pangu::adaptive {
namespace {

std::string match_rows(int n) {
  std::string out;
  for (int i = 0; i < n; ++i) {
    out += "{\"prompt\": \"p" + std::to_string(i) + "\", \"answer\": \"a\"}\n";
  }
  return out;
}

class KindTasks : public ::testing::Test {
 protected:
  std::string spec(const std::string& text, const std::string& kind_and_task = "math=match") {
    test::write_file(dir_.path() / "rows.jsonl", text);
    return kind_and_task + ":" + (dir_.path() / "rows.jsonl").string();
  }
  std::string message_of(const std::string& spec) {
    try {
      parse_kind_task(spec, -1);
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  }
  test::ScratchDir dir_;
};

TEST_F(KindTasks, EveryThirdItemIsKeptBackAndNoneIsInBothParts) {
  const KindTask task = parse_kind_task(spec(match_rows(10)), -1);
  EXPECT_EQ(task.kind, "math");
  EXPECT_EQ(task.name, "match: rows.jsonl");
  EXPECT_EQ(task.size(ItemPart::kMeasured), 7);
  EXPECT_EQ(task.size(ItemPart::kKeptBack), 3);
  std::set<std::int64_t> lines;
  for (const ItemPart part : {ItemPart::kMeasured, ItemPart::kKeptBack}) {
    const auto all = lines_of(task.items(part, 0, 100));
    EXPECT_EQ(std::ssize(all), task.size(part));
    for (const std::int64_t line : all) EXPECT_TRUE(lines.insert(line).second) << line;
    // Pieces put together are the whole.
    std::vector<std::int64_t> pieces;
    for (std::int64_t at = 0; at < task.size(part); at += 2) {
      for (const std::int64_t line : lines_of(task.items(part, at, 2))) pieces.push_back(line);
    }
    EXPECT_EQ(pieces, all);
  }
  EXPECT_EQ(lines.size(), 10u);
}

TEST_F(KindTasks, DigestTellsItemsAndSettings) {
  const std::string first = parse_kind_task(spec(match_rows(10)), -1).digest;
  EXPECT_EQ(parse_kind_task(spec(match_rows(10)), -1).digest, first);
  EXPECT_NE(parse_kind_task(spec(match_rows(10)), 9).digest, first);
  EXPECT_NE(parse_kind_task(spec(match_rows(11)), -1).digest, first);
}

TEST_F(KindTasks, KnowsWhatAGuessIsWorth) {
  const std::string rows =
      "{\"prompt\": \"p\", \"choices\": [\" a\", \" b\"], \"answer_index\": 0}\n"
      "{\"prompt\": \"q\", \"choices\": [\" a\", \" b\", \" c\", \" d\"], \"answer_index\": 0}\n"
      "{\"prompt\": \"r\", \"choices\": [\" a\", \" b\"], \"answer_index\": 1}\n";
  EXPECT_NEAR(parse_kind_task(spec(rows, "knowledge=mcq"), -1).chance, (0.5 + 0.25 + 0.5) / 3,
              1e-12);
  EXPECT_EQ(parse_kind_task(spec(match_rows(3)), -1).chance, 0);
}

TEST_F(KindTasks, RefusesWhatItCannotMeasure) {
  using ::testing::HasSubstr;
  const std::string good = spec(match_rows(9));
  EXPECT_EQ(message_of(good), "no error");
  for (const char* text : {"math", "math=gsm8k", "math:file", "math=gsm8k:"}) {
    EXPECT_THAT(message_of(text), HasSubstr("KIND=TASK:FILE")) << text;
  }
  EXPECT_THAT(message_of("Math" + good.substr(4)), HasSubstr("no name of a kind"));
  for (const char* task : {"ppl", "kl"}) {
    EXPECT_THAT(message_of("math=" + (task + good.substr(10))), HasSubstr("right or wrong"));
  }
  EXPECT_THAT(message_of("math=sing" + good.substr(10)), HasSubstr("no task 'sing'"));
  EXPECT_THAT(message_of(spec(match_rows(2))), HasSubstr("kept back"));
  EXPECT_THROW(parse_kind_task("math=match:/no/such/file", -1), FileError);
}

}  // namespace
}  // namespace pangu::adaptive
