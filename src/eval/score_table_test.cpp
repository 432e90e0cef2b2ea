// SPDX-License-Identifier: Apache-2.0
// Tables of two models' scores: what is in a row, what stands where there is nothing to say, and
// that names cannot break a table.
#include "eval/score_table.h"

#include <gmock/gmock.h>

#include <cmath>

#include "tests/support/support.h"

namespace pangu::eval {
namespace {

using testing::HasSubstr;
using testing::Not;

/// A share of items, each right or not.
EvalResult shares(const std::vector<int>& right) {
  EvalResult r;
  r.measured = {{"accuracy", MetricKind::kShare}};
  for (const int value : right) {
    EvalItem item;
    item.info.line = std::ssize(r.items) + 1;
    item.measures = {{static_cast<double>(value), 1}};
    r.items.push_back(std::move(item));
  }
  r.planned = std::ssize(r.items);
  return r;
}

/// Texts of ten tokens and forty bytes each.
EvalResult losses(const std::vector<double>& nats) {
  EvalResult r;
  r.measured = {{"perplexity", MetricKind::kExpRate}, {"bits_per_byte", MetricKind::kRate}};
  for (const double loss : nats) {
    EvalItem item;
    item.info.line = std::ssize(r.items) + 1;
    item.measures = {{loss, 10}, {loss / std::log(2.0), 40}};
    r.items.push_back(std::move(item));
  }
  r.planned = std::ssize(r.items);
  return r;
}

std::vector<TaskScores> tasks() {
  return {{"sums", shares({1, 1, 1, 1, 1, 1, 1, 0}), shares({1, 0, 0, 0, 0, 0, 0, 0})},
          {"texts", losses({20, 22, 18, 21}), losses({24, 25, 21, 26})}};
}

TEST(ScoreText, StaysShort) {
  EXPECT_EQ(score_text(0.98765432), "0.9877");
  EXPECT_EQ(score_text(-0.5), "-0.5000");
  EXPECT_EQ(score_text(999999.5), "999999.5000");
  EXPECT_EQ(score_text(7.67086e15), "7.671e+15");
}

TEST(ScoreTable, ARowHasBothScoresAndThePairedDifference) {
  const auto rows = score_rows(tasks());
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0].task, "sums");
  EXPECT_EQ(rows[0].metric, "accuracy");
  EXPECT_EQ(rows[0].before.ci95, wilson(7, 8));
  EXPECT_EQ(rows[0].after.value, 1 / 8.0);
  ASSERT_TRUE(rows[0].has_p_value());
  EXPECT_EQ(rows[0].change->difference, -6 / 8.0);
  EXPECT_EQ(rows[0].change->p_value, mcnemar_exact(6, 0));
  // Perplexities have scores, and the difference stands beside the bits per byte.
  EXPECT_DOUBLE_EQ(rows[1].before.value, std::exp(81 / 40.0));
  EXPECT_FALSE(rows[1].change);
  ASSERT_TRUE(rows[2].change);
  EXPECT_NEAR(rows[2].change->difference, 15 / std::log(2.0) / 160, 1e-12);
  EXPECT_GT(rows[2].change->ci95.low, 0);
  EXPECT_FALSE(rows[2].has_p_value());
}

TEST(ScoreTable, MarkdownIsATable) {
  const std::string text = score_markdown(score_rows(tasks()), {.before = "1B", .after = "pruned"});
  EXPECT_THAT(text, HasSubstr("| task | metric | items | 1B | pruned | difference | p |\n"
                              "|---|---|--:|--:|--:|--:|--:|\n"
                              "| sums | accuracy | 8 | 0.8750 [0.5291, 0.9776] | "
                              "0.1250 [0.0224, 0.4709] | -0.7500 [-1.0000, -0.3750] | 0.031"));
  EXPECT_THAT(text, HasSubstr(" |\n| texts | perplexity | 4 | 7.5761 ["));
  EXPECT_THAT(text, HasSubstr("] | \u2013 | \u2013 |\n| texts | bits_per_byte | 4 | 0.7304 ["));
  EXPECT_THAT(text, HasSubstr("95 % intervals"));
}

TEST(ScoreTable, JsonSaysTheSame) {
  const Json json = score_json(score_rows(tasks()));
  ASSERT_EQ(json.size(), 3u);
  EXPECT_EQ(json[0]["task"], "sums");
  EXPECT_EQ(json[0]["before"]["value"], 0.875);
  EXPECT_EQ(json[0]["change"]["n"], 8);
  EXPECT_EQ(json[0]["change"]["only_before"], 6);
  EXPECT_EQ(json[0]["change"]["only_after"], 0);
  EXPECT_EQ(json[0]["change"]["p_value"], mcnemar_exact(6, 0));
  EXPECT_TRUE(json[1]["change"].is_null());
  EXPECT_GT(json[2]["change"]["ci95"][1], json[2]["change"]["ci95"][0]);
  EXPECT_FALSE(json[2]["change"].contains("p_value"));
}

TEST(ScoreTable, SharesThatDoNotDifferHaveAPValueToo) {
  const auto rows = score_rows(std::vector<TaskScores>{{"t", shares({1, 0}), shares({1, 0})}});
  EXPECT_THAT(score_markdown(rows), HasSubstr("| +0.0000 [+0.0000, +0.0000] | 1 |"));
  EXPECT_EQ(score_json(rows)[0]["change"]["p_value"], 1.0);
}

TEST(ScoreTable, SaysWhereItemsAreMissing) {
  std::vector<TaskScores> t{{"half", shares({1, 0, 1, 1}), shares({1, 0})}};
  t[0].after.partial = true;
  t[0].after.planned = 4;
  const auto rows = score_rows(t);
  EXPECT_THAT(score_markdown(rows), HasSubstr("| 4 / 2 (partial) |"));
  EXPECT_EQ(score_json(rows)[0]["change"]["n"], 2);
  EXPECT_EQ(score_json(rows)[0]["change"]["before"], 0.5);
  EXPECT_EQ(score_json(rows)[0]["before"]["value"], 0.75);
}

TEST(ScoreTable, NoTaskAndNoItemAreNoTrouble) {
  EXPECT_THAT(score_markdown({}), HasSubstr("|---|"));
  EXPECT_EQ(score_json({}), Json::array());
  const auto rows = score_rows(std::vector<TaskScores>{{"none", shares({}), shares({})},
                                                       {"no texts", losses({}), losses({})}});
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_FALSE(rows[0].change);
  EXPECT_THAT(score_markdown(rows), Not(HasSubstr("nan")));
}

TEST(ScoreTable, NamesCannotBreakTheTable) {
  const std::vector<TaskScores> t{{"a|b\nc\\", shares({1}), shares({0})}};
  const std::string text = score_markdown(score_rows(t), {.before = "x|y", .after = "z"});
  EXPECT_THAT(text, HasSubstr("| a\\|b c\\\\ | accuracy |"));
  EXPECT_THAT(text, HasSubstr("| x\\|y | z |"));
}

TEST(ScoreTable, ResultsOfDifferentTasksAreRefused) {
  const std::vector<TaskScores> t{{"mixed", shares({1}), losses({20})}};
  PANGU_EXPECT_ERROR(score_rows(t), InputError, "mixed", "accuracy", "perplexity, bits_per_byte");
}

}  // namespace
}  // namespace pangu::eval
