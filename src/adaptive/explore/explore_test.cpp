// SPDX-License-Identifier: Apache-2.0
// Whole explorations of a small model: what is measured, kept, gone on with.
#include "adaptive/explore/explore.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "pangu/error.h"
#include "tests/support/support.h"

namespace pangu::adaptive {
namespace {

constexpr int kRows = 12;

std::string choice_rows() {
  std::string out;
  for (int i = 0; i < kRows; ++i) {
    out += "{\"prompt\": \"Once upon a time, there was a little girl named\", \"choices\": [\" " +
           std::string(i % 2 ? "Lily" : "the") + "\", \" " + std::string(i % 2 ? "run" : "Sam") +
           "\"], \"answer_index\": " + std::to_string(i % 3 == 0) + "}\n";
  }
  return out;
}

class Explore : public ::testing::Test {
 protected:
  void SetUp() override {
    if (test::shared_dir().empty()) GTEST_SKIP() << "the shared models are not here";
    test::write_file(dir_.path() / "rows.jsonl", choice_rows());
    options_.laboratory.model = test::shared_dir() / "models" / "stories260K";
    options_.laboratory.prompt_tokens = 8;
    options_.laboratory.decode_tokens = 4;
    options_.laboratory.many = 2;
    options_.model_name = "stories";
    options_.engine = "test-1";
    options_.threads = 1;
    options_.formats = {"w8a8"};
    options_.tasks.push_back(
        parse_kind_task("knowledge=mcq:" + (dir_.path() / "rows.jsonl").string(), -1));
    options_.goals = default_goals();
  }

  ExploreResult run() {
    Context ctx({.threads = 1});
    ProfileStore store(dir_.path() / "p.db", Access::kWrite);
    return explore(options_, store, ctx, hooks_);
  }

  test::ScratchDir dir_;
  ExploreOptions options_;
  ExploreHooks hooks_;
};

TEST_F(Explore, MeasuresWhatDecisionsNeedAndKeepsIt) {
  int first_answers = 0;
  std::vector<std::string> order;
  hooks_.estimate = [&](const ExploreProgress& p) {
    order.emplace_back("estimate");
    ASSERT_TRUE(p.cost);
    EXPECT_GT(p.cost->low_s, 0);
    EXPECT_LT(p.cost->low_s, p.cost->high_s);
  };
  hooks_.piece = [&](const ExploreProgress& p) { order.push_back(p.now); };
  hooks_.first_answer = [&](const ExploreProgress&) { ++first_answers; };
  const ExploreResult result = run();
  EXPECT_TRUE(result.settled);
  EXPECT_EQ(first_answers, 1);
  // Before everything but what it is made from.
  EXPECT_EQ(std::count(order.begin(), order.end(), "estimate"), 1);
  EXPECT_EQ(order.at(0), "original: speed and memory");
  EXPECT_EQ(order.at(1), "estimate");
  EXPECT_TRUE(result.cost);
  ASSERT_EQ(result.data.variants.size(), 2u);
  for (const VariantFigures& v : result.data.variants) {
    ASSERT_TRUE(v.footprint) << v.variant.name();
    EXPECT_GT(v.footprint->resident_bytes, v.footprint->weight_bytes);
    ASSERT_EQ(v.speed.size(), 2u);
    for (const SpeedReading& r : v.speed) {
      EXPECT_GT(r.prefill, 0);
      EXPECT_GT(r.decode, 0);
      EXPECT_GT(r.reference_decode, 0);
    }
  }
  EXPECT_LT(result.data.variants[1].footprint->weight_bytes,
            result.data.variants[0].footprint->weight_bytes);
  const AnswerSet* answers =
      result.data.answers_of(result.data.tasks[0].id, result.data.original()->id, {});
  ASSERT_TRUE(answers);
  EXPECT_GT(answers->answers.size(), 0u);
  for (const AnswerFigures& a : answers->answers) EXPECT_GT(a.prompt_tokens, 0);

  const ExploreResult again = run();
  EXPECT_TRUE(again.settled);
  EXPECT_EQ(again.items, 0) << "what was measured is not measured again";
  EXPECT_FALSE(again.cost) << "nothing is to be done";
  EXPECT_EQ(again.data.entry.id, result.data.entry.id);
}

TEST_F(Explore, LooksAtWhatItWasAskedForAlone) {
  run();
  test::write_file(dir_.path() / "more.jsonl", choice_rows());
  options_.tasks = {parse_kind_task("facts=mcq:" + (dir_.path() / "more.jsonl").string(), -1)};
  options_.formats = {"w8a16"};
  const ExploreResult other = run();
  EXPECT_TRUE(other.settled);
  ASSERT_EQ(other.data.tasks.size(), 1u);
  EXPECT_EQ(other.data.tasks[0].kind, "facts");
  ASSERT_EQ(other.data.variants.size(), 2u);
  EXPECT_EQ(other.data.variants[1].variant.name(), "w8a16");
  for (const AnswerSet& set : other.data.answers) EXPECT_EQ(set.task, other.data.tasks[0].id);
}

TEST_F(Explore, GoesOnAfterATimeThatWasTooShort) {
  options_.exhaustive = true;
  const ExploreResult whole = run();
  std::filesystem::remove(dir_.path() / "p.db");
  options_.budget_s = 0;
  const ExploreResult none = run();
  EXPECT_FALSE(none.settled);
  EXPECT_EQ(none.items, 0);
  options_.budget_s.reset();
  const ExploreResult rest = run();
  EXPECT_TRUE(rest.settled);
  ASSERT_EQ(rest.data.answers.size(), whole.data.answers.size());
  for (std::size_t s = 0; s < whole.data.answers.size(); ++s) {
    const auto &a = whole.data.answers[s].answers, &b = rest.data.answers[s].answers;
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i) EXPECT_EQ(a[i].value, b[i].value) << s << ' ' << i;
  }
}

TEST_F(Explore, StopsWhenAskedToAndLosesNothing) {
  std::stop_source stop;
  options_.laboratory.cancel = stop.get_token();
  int pieces = 0;
  hooks_.piece = [&](const ExploreProgress&) {
    if (++pieces == 2) stop.request_stop();
  };
  EXPECT_THROW(run(), Cancelled);
  const ProfileStore store(dir_.path() / "p.db", Access::kRead);
  ASSERT_EQ(store.entries().size(), 1u);
  const ProfileData data = store.load(store.entries()[0].id);
  EXPECT_TRUE(data.original()->footprint);
  EXPECT_FALSE(data.variants[1].footprint);
}

TEST_F(Explore, ModelsOfOtherTokensAreRefusedBeforeAnythingIsMeasured) {
  const std::filesystem::path nano = "pangu-nano";
  options_.sources = {nano};
  PANGU_EXPECT_ERROR(run(), ConfigError, "pangu-nano", "same tokenizer");
  options_.sources.clear();
  options_.laboratory.draft = nano;
  PANGU_EXPECT_ERROR(run(), ConfigError, "pangu-nano", "cannot draft", "same tokenizer");
  options_.laboratory.draft = dir_ / "gone";
  EXPECT_THROW(run(), FileError);
  EXPECT_TRUE(ProfileStore(dir_ / "p.db", Access::kRead).entries().empty());
}

TEST_F(Explore, AnotherProgramMeasuresAnew) {
  const ExploreResult first = run();
  options_.engine = "test-2";
  const ExploreResult second = run();
  EXPECT_NE(first.data.entry.id, second.data.entry.id);
  EXPECT_EQ(second.items, first.items);
}

}  // namespace
}  // namespace pangu::adaptive
