// SPDX-License-Identifier: Apache-2.0
#include "adaptive/optimize/held_out.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "adaptive/optimize/optimize_report.h"

namespace pangu::adaptive {
namespace {

constexpr std::int64_t kKeptBack = 60;

/// A variant that was faster in proportion to its number, and answered all items as the original.
Candidate candidate(const VariantFigures& figures, double decode) {
  Candidate c{.strategy = {figures.variant}, .figures = &figures};
  c.prefill = 100;
  c.decode = c.batch_decode = decode;
  c.memory = 1000;
  c.prompt_tokens = 10;
  c.reply_tokens = 50;
  c.pairs = {.n = 120, .both = 90};
  c.items = 120;
  return c;
}

class HeldOut : public ::testing::Test {
 protected:
  HeldOut() {
    for (const char* format : {"", "slow", "middle", "quick"}) {
      figures_.push_back({.variant = {.format = format}});
    }
    for (std::size_t i = 0; i < figures_.size(); ++i) {
      list_.push_back(candidate(figures_[i], 10.0 * static_cast<double>(i + 1)));
    }
  }

  std::optional<CheckedChoice> choose() {
    return choose_checked(
        list_, {Objective::kLatency, {.min_quality = 0.95}}, "math",
        [this](const Variant& v, Thinking) { return answers(v); },
        [this](const std::string& line) { said_.push_back(line); });
  }

  /// The first `right` of the items that were kept back are right.
  std::vector<AnswerFigures> answers(const Variant& v) {
    ++asked_[v.name()];
    std::vector<AnswerFigures> out;
    const auto found = right_.find(v.name());
    const std::int64_t right = found == right_.end() ? 45 : found->second;
    for (std::int64_t i = 0; i < kKeptBack; ++i) out.push_back({i, i < right ? 1.0 : 0.0});
    return out;
  }

  std::vector<VariantFigures> figures_;
  std::vector<Candidate> list_;
  std::map<std::string, std::int64_t> right_;
  std::map<std::string, int> asked_;
  std::vector<std::string> said_;
};

TEST_F(HeldOut, ThePromiseThatHoldsIsTaken) {
  const auto choice = choose();
  ASSERT_TRUE(choice);
  EXPECT_EQ(choice->candidate.strategy.variant.name(), "quick");
  ASSERT_EQ(choice->checks.size(), 1u);
  EXPECT_TRUE(choice->checks[0].holds);
  EXPECT_EQ(choice->checks[0].pairs.n, kKeptBack);
  EXPECT_THAT(said_, ::testing::SizeIs(1));
}

TEST_F(HeldOut, StepsBackAsOftenAsThePromiseIsBroken) {
  right_ = {{"quick", 20}, {"middle", 30}};
  const auto choice = choose();
  ASSERT_TRUE(choice);
  EXPECT_EQ(choice->candidate.strategy.variant.name(), "slow");
  ASSERT_EQ(choice->checks.size(), 3u);
  EXPECT_FALSE(choice->checks[0].holds);
  EXPECT_FALSE(choice->checks[1].holds);
  EXPECT_TRUE(choice->checks[2].holds);
  EXPECT_EQ(asked_["original"], 1) << "its answers are needed once";
  EXPECT_THAT(said_[0], ::testing::HasSubstr("does not hold"));
  std::vector<std::string> accepted;
  for (const Candidate& c : choice->accepted) accepted.push_back(c.strategy.variant.name());
  EXPECT_THAT(accepted, ::testing::ElementsAre("original", "slow"));
}

TEST_F(HeldOut, EndsAtTheOriginalWhichNeedsNoCheck) {
  right_ = {{"quick", 0}, {"middle", 0}, {"slow", 0}};
  const auto choice = choose();
  ASSERT_TRUE(choice);
  EXPECT_TRUE(choice->candidate.strategy.variant.is_original());
  EXPECT_EQ(choice->checks.size(), 3u);
  const OptimizedKind kind{"math", choice->candidate, list_[0], choice->checks};
  EXPECT_THAT(optimized_markdown({kind}), ::testing::Not(::testing::HasSubstr("promised")))
      << "the checks were of others";
}

TEST_F(HeldOut, AnotherWayOfGuessingIsNotCheckedAgain) {
  Candidate guesses = list_[3];
  guesses.strategy.speculation = SpeculationMode::kAuto;
  guesses.speed_up = 2;
  list_.push_back(guesses);
  right_ = {{"quick", 0}};
  const auto choice = choose();
  ASSERT_TRUE(choice);
  EXPECT_EQ(choice->candidate.strategy.variant.name(), "middle");
  EXPECT_EQ(asked_["quick"], 1);
}

TEST_F(HeldOut, WhatLosesALittleOnAllItemsTogetherDoesNotPass) {
  // 95 % were asked for; the fast one had exactly that, and less on the items kept back.
  list_[3].pairs = {.n = 120, .both = 114, .only_original = 6};
  right_ = {{"quick", 42}};
  const auto choice = choose();
  ASSERT_TRUE(choice);
  EXPECT_EQ(choice->candidate.strategy.variant.name(), "middle");
}

}  // namespace
}  // namespace pangu::adaptive
