// SPDX-License-Identifier: Apache-2.0
#include "adaptive/choose/recommend.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <functional>
#include <random>

#include "adaptive/testing/made_up_profile.h"
#include "tests/support/support.h"

namespace pangu::adaptive {
namespace {

using test_data::add_variant;
using test_data::answer;
using test_data::kManyItems;
using test_data::made_up_profile;
using ::testing::IsEmpty;
using ::testing::SizeIs;

/// The original; w8a8, twice as fast in half the memory, surely as good; w4a8-g64, four times as
/// fast in a quarter, of which no item was answered; and w4a16-g64, as fast, surely worse.
ProfileData four_variants() {
  ProfileData data = made_up_profile();
  answer(data, add_variant(data, "w8a8", 2, 0.5), kManyItems, 0);
  add_variant(data, "w4a8-g64", 4, 0.25);
  answer(data, add_variant(data, "w4a16-g64", 8, 0.125), kManyItems, kManyItems / 4);
  return data;
}

std::vector<Candidate> listed(const ProfileData& data) {
  return candidates(data, {.kind = "math"});
}

std::string format_of(const Ranked& choice) {
  return choice.candidate->strategy.variant.name();
}

TEST(Recommend, TheCheapestThatKeepsToTheConstraintsWithItsCompany) {
  const ProfileData data = four_variants();
  const auto list = listed(data);
  for (const Objective objective : objectives()) {
    const Decision d = decide(list, {objective, {}});
    ASSERT_TRUE(d.recommendation) << name(objective);
    EXPECT_THAT(d.nearest, IsEmpty());
    const Recommendation& r = *d.recommendation;
    EXPECT_EQ(format_of(r.choice), "w8a8");
    EXPECT_EQ(r.choice.cost, list[1].cost(objective));
    EXPECT_EQ(r.choice.quality, Quality::kKept);
    ASSERT_THAT(r.runners_up, SizeIs(1));
    EXPECT_EQ(format_of(r.runners_up[0]), "original");
    ASSERT_THAT(r.alternatives, SizeIs(2));
    EXPECT_EQ(format_of(r.alternatives[0].choice), "w4a16-g64");
    EXPECT_EQ(r.alternatives[0].obstacle, Obstacle::kQuality);
    EXPECT_DOUBLE_EQ(r.alternatives[0].needed, 0.75);
    EXPECT_EQ(format_of(r.alternatives[1].choice), "w4a8-g64");
    EXPECT_EQ(r.alternatives[1].obstacle, Obstacle::kOpen);
    EXPECT_EQ(r.open, &list[2]);
    EXPECT_EQ(leader(list, {objective, {}}), &list[2]);
  }
}

TEST(Recommend, EveryConstraintForbidsAndSaysWhatItWouldTake) {
  const ProfileData data = four_variants();
  const auto list = listed(data);
  const auto of = [&](Constraints constraints) { return obstacle(list[0], constraints); };
  EXPECT_EQ(of({.max_memory = 1'000'000'000}), Obstacle::kNone);
  EXPECT_EQ(of({.max_memory = 999'999'999}), Obstacle::kMemory);
  EXPECT_EQ(of({.max_first_token = 1.0}), Obstacle::kNone);
  EXPECT_EQ(of({.max_first_token = 0.99}), Obstacle::kFirstToken);
  EXPECT_EQ(of({.min_speed = 10.0}), Obstacle::kNone);
  EXPECT_EQ(of({.min_speed = 10.1}), Obstacle::kSpeed);
  EXPECT_EQ(obstacle(list[3], {}), Obstacle::kQuality);
  EXPECT_EQ(obstacle(list[2], {}), Obstacle::kOpen);
  EXPECT_EQ(obstacle(list[3], {.max_memory = 1}), Obstacle::kMemory);  // the first that holds
}

TEST(Recommend, AlternativesAreThoseThatOneConstraintForbids) {
  ProfileData data = four_variants();
  const Goal goal{Objective::kMemory, {.min_quality = 0.98, .min_speed = 15.0}};
  // With a speed that the worse one lacks as well, nothing that it needs would be enough.
  data.variants[3].speed[0].decode = 1;
  const auto slow = listed(data);
  const Decision both = decide(slow, goal);
  ASSERT_TRUE(both.recommendation);
  ASSERT_THAT(both.recommendation->alternatives, SizeIs(1));
  EXPECT_EQ(both.recommendation->alternatives[0].obstacle, Obstacle::kOpen);
  // A score that says nothing of why it was rejected is nothing to relax.
  data.variants[3].speed[0].decode = 80;
  data.variants[3].divergence = DivergenceFigures{9, 8, 10, 0, 100};
  const auto diverging = listed(data);
  EXPECT_THAT(decide(diverging, goal).recommendation->alternatives, SizeIs(1));
}

TEST(Recommend, NothingFeasibleNamesTheNearestOfEachConstraint) {
  const ProfileData data = four_variants();
  const auto list = listed(data);
  Decision d = decide(list, {Objective::kLatency, {.max_memory = 400'000'000}});
  EXPECT_FALSE(d.recommendation);
  ASSERT_THAT(d.nearest, SizeIs(3));
  EXPECT_EQ(d.nearest[0].obstacle, Obstacle::kMemory);
  EXPECT_EQ(format_of(d.nearest[0].choice), "w8a8");
  EXPECT_DOUBLE_EQ(d.nearest[0].needed, 5e8);
  EXPECT_EQ(d.nearest[1].obstacle, Obstacle::kQuality);
  EXPECT_EQ(format_of(d.nearest[1].choice), "w4a16-g64");
  EXPECT_EQ(d.nearest[2].obstacle, Obstacle::kOpen);
  EXPECT_EQ(format_of(d.nearest[2].choice), "w4a8-g64");
  d = decide(list, {Objective::kLatency, {.max_first_token = 0.3, .min_speed = 50.0}});
  ASSERT_FALSE(d.recommendation);
  // All that are good are too slow in both ways: each constraint has its nearest all the same.
  EXPECT_EQ(d.nearest[0].obstacle, Obstacle::kFirstToken);
  EXPECT_EQ(format_of(d.nearest[0].choice), "w8a8");
  EXPECT_DOUBLE_EQ(d.nearest[0].needed, 0.5);
  EXPECT_EQ(d.nearest[1].obstacle, Obstacle::kSpeed);
  EXPECT_THAT(decide({}, {}).nearest, IsEmpty());
  EXPECT_EQ(leader({}, {}), nullptr);
}

TEST(Recommend, OfEqualCostsTheEarlierOneWins) {
  ProfileData data = made_up_profile();
  for (const char* format : {"w8a8", "w8a16"}) {
    answer(data, add_variant(data, format, 1, 1), kManyItems, 0);
  }
  const auto list = listed(data);
  const Decision d = decide(list, {});
  EXPECT_EQ(d.recommendation->choice.candidate, &list[0]);
  EXPECT_EQ(d.recommendation->runners_up[0].candidate, &list[1]);
  EXPECT_EQ(d.recommendation->runners_up[1].candidate, &list[2]);
  EXPECT_EQ(leader(list, {}), &list[0]);
}

/// Any profile of a few variants, answered by as many items as it happens.
ProfileData any_profile() {
  ProfileData data = made_up_profile();
  const auto number = *rc::gen::inRange(0, 8);
  for (int i = 0; i < number; ++i) {
    const auto v =
        add_variant(data, "w8a8", *rc::gen::inRange(1, 40) / 8.0, *rc::gen::inRange(1, 16) / 8.0);
    const auto count = *rc::gen::inRange(0, static_cast<int>(kManyItems) + 1);
    answer(data, v, count, *rc::gen::inRange(0, count / 4 + 1), Thinking::kDefault,
           *rc::gen::inRange(1, 100));
  }
  return data;
}

Goal any_request() {
  Goal out{*rc::gen::elementOf(std::vector<Objective>(objectives().begin(), objectives().end())),
           {.min_quality = *rc::gen::inRange(50, 101) / 100.0}};
  if (*rc::gen::arbitrary<bool>())
    out.constraints.max_memory = *rc::gen::inRange(1, 2000) * 1'000'000LL;
  if (*rc::gen::arbitrary<bool>()) out.constraints.max_first_token = *rc::gen::inRange(1, 20) / 8.0;
  if (*rc::gen::arbitrary<bool>()) out.constraints.min_speed = *rc::gen::inRange(1, 40);
  return out;
}

/// RapidCheck takes its seed and number of trials from the environment alone.
void check_always(const char* what, const std::function<void()>& property) {
  const std::string parameters = "seed=" + std::to_string(test::seed()) +
                                 " max_success=" + (test::takes_fewer() ? "50" : "300");
  setenv("RC_PARAMS", parameters.c_str(), 0);
  EXPECT_TRUE(rc::check(what, property));
}

TEST(RecommendAlways, NothingWithAnObstacleIsTaken) {
  check_always("choice and runners-up keep to the constraints, alternatives are cheaper", [] {
    const ProfileData data = any_profile();
    const auto list = listed(data);
    const Goal goal = any_request();
    const Decision d = decide(list, goal);
    RC_ASSERT(d.recommendation.has_value() != !d.nearest.empty());
    if (!d.recommendation) return;
    const Recommendation& r = *d.recommendation;
    RC_ASSERT(obstacle(*r.choice.candidate, goal.constraints) == Obstacle::kNone);
    for (const Ranked& other : r.runners_up) {
      RC_ASSERT(obstacle(*other.candidate, goal.constraints) == Obstacle::kNone);
      RC_ASSERT(other.cost >= r.choice.cost);
    }
    for (const Alternative& a : r.alternatives) {
      RC_ASSERT(obstacle(*a.choice.candidate, goal.constraints) == a.obstacle);
      RC_ASSERT(a.choice.cost <= r.choice.cost);
    }
    RC_ASSERT(leader(list, goal)->cost(goal.objective) <= r.choice.cost);
  });
}

TEST(RecommendAlways, RelaxingAConstraintNeverRaisesTheCost) {
  check_always("less asked for is not dearer", [] {
    const ProfileData data = any_profile();
    const auto list = listed(data);
    const Goal goal = any_request();
    const Decision before = decide(list, goal);
    if (!before.recommendation) return;
    const auto cost_with = [&](const std::function<void(Constraints&)>& relax) {
      Goal relaxed = goal;
      relax(relaxed.constraints);
      const Decision d = decide(list, relaxed);
      RC_ASSERT(d.recommendation.has_value());
      return d.recommendation->choice.cost;
    };
    const double cost = before.recommendation->choice.cost;
    RC_ASSERT(cost_with([](Constraints& c) { c.max_memory.reset(); }) <= cost);
    RC_ASSERT(cost_with([](Constraints& c) { c.max_first_token.reset(); }) <= cost);
    RC_ASSERT(cost_with([](Constraints& c) { c.min_speed.reset(); }) <= cost);
    RC_ASSERT(cost_with([](Constraints& c) { c.min_quality -= 0.05; }) <= cost);
  });
}

TEST(RecommendAlways, TheOrderOfTheListDecidesTiesAlone) {
  check_always("a shuffled list gives the same costs", [] {
    const ProfileData data = any_profile();
    const auto list = listed(data);
    const Goal goal = any_request();
    auto shuffled = list;
    std::shuffle(shuffled.begin(), shuffled.end(),
                 std::mt19937_64(*rc::gen::arbitrary<unsigned>()));
    const Decision a = decide(list, goal), b = decide(shuffled, goal);
    RC_ASSERT(a.recommendation.has_value() == b.recommendation.has_value());
    RC_ASSERT(a.nearest.size() == b.nearest.size());
    if (!a.recommendation) return;
    RC_ASSERT(a.recommendation->choice.cost == b.recommendation->choice.cost);
    RC_ASSERT(a.recommendation->runners_up.size() == b.recommendation->runners_up.size());
    for (std::size_t i = 0; i < a.recommendation->runners_up.size(); ++i) {
      RC_ASSERT(a.recommendation->runners_up[i].cost == b.recommendation->runners_up[i].cost);
    }
  });
}

TEST(RecommendAlways, AFasterMachineChoosesTheSame) {
  check_always("all rates four times as high leave the choice", [] {
    ProfileData data = any_profile();
    const Goal goal{any_request().objective, {}};
    const auto slow = listed(data);
    const auto before = decide(slow, goal).recommendation->choice.candidate - slow.data();
    for (VariantFigures& v : data.variants) {
      for (SpeedReading& r : v.speed) {
        // A power of four is exact, under the root of the balanced objective, too.
        for (double* rate : {&r.prefill, &r.decode, &r.reference_prefill, &r.reference_decode}) {
          *rate *= 4;
        }
      }
    }
    const auto fast = listed(data);
    RC_ASSERT(decide(fast, goal).recommendation->choice.candidate - fast.data() == before);
  });
}

}  // namespace
}  // namespace pangu::adaptive
