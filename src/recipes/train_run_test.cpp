// SPDX-License-Identifier: Apache-2.0
// Whole runs on a small model: what they tell and leave, how they stop and go on.
#include "recipes/train_run.h"

#include <gmock/gmock.h>

#include <thread>
#include <vector>

#include "comm/single_process.h"
#include "comm/testing/thread_group.h"
#include "recipes/testing/small_world.h"
#include "train/finished_model.h"

namespace pangu::recipes {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

class TrainRunTest : public testing::Test {
 protected:
  TrainRunResult train(const TrainConfig& config, const TrainRunHooks& hooks = {},
                       bool resume = false) {
    SingleProcess alone;
    return run_training(
        config, {.machine = test::SmallWorld::machine(), .command = "a word", .resume = resume},
        hooks, alone);
  }
  std::string weights(const char* out) const {
    return test::read_file(world_.path(out) / "model.safetensors");
  }

  test::SmallWorld world_;
};

TEST_F(TrainRunTest, LeavesAModelAndTellsHowItGoes) {
  std::vector<std::string> told;
  TrainRunHooks hooks;
  hooks.reading = [&](std::string_view, std::int64_t, std::int64_t) { told.push_back("reading"); };
  hooks.data = [&](const RowStream& data) {
    EXPECT_GT(data.rows_per_epoch(), 4);
    told.push_back("data");
  };
  hooks.memory = [&](const MemoryEstimate& size) {
    EXPECT_GT(size.data, 0);
    told.push_back("memory");
  };
  hooks.begin = [&](std::optional<std::int64_t> resumed) {
    EXPECT_FALSE(resumed);
    told.push_back("begin");
  };
  hooks.step = [&](const StepReport& report) {
    EXPECT_EQ(report.steps, 4);
    told.push_back("step");
  };
  const TrainRunResult result = train(world_.train_config("out"), hooks);
  while (told.size() > 1 && told[1] == "reading") told.erase(told.begin());
  EXPECT_THAT(told,
              ElementsAre("reading", "data", "memory", "begin", "step", "step", "step", "step"));
  EXPECT_EQ(result.training.step, 4);
  EXPECT_TRUE(result.weights_changed);
  EXPECT_FALSE(result.teacher);
  EXPECT_NE(weights("out"), weights("model"));
  EXPECT_TRUE(fs::exists(world_.path("out") / "tokenizer.model"));
  EXPECT_THAT(test::read_file(world_.path("out") / "README.md"), HasSubstr("a word"));
}

TEST_F(TrainRunTest, StopsAndGoesOnBitForBit) {
  train(world_.train_config("whole"));
  std::int64_t steps = 0;
  const TrainRunResult stopped =
      train(world_.train_config("out"),
            {.step = [&](const StepReport&) { ++steps; }, .stop = [&] { return steps == 3; }});
  EXPECT_TRUE(stopped.training.interrupted);
  EXPECT_FALSE(fs::exists(world_.path("out") / "config.json"));
  PANGU_EXPECT_ERROR(train(world_.train_config("out")), FileError, "holds checkpoints of a run");
  std::optional<std::int64_t> resumed_after;
  train(world_.train_config("out"),
        {.begin = [&](std::optional<std::int64_t> step) { resumed_after = step; }}, true);
  EXPECT_EQ(resumed_after, 3);
  EXPECT_EQ(weights("out"), weights("whole"));
}

TEST_F(TrainRunTest, SaysThatNothingWasLearnt) {
  const TrainConfig config =
      world_.train_config("out", {{"optimizer", {{"learning_rate", 1e-30}, {"weight_decay", 0}}}});
  EXPECT_FALSE(train(config).weights_changed);
}

TEST_F(TrainRunTest, CountsWhatATeacherWasAsked) {
  const Json distill = {
      {"distill", {{"teacher", world_.model().string()}, {"cache", world_.path("cache").string()}}},
      {"epochs", 1},
      {"steps", nullptr}};
  const TrainRunResult first = train(world_.train_config("one", distill));
  const TrainRunResult second = train(world_.train_config("two", distill));
  ASSERT_TRUE(first.teacher && second.teacher);
  EXPECT_GT(first.teacher->documents_run, 0);
  EXPECT_EQ(second.teacher->documents_run, 0);
  EXPECT_EQ(second.teacher->documents_cached,
            first.teacher->documents_run + first.teacher->documents_cached);
  EXPECT_EQ(weights("one"), weights("two"));
}

TEST_F(TrainRunTest, KeepsApartFromOtherWork) {
  PANGU_EXPECT_ERROR(train(world_.train_config("model")), FileError, "is the folder of the model");
  test::write_file(world_.path("out") / "config.json", "{}");
  PANGU_EXPECT_ERROR(train(world_.train_config("out")), FileError, "config.json");
  EXPECT_EQ(test::read_file(world_.path("out") / "config.json"), "{}");
}

TEST_F(TrainRunTest, ACancelledReadingLeavesNoModel) {
  PANGU_EXPECT_ERROR(train(world_.train_config("out"),
                           {.reading = [](std::string_view, std::int64_t,
                                          std::int64_t) { throw Cancelled("enough"); }}),
                     Cancelled, "enough");
  EXPECT_FALSE(fs::exists(world_.path("out") / "config.json"));
}

TEST_F(TrainRunTest, OfSeveralProcessesOneTellsAndSaves) {
  test::ThreadGroup group(2);
  std::vector<int> told(2);
  std::vector<TrainRunResult> results(2);
  const auto run = [&](int rank) {
    test::ThreadGroup::Rank communicator(group, rank);
    const auto me = static_cast<std::size_t>(rank);
    results[me] =
        run_training(world_.train_config("out"), {.machine = test::SmallWorld::machine()},
                     {.data = [&told, me](const RowStream&) { ++told[me]; }}, communicator);
  };
  {
    std::jthread other([&] { run(1); });
    run(0);
  }
  EXPECT_THAT(told, ElementsAre(1, 0));
  EXPECT_EQ(results[0].training.loss, results[1].training.loss);
  EXPECT_TRUE(fs::exists(world_.path("out") / "config.json"));
}

TEST_F(TrainRunTest, TheMemoryIsKnownBefore) {
  const MemoryEstimate plain = training_memory(world_.train_config("out"));
  const MemoryEstimate taught = training_memory(
      world_.train_config("out", {{"distill", {{"teacher", world_.model().string()}}}}));
  EXPECT_EQ(plain.weights, 4 * plain.parameters);
  EXPECT_EQ(plain.teacher, 0);
  EXPECT_GT(taught.teacher, 0);
  EXPECT_EQ(plain.data, 0);
}

}  // namespace
}  // namespace pangu::recipes
