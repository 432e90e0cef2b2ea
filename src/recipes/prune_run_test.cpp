// SPDX-License-Identifier: Apache-2.0
// Whole pruning runs on a small model: scores and reports, rounds that learn, stops.
#include "recipes/prune_run.h"

#include <gmock/gmock.h>

#include "models/config/config.h"
#include "recipes/testing/small_world.h"

namespace pangu::recipes {
namespace {

namespace fs = std::filesystem;
using testing::Each;
using testing::HasSubstr;
using testing::Not;

class PruneRunTest : public testing::Test {
 protected:
  PruneRunOptions options() const {
    PruneRunOptions o;
    o.prune.in = world_.model();
    o.prune.out = world_.path("out");
    o.prune.method = "magnitude";
    o.prune.ratio = 0.5;
    o.prune.align = 8;
    o.measure_speed = false;
    o.machine = test::SmallWorld::machine();
    o.command = "pangu something";
    return o;
  }
  PruneRunOptions scored() const {
    PruneRunOptions o = options();
    o.tasks = {parse_scored_task("ppl:" + world_.text().string(), 1)};
    return o;
  }
  PruneRunOptions taught() const {
    PruneRunOptions o = options();
    o.distillation.data = {world_.text().string()};
    o.distillation.steps = 3;
    o.distillation.learning_rate = 1e-3;
    o.distillation.overrides = {"data.sequence_length=32", "batch.accumulate=1", "save.every=1",
                                "save.dtype=f32"};
    return o;
  }
  std::string file(const char* name) const { return test::read_file(world_.path("out") / name); }

  test::SmallWorld world_;
};

TEST_F(PruneRunTest, ScoresBeforeAndAfterAndReports) {
  PruneRunOptions o = scored();
  o.measure_speed = true;
  o.machine_text = "some machine";
  std::vector<std::string> tasks;
  const compress::PruneResult result =
      run_pruning(o, {.scoring = [&](std::string_view task, double, std::int64_t, std::int64_t) {
                    tasks.emplace_back(task);
                  }});
  ASSERT_EQ(result.rounds.size(), 2u);
  EXPECT_THAT(result.rounds[1].kept, Each(32));
  EXPECT_EQ(result.rounds[1].measured[0]["task"], "ppl: text.txt");
  EXPECT_FALSE(tasks.empty());
  EXPECT_THAT(tasks, Each("ppl: text.txt"));
  EXPECT_THAT(file("REPORT.md"), HasSubstr("$ pangu something"));
  EXPECT_THAT(file("REPORT.md"), HasSubstr("## Scores"));
  EXPECT_THAT(file("REPORT.md"), HasSubstr("some machine. Both models took turns"));
  EXPECT_THAT(file("README.md"), HasSubstr("removed by magnitude"));
  EXPECT_THAT(read_model_config(world_.path("out")).intermediate_size, Each(32));
}

TEST_F(PruneRunTest, RoundsLearnFromTheModelBefore) {
  run_pruning(options(), {});
  const std::string cut = file("model.safetensors");
  fs::remove_all(world_.path("out"));
  int begun = 0, phases = 0;
  std::optional<TrainRunResult> trained;
  run_pruning(taught(), {.begin_phase = [&] { ++phases; },
                         .begin_training =
                             [&](const TrainConfig& config) {
                               EXPECT_EQ(config.distill->teacher, world_.model());
                               ++begun;
                               return TrainRunHooks{};
                             },
                         .trained = [&](const TrainConfig&,
                                        const TrainRunResult& result) { trained = result; }});
  EXPECT_EQ(begun, 1);
  EXPECT_EQ(phases, 2) << "learning and the report";
  ASSERT_TRUE(trained);
  EXPECT_EQ(trained->training.step, 3);
  EXPECT_TRUE(trained->teacher);
  EXPECT_NE(file("model.safetensors"), cut);
  EXPECT_THAT(file("REPORT.md"), HasSubstr("learnt from the original"));
}

TEST_F(PruneRunTest, GoesOnWhereARoundStoppedLearning) {
  run_pruning(taught(), {});
  const std::string whole = file("model.safetensors");
  fs::remove_all(world_.path("out"));
  const auto stop_soon = [](const TrainConfig&) {
    return TrainRunHooks{.stop = [n = 0]() mutable { return ++n > 1; }};
  };
  PANGU_EXPECT_ERROR(run_pruning(taught(), {.begin_training = stop_soon}), Cancelled, "learnt");
  EXPECT_FALSE(fs::exists(world_.path("out") / "config.json"));
  PruneRunOptions again = taught();
  again.prune.resume = true;
  std::optional<std::int64_t> resumed_after;
  run_pruning(again, {.begin_training = [&](const TrainConfig&) {
                return TrainRunHooks{
                    .begin = [&](std::optional<std::int64_t> step) { resumed_after = step; }};
              }});
  EXPECT_TRUE(resumed_after);
  EXPECT_EQ(file("model.safetensors"), whole);
}

TEST_F(PruneRunTest, StopsWhileItIsScored) {
  std::stop_source stop;
  PANGU_EXPECT_ERROR(run_pruning(scored(), {.scoring = [&](std::string_view, double, std::int64_t,
                                                           std::int64_t) { stop.request_stop(); },
                                            .cancel = stop.get_token()}),
                     Cancelled, "ppl: text.txt");
}

TEST_F(PruneRunTest, AResumedRunAgreesOnHowRoundsLearnAndWhatIsScored) {
  PruneRunOptions plain = options();
  EXPECT_EQ(more_prune_settings(plain), (Json{{"--eval", Json::array()}, {"--distill", false}}));
  PruneRunOptions learns = taught();
  EXPECT_EQ(more_prune_settings(learns)["--distill-steps"], 3);
  EXPECT_EQ(more_prune_settings(learns)["--distill"], true);
  run_pruning(plain, {});
  PruneRunOptions other = scored();
  other.prune.resume = true;
  PANGU_EXPECT_ERROR(run_pruning(other, {}), ConfigError, "--eval = []", "ppl: text.txt");
}

TEST_F(PruneRunTest, KeepsApartFromTheModelThatIsRead) {
  PruneRunOptions o = options();
  o.prune.out = o.prune.in;
  PANGU_EXPECT_ERROR(run_pruning(o, {}), FileError, "is the folder of the model");
}

TEST(ScoredTask, IsATaskAndAFile) {
  EXPECT_EQ(parse_scored_task("mcq:a/b.jsonl", 3).name, "mcq: b.jsonl");
  EXPECT_EQ(parse_scored_task("mcq:a/b.jsonl", 3).options.limit, 3);
  for (const char* text : {"mcq", "mcq:"}) {
    PANGU_EXPECT_ERROR(parse_scored_task(text, -1), ConfigError, "TASK:FILE was expected");
  }
  EXPECT_THROW(parse_scored_task("none:b.jsonl", -1), ConfigError);
  PANGU_EXPECT_ERROR(parse_scored_task("kl:b.jsonl", -1), ConfigError, "kl compares two models");
}

}  // namespace
}  // namespace pangu::recipes
