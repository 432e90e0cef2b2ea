// SPDX-License-Identifier: Apache-2.0
// Races on made-up machines whose truth is known: what they cost, and how far from the best choice
// they end.
#include "adaptive/explore/plan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>

#include "tests/support/support.h"

namespace pangu::adaptive {
namespace {

constexpr std::int64_t kItems = 120;

/// A machine, a model and its variants as they really are.
class MadeUpMachine {
 public:
  MadeUpMachine(std::uint64_t seed, int variants, int kinds) : rng_(seed) {
    std::uniform_real_distribution<double> uniform;
    for (int v = 0; v < variants; ++v) {
      Real real;
      real.decode = 50 * std::exp(1.5 * uniform(rng_));
      real.prefill = 400 * std::exp(uniform(rng_));
      real.memory = static_cast<std::int64_t>(1e9 * std::exp(-1.5 * uniform(rng_)));
      // Some lose nothing, some little, some all.
      real.damage = v == 0 ? 0 : std::pow(uniform(rng_), 3);
      reals_.push_back(real);
    }
    for (int k = 0; k < kinds; ++k) difficulty_.push_back(0.1 + 0.5 * uniform(rng_));
  }

  ProfileData nothing_measured() const {
    ProfileData data;
    for (std::size_t k = 0; k < difficulty_.size(); ++k) {
      data.tasks.push_back({.id = static_cast<std::int64_t>(k) + 1,
                            .kind = "kind" + std::to_string(k),
                            .name = "made up",
                            .digest = "",
                            .items = kItems});
    }
    for (std::size_t v = 0; v < reals_.size(); ++v) {
      VariantFigures figures{.id = static_cast<std::int64_t>(v) + 1, .variant = {}};
      if (v > 0) figures.variant.format = "w" + std::to_string(v);
      data.variants.push_back(figures);
    }
    return data;
  }

  Scope scope() const {
    Scope out;
    for (std::size_t v = 0; v < reals_.size(); ++v) {
      out.variants.push_back(static_cast<std::int64_t>(v) + 1);
    }
    for (const Objective objective : objectives()) {
      for (const double quality : {0.95, 0.98}) {
        out.goals.push_back({objective, {.min_quality = quality}});
      }
    }
    out.divergence = false;
    return out;
  }

  /// Whether an item is answered right: the same at every asking.
  bool right(std::int64_t task, std::int64_t variant, std::int64_t item) const {
    const double luck = hash(task, 0, item);
    if (luck < difficulty_[static_cast<std::size_t>(task) - 1]) {
      // Beyond the original, seldom within reach of what quantization shuffles.
      return hash(task, variant, item) < 0.05 * damage(variant);
    }
    return hash(task, variant, item) >= damage(variant);
  }

  void perform(const Work& work, ProfileData& data) {
    auto& figures = data.variants[static_cast<std::size_t>(work.variant) - 1];
    const Real& real = reals_[static_cast<std::size_t>(work.variant) - 1];
    if (work.step == Step::kSpeed) {
      figures.footprint = {1, real.memory, real.memory, 0};
      figures.speed.push_back(
          {64, 1, real.prefill, real.decode, reals_[0].prefill, reals_[0].decode, "now"});
      return;
    }
    ASSERT_EQ(work.step, Step::kAnswers);
    ASSERT_GT(work.count, 0);
    AnswerSet* set = nullptr;
    for (AnswerSet& a : data.answers) {
      if (a.task == work.task && a.variant == work.variant) set = &a;
    }
    if (!set)
      set = &data.answers.emplace_back(AnswerSet{.task = work.task, .variant = work.variant});
    for (std::int64_t i = work.first; i < work.first + work.count; ++i) {
      ASSERT_EQ(i, static_cast<std::int64_t>(set->answers.size())) << "answered twice";
      ASSERT_LT(i, most_);
      set->answers.push_back({i, right(work.task, work.variant, i) ? 1.0 : 0.0, 40, 20});
    }
    items_ += work.count;
  }

  /// Measures until all is decided.
  ProfileData run(const Scope& scope) {
    ProfileData data = nothing_measured();
    items_ = 0;
    for (int step = 0; step < 100'000; ++step) {
      const auto work = next_work(data, scope);
      if (!work) return data;
      perform(*work, data);
      if (testing::Test::HasFatalFailure()) return data;
    }
    ADD_FAILURE() << "the race does not end";
    return data;
  }

  std::int64_t items() const { return items_; }
  void set_items(std::int64_t most) { most_ = most; }

 private:
  struct Real {
    double prefill = 0, decode = 0, damage = 0;
    std::int64_t memory = 0;
  };
  double damage(std::int64_t variant) const {
    return reals_[static_cast<std::size_t>(variant) - 1].damage;
  }
  static double hash(std::int64_t a, std::int64_t b, std::int64_t c) {
    std::mt19937_64 rng(static_cast<std::uint64_t>(a * 1'000'003 + b * 10'007 + c));
    return std::uniform_real_distribution<double>()(rng);
  }

  std::mt19937_64 rng_;
  std::vector<Real> reals_;
  std::vector<double> difficulty_;
  std::int64_t items_ = 0, most_ = kItems;
};

TEST(Plan, RacesEndNearTheBestChoiceAtAFractionOfTheCost) {
  std::int64_t raced = 0, all = 0;
  int decisions = 0, within = 0;
  const auto trials = test::number_from("PANGU_TEST_RACES", 12);
  for (std::int64_t trial = 0; trial < trials; ++trial) {
    MadeUpMachine truth(test::seed() + static_cast<std::uint64_t>(trial), 24, 3);
    Scope scope = truth.scope();
    const ProfileData race = truth.run(scope);
    raced += truth.items();
    scope.exhaustive = true;
    const ProfileData full = truth.run(scope);
    all += truth.items();
    for (const TaskFigures& task : full.tasks) {
      const auto some = candidates(race, {.kind = task.kind}),
                 every = candidates(full, {.kind = task.kind});
      for (const Goal& goal : scope.goals) {
        const Decision chosen = decide(some, goal), best = decide(every, goal);
        ASSERT_TRUE(chosen.recommendation && best.recommendation);
        ++decisions;
        within += chosen.recommendation->choice.cost <= 1.05 * best.recommendation->choice.cost;
      }
    }
  }
  EXPECT_GE(within, decisions * 95 / 100) << decisions;
  EXPECT_LE(raced * 3, all);
  RecordProperty("items_raced", static_cast<int>(raced));
  RecordProperty("items_in_all", static_cast<int>(all));
}

TEST(Plan, LooksNoMoreOftenThanIntervalsHoldFor) {
  MadeUpMachine machine(9, 4, 1);
  const Scope scope = machine.scope();
  ProfileData data = machine.nothing_measured();
  data.tasks[0].items = 5000;
  machine.set_items(5000);
  std::map<std::int64_t, int> looks;
  while (const auto work = next_work(data, scope)) {
    if (work->step == Step::kAnswers) ++looks[work->variant];
    machine.perform(*work, data);
    ASSERT_FALSE(HasFatalFailure());
  }
  for (const auto& [variant, n] : looks) EXPECT_LE(n, kLooks) << variant;
}

TEST(Plan, GoesOnWhereItWasStopped) {
  MadeUpMachine truth(5, 8, 2);
  const Scope scope = truth.scope();
  const ProfileData whole = truth.run(scope);
  const std::int64_t items = truth.items();
  // Figures are all that it knows: the same data give the same next step.
  ProfileData data = truth.nothing_measured();
  std::vector<Work> steps;
  while (const auto work = next_work(data, scope)) {
    EXPECT_EQ(next_work(ProfileData(data), scope), work);
    steps.push_back(*work);
    truth.perform(*work, data);
  }
  EXPECT_EQ(truth.items(), 2 * items);
  EXPECT_EQ(data.answers.size(), whole.answers.size());
}

TEST(Plan, SpeedsComeBeforeAnswersAndTheOriginalBeforeAll) {
  MadeUpMachine truth(6, 5, 1);
  const Scope scope = truth.scope();
  ProfileData data = truth.nothing_measured();
  EXPECT_EQ(next_work(data, scope), (Work{.step = Step::kSpeed, .variant = 1}));
  EXPECT_FALSE(knows_speeds(data, scope));
  for (int v = 0; v < 5; ++v) {
    const auto work = next_work(data, scope);
    ASSERT_TRUE(work);
    EXPECT_EQ(work->step, Step::kSpeed);
    truth.perform(*work, data);
  }
  EXPECT_TRUE(knows_speeds(data, scope));
  EXPECT_EQ(next_work(data, scope)->step, Step::kAnswers);
  EXPECT_EQ(next_work(data, scope)->variant, 1);
}

TEST(Plan, AMissingAnswerIsAskedForAgain) {
  MadeUpMachine truth(5, 3, 1);
  Scope scope = truth.scope();
  scope.exhaustive = true;
  ProfileData data = truth.run(scope);
  auto& answers = data.answers[1].answers;
  answers.erase(answers.begin() + 7);
  EXPECT_EQ(next_work(data, scope), (Work{.step = Step::kAnswers,
                                          .variant = data.answers[1].variant,
                                          .task = 1,
                                          .first = 7,
                                          .count = kItems - 7}));
}

TEST(Plan, SpeedsThatWereWrittenInPartAreMeasuredAgain) {
  MadeUpMachine truth(5, 3, 1);
  const Scope scope = truth.scope();
  ProfileData data = truth.run(scope);
  EXPECT_TRUE(knows_speeds(data, scope));
  const Work again{.step = Step::kSpeed, .variant = 2};
  ProfileData no_footprint = data, only_many = data;
  no_footprint.variants[1].footprint.reset();
  only_many.variants[1].speed[0].batch = 8;
  for (const ProfileData* part : {&no_footprint, &only_many}) {
    EXPECT_FALSE(knows_speeds(*part, scope));
    EXPECT_EQ(next_work(*part, scope), again);
    EXPECT_EQ(work_left(*part, scope).speeds, 1);
  }
}

TEST(Plan, EveryWayOfSpeculationIsMeasuredAfterAStopBetweenTwo) {
  MadeUpMachine truth(5, 1, 1);
  Scope scope = truth.scope();
  ProfileData data = truth.run(scope);
  EXPECT_EQ(next_work(data, scope), std::nullopt);
  scope.speculation = {SpeculationMode::kLookup, SpeculationMode::kSuffix};
  const Work work{.step = Step::kSpeculation, .variant = 1, .task = 1};
  for (const SpeculationMode mode : scope.speculation) {
    EXPECT_EQ(next_work(data, scope), work);
    data.speculation.push_back({1, 1, Thinking::kDefault, mode, "", 2, 2, 2});
  }
  EXPECT_EQ(next_work(data, scope), std::nullopt);
}

TEST(Plan, WhatIsLeftBoundsWhatIsDone) {
  for (std::uint64_t seed = 20; seed < 26; ++seed) {
    MadeUpMachine truth(seed, 10, 2);
    const Scope scope = truth.scope();
    const WorkLeft left = work_left(truth.nothing_measured(), scope);
    EXPECT_EQ(left.speeds, 10);
    const ProfileData done = truth.run(scope);
    EXPECT_LE(truth.items(), left.answers_most);
    EXPECT_EQ(work_left(done, scope).speeds, 0);
    EXPECT_EQ(work_left(done, scope).answers_least, 0);
  }
}

}  // namespace
}  // namespace pangu::adaptive
