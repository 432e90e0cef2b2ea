// SPDX-License-Identifier: Apache-2.0
#include "adaptive/choose/candidates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "adaptive/testing/made_up_profile.h"
#include "pangu/error.h"
#include "tests/support/support.h"

namespace pangu::adaptive {
namespace {

using test_data::add_variant;
using test_data::answer;
using test_data::kManyItems;
using test_data::made_up_profile;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const CandidateOptions kMath{.kind = "math"};

const Candidate& find(const std::vector<Candidate>& list, const Strategy& strategy) {
  for (const Candidate& c : list) {
    if (c.strategy.text() == strategy.text()) return c;
  }
  ADD_FAILURE() << strategy.text() << " is no candidate";
  return list.front();
}

TEST(Candidates, TheBaselineIsThereAndFirst) {
  ProfileData data = made_up_profile();
  add_variant(data, "w8a8", 2, 0.5);
  std::swap(data.variants[0], data.variants[1]);
  data.speculation = {{1, 1, Thinking::kDefault, SpeculationMode::kLookup, "", 2, 2, 2}};
  for (const CandidateOptions& options : {kMath, CandidateOptions{}}) {
    const auto list = candidates(data, options);
    EXPECT_TRUE(list.front().is_baseline());
    EXPECT_EQ(std::count_if(list.begin(), list.end(), std::mem_fn(&Candidate::is_baseline)), 1);
  }
  EXPECT_THAT(candidates(data, kMath), SizeIs(4));  // two variants, each with and without guesses
  EXPECT_THAT(candidates(data, {}), SizeIs(2));
}

TEST(Candidates, OnlyWhatHasAFootprintAndTheSpeedOfOneSequence) {
  ProfileData data = made_up_profile();
  for (int i = 0; i < 3; ++i) add_variant(data, "w8a8", 2, 0.5);
  data.variants[1].footprint.reset();
  data.variants[2].speed.clear();
  data.variants[3].speed[0].batch = 8;  // no rate of one sequence: a choice would divide by it
  EXPECT_THAT(candidates(data, kMath), SizeIs(1));
  data.variants.erase(data.variants.begin());
  EXPECT_THAT(candidates(data, kMath), IsEmpty());
}

TEST(Candidates, KindsThatWereNotMeasuredAreAnErrorThatNamesThoseThatWere) {
  ProfileData data = made_up_profile();
  data.tasks.push_back({.id = 2, .kind = "code"});
  PANGU_EXPECT_ERROR(candidates(data, {.kind = "poetry"}), ConfigError, "'poetry'", "math, code");
  data.tasks.clear();
  PANGU_EXPECT_ERROR(candidates(data, kMath), ConfigError, "'math'", "none");
}

TEST(Candidates, WithoutAKindLengthsAreThoseAskedForAndQualityCountsForNothing) {
  ProfileData data = made_up_profile();
  const std::int64_t v = add_variant(data, "w8a8", 2, 0.5);
  answer(data, v, kManyItems, kManyItems);  // all wrong
  const auto list = candidates(data, {.prompt_tokens = 1000, .reply_tokens = 11});
  const Candidate& c = find(list, {.variant = {"", "w8a8", ""}});
  EXPECT_DOUBLE_EQ(c.first_token_s(), 1000 / 200.0);
  EXPECT_DOUBLE_EQ(c.answer_s(), 1000 / 200.0 + 10 / 20.0);
  EXPECT_EQ(c.quality(0.99), Quality::kUntold);
  EXPECT_EQ(c.quality(1.01), Quality::kUntold);
}

TEST(Candidates, CostsOfEveryObjective) {
  ProfileData data = made_up_profile();
  data.variants[0].speed.push_back({100, 8, 100, 40, 100, 40, "now"});
  data.speculation = {{1, 1, Thinking::kDefault, SpeculationMode::kLookup, "", 2, 2, 2}};
  const auto list = candidates(data, kMath);
  const Candidate& plain = list[0];
  EXPECT_DOUBLE_EQ(plain.cost(Objective::kLatency), 1 + 49 / 10.0);
  EXPECT_DOUBLE_EQ(plain.cost(Objective::kThroughput), 1 + 50 / 40.0);
  EXPECT_DOUBLE_EQ(plain.cost(Objective::kMemory), 1e9);
  EXPECT_DOUBLE_EQ(plain.cost(Objective::kBalanced), std::sqrt(5.9 * 1e9));
  const Candidate& guessing = list[1];
  EXPECT_DOUBLE_EQ(guessing.cost(Objective::kLatency), 1 + 49 / 20.0);
  // What guesses give a single reply says nothing of many at once.
  EXPECT_DOUBLE_EQ(guessing.cost(Objective::kThroughput), plain.cost(Objective::kThroughput));
}

TEST(Candidates, RatesAreScaledByTheOriginalOfTheSameSeconds) {
  ProfileData data = made_up_profile();
  data.variants[0].speed.push_back({100, 8, 100, 40, 100, 40, "now"});
  add_variant(data, "w8a8", 3, 0.5);
  data.variants[1].speed.push_back({100, 8, 300, 120, 100, 40, "now"});
  const auto quiet = candidates(data, kMath);
  for (SpeedReading& r : data.variants[1].speed) {  // the same, on a machine half as fast
    for (double* rate : {&r.prefill, &r.decode, &r.reference_prefill, &r.reference_decode}) {
      *rate /= 2;
    }
  }
  const auto busy = candidates(data, kMath);
  EXPECT_DOUBLE_EQ(quiet[1].prefill, 300);
  EXPECT_DOUBLE_EQ(quiet[1].batch_decode, 120);
  for (std::size_t i = 0; i < quiet.size(); ++i) {
    EXPECT_DOUBLE_EQ(busy[i].prefill, quiet[i].prefill);
    EXPECT_DOUBLE_EQ(busy[i].decode, quiet[i].decode);
    EXPECT_DOUBLE_EQ(busy[i].batch_decode, quiet[i].batch_decode);
  }
  // Where both did not fit there is nothing to scale by.
  data.variants[1].speed[0].reference_prefill = data.variants[1].speed[0].reference_decode = 0;
  EXPECT_DOUBLE_EQ(candidates(data, kMath)[1].decode, 15);
}

TEST(Candidates, TakeTheReadingOfTheNearestPrompt) {
  ProfileData data = made_up_profile();
  data.variants[0].speed = {{10, 1, 1, 1, 1, 1, ""},   {90, 1, 2, 2, 2, 2, ""},
                            {5000, 1, 3, 3, 3, 3, ""}, {90, 4, 4, 4, 4, 4, ""},
                            {90, 16, 5, 5, 5, 5, ""},  {5000, 16, 6, 6, 6, 6, ""}};
  add_variant(data, "w8a8", 1, 1);
  data.variants[1].speed = {{90, 1, 4, 4, 2, 2, ""}, {90, 4, 8, 8, 4, 4, ""}};
  const auto list = candidates(data, kMath);
  EXPECT_EQ(list[0].decode, 2);
  EXPECT_EQ(list[0].batch_decode, 5);  // of most sequences
  EXPECT_EQ(list[1].decode, 4);
  EXPECT_EQ(list[1].batch_decode, 8);  // twice the original's with as many
}

TEST(Candidates, LengthsAreOwnOrTheOriginals) {
  ProfileData data = made_up_profile();
  const std::int64_t v = add_variant(data, "w8a8", 1, 1);
  answer(data, 1, 24, 0, Thinking::kFast, 5);
  auto list = candidates(data, kMath);
  ASSERT_THAT(list, SizeIs(4));
  EXPECT_EQ(find(list, {{"", "w8a8", ""}}).reply_tokens, 50);
  EXPECT_FALSE(find(list, {{"", "w8a8", ""}}).lengths_are_own);
  EXPECT_EQ(find(list, {{"", "w8a8", ""}, Thinking::kFast}).reply_tokens, 5);
  answer(data, v, 24, 0, Thinking::kFast, 8);
  list = candidates(data, kMath);
  EXPECT_EQ(find(list, {{"", "w8a8", ""}, Thinking::kFast}).reply_tokens, 8);
  EXPECT_TRUE(find(list, {{"", "w8a8", ""}, Thinking::kFast}).lengths_are_own);
}

TEST(Candidates, ShortFirstItemsMakeNoCandidateLookFaster) {
  ProfileData data = made_up_profile();
  for (AnswerFigures& a : data.answers[0].answers) {
    if (a.item < 20) a.reply_tokens = 10, a.prompt_tokens = 20;
  }
  const std::int64_t v = add_variant(data, "w8a8", 1, 1);
  answer(data, v, 20, 0, Thinking::kDefault, 20);  // twice as long as the original's
  for (AnswerFigures& a : data.answers[1].answers) a.prompt_tokens = 20;
  const auto list = candidates(data, kMath);
  EXPECT_DOUBLE_EQ(list[0].reply_tokens, 48);
  EXPECT_DOUBLE_EQ(list[1].reply_tokens, 96);
  EXPECT_DOUBLE_EQ(list[1].prompt_tokens, list[0].prompt_tokens);
  EXPECT_TRUE(list[1].lengths_are_own);
}

TEST(Candidates, SpeculationIsOwnOrTheOriginals) {
  ProfileData data = made_up_profile();
  const std::int64_t v = add_variant(data, "w8a8", 1, 1);
  data.speculation = {{1, 1, Thinking::kDefault, SpeculationMode::kLookup, "", 1.5, 1, 2},
                      {1, 1, Thinking::kDefault, SpeculationMode::kDraft, "tiny", 2, 1, 3},
                      {1, v, Thinking::kDefault, SpeculationMode::kLookup, "", 1.25, 1, 2},
                      {1, v, Thinking::kDefault, SpeculationMode::kDraft, "other", 3, 1, 4},
                      {1, v, Thinking::kSlow, SpeculationMode::kSuffix, "", 9, 9, 9},
                      {2, v, Thinking::kDefault, SpeculationMode::kSuffix, "", 9, 9, 9}};
  const auto list = candidates(data, kMath);
  ASSERT_THAT(list, SizeIs(7));
  const auto expect = [&](std::size_t i, SpeculationMode mode, double speed_up, bool own,
                          const char* draft) {
    EXPECT_EQ(list[i].strategy.speculation, mode);
    EXPECT_EQ(list[i].speed_up, speed_up);
    EXPECT_EQ(list[i].speed_up_is_own, own);
    EXPECT_EQ(list[i].draft, draft);
  };
  expect(0, SpeculationMode::kOff, 1, true, "");
  expect(1, SpeculationMode::kLookup, 1.5, true, "");
  expect(2, SpeculationMode::kDraft, 2, true, "tiny");
  expect(3, SpeculationMode::kOff, 1, true, "");
  expect(4, SpeculationMode::kLookup, 1.25, true, "");
  expect(5, SpeculationMode::kDraft, 3, true, "other");
  expect(6, SpeculationMode::kDraft, 2, false, "tiny");
}

TEST(Candidates, QualityGrowsSurerWithItems) {
  ProfileData data = made_up_profile();
  const auto quality = [&](std::int64_t count, std::int64_t wrong, double wanted) {
    ProfileData some = data;
    answer(some, add_variant(some, "w8a8", 1, 1), count, wrong);
    return candidates(some, kMath)[1].quality(wanted);
  };
  EXPECT_EQ(quality(0, 0, 0.95), Quality::kOpen);
  EXPECT_EQ(quality(24, 0, 0.95), Quality::kOpen);
  EXPECT_EQ(quality(24, 12, 0.95), Quality::kLost);
  EXPECT_EQ(quality(kManyItems, 0, 0.95), Quality::kKept);
  EXPECT_EQ(quality(kManyItems, kManyItems * 3 / 100, 0.96), Quality::kLikely);
  EXPECT_EQ(quality(kManyItems, kManyItems * 5 / 100, 0.96), Quality::kMissed);
  EXPECT_EQ(quality(kManyItems, kManyItems / 4, 0.96), Quality::kLost);
}

TEST(Candidates, TheOriginalKeepsItsQualityHoweverItGuesses) {
  ProfileData data = made_up_profile();
  data.speculation = {{1, 1, Thinking::kDefault, SpeculationMode::kLookup, "", 2, 2, 2}};
  answer(data, 1, 24, 24, Thinking::kFast);
  const auto list = candidates(data, kMath);
  EXPECT_EQ(list[0].quality(1), Quality::kKept);
  EXPECT_EQ(list[1].quality(1), Quality::kKept);
  EXPECT_EQ(find(list, {{}, Thinking::kFast}).quality(0.9), Quality::kLost);
}

TEST(Candidates, AnOriginalThatKnowsNothingTellsNothing) {
  ProfileData data = made_up_profile();
  answer(data, add_variant(data, "w8a8", 1, 1), 48, 48);
  for (AnswerFigures& a : data.answers[0].answers) a.value = 0;
  EXPECT_TRUE(candidates(data, kMath)[1].tells_nothing);
  EXPECT_EQ(candidates(data, kMath)[1].quality(0.98), Quality::kUntold);
  // A quarter right is what guessing gives of four choices, but not of open questions.
  for (AnswerFigures& a : data.answers[0].answers) a.value = a.item % 4 == 0;
  EXPECT_FALSE(candidates(data, kMath)[1].tells_nothing);
  data.tasks[0].chance = 0.25;
  EXPECT_TRUE(candidates(data, kMath)[1].tells_nothing);
  // A few answers are too few to say so.
  data.answers[0].answers.resize(12);
  EXPECT_FALSE(candidates(data, kMath)[1].tells_nothing);
}

TEST(Candidates, DivergenceRejects) {
  ProfileData data = made_up_profile();
  answer(data, add_variant(data, "w8a8", 1, 1), kManyItems, 0);
  data.variants[1].divergence = DivergenceFigures{2, 0.49, 3, 0.5, 100};
  EXPECT_EQ(candidates(data, kMath)[1].quality(0.9), Quality::kKept);  // surely it is not
  data.variants[1].divergence->low = 0.51;
  EXPECT_TRUE(candidates(data, kMath)[1].rejected_by_divergence);
  EXPECT_EQ(candidates(data, kMath)[1].quality(0.9), Quality::kLost);
  EXPECT_EQ(candidates(data, {.kind = "math", .max_divergence = 1})[1].quality(0.9),
            Quality::kKept);
}

}  // namespace
}  // namespace pangu::adaptive
