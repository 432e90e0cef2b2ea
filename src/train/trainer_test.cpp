// SPDX-License-Identifier: Apache-2.0
// The loop with a bigram model: it learns, stops and goes on bit for bit, survives kill -9 and full
// disks, refuses what does not fit, and shares work among ranks.
#include "train/trainer.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <barrier>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <random>
#include <thread>

#include "comm/single_process.h"
#include "comm/testing/thread_group.h"
#include "io/safetensors.h"
#include "tests/support/support.h"
#include "train/testing/bigram_objective.h"
#include "train/testing/small_data.h"

namespace pangu {
namespace {

namespace fs = std::filesystem;
using test::BigramObjective;

constexpr std::int64_t kVocabulary = 24;

RowStream training_rows(std::uint32_t seed = 1) {
  return test::stream_of(test::random_documents(40, 30, kVocabulary, seed), {.length = 48});
}

TrainerOptions options_for(const fs::path& out, std::int64_t steps = 30) {
  TrainerOptions o;
  o.schedule = {.kind = Schedule::Kind::kLinear, .peak = 0.05, .warmup_steps = 3, .steps = steps};
  o.rows = 2;
  o.accumulate = 2;
  o.save_every = 4;
  o.output = out;
  o.resume_settings = {{"optimizer", {{"learning_rate", 0.05}}}, {"seed", 0}};
  return o;
}

std::vector<float> weights(BigramObjective& objective) {
  std::vector<float> all;
  for (const Parameter& p : objective.parameters()) {
    all.insert(all.end(), p.value.begin(), p.value.end());
  }
  return all;
}

/// A run in one folder; `stop_after` asks to stop after that step, as Ctrl-C does.
struct SmallRun {
  explicit SmallRun(const fs::path& out, std::int64_t steps = 30)
      : options(options_for(out, steps)) {}

  TrainResult go(bool resume = false, std::int64_t stop_after = 0) {
    Trainer trainer(objective, rows, nullptr, communicator, executor(), options);
    if (resume) resumed = trainer.resume();
    return trainer.run(
        {.step = {}, .stop = [&] { return stop_after > 0 && trainer.state().step >= stop_after; }});
  }

  Executor executor() { return {threads, default_isa()}; }

  BigramObjective objective{kVocabulary};
  RowStream rows = training_rows();
  SingleProcess communicator;
  ThreadPool threads{1};
  TrainerOptions options;
  bool resumed = false;
};

class TrainerTest : public testing::Test {
 protected:
  fs::path out(const char* name) {
    fs::create_directories(scratch_ / name);
    return scratch_ / name;
  }
  std::vector<float> undisturbed() {
    SmallRun run(out("undisturbed"));
    run.go();
    return weights(run.objective);
  }
  test::ScratchDir scratch_;
};

TEST_F(TrainerTest, TheLossFallsAndEverythingIsLogged) {
  SmallRun run(out("a"), 60);
  const RowStream validation = training_rows(2);
  run.options.validate_every = 20;
  Trainer trainer(run.objective, run.rows, &validation, run.communicator, run.executor(),
                  run.options);
  std::vector<StepReport> reports;
  const TrainResult r =
      trainer.run({.step = [&](const StepReport& s) { reports.push_back(s); }, .stop = {}});
  ASSERT_EQ(reports.size(), 60u);
  EXPECT_NEAR(reports.front().row.loss, std::log(kVocabulary), 0.1);
  EXPECT_LT(r.loss, 0.75 * reports.front().row.loss);
  ASSERT_TRUE(r.validation_loss);
  EXPECT_LT(*r.validation_loss, 2.6);
  EXPECT_EQ(r.step, 60);
  EXPECT_EQ(r.tokens, reports.back().row.tokens);
  EXPECT_DOUBLE_EQ(reports[0].row.learning_rate, 0.05 / 3);
  EXPECT_EQ(run.objective.changes, 60);
  const std::string csv = test::read_file(out("a") / "log.csv");
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 61);
  EXPECT_NE(test::read_file(out("a") / "loss.svg").find("validation"), std::string::npos);
  EXPECT_EQ(checkpoint_steps(out("a") / "checkpoints"), (std::vector<std::int64_t>{56, 60}));
}

TEST_F(TrainerTest, AccumulationDoesNotChangeTheStep) {
  SmallRun whole(out("a"), 5), parts(out("b"), 5);
  whole.options.rows = 4;
  whole.options.accumulate = 1;
  parts.options.rows = 1;
  parts.options.accumulate = 4;
  EXPECT_NEAR(whole.go().loss, parts.go().loss, 1e-6);
  const auto a = weights(whole.objective), b = weights(parts.objective);
  // Adam divides by the size of a gradient, so that a rounding moves what has hardly any.
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], 1e-3);
}

TEST_F(TrainerTest, ThreadsDoNotChangeABit) {
  SmallRun one(out("a")), four(out("b"));
  one.go();
  ThreadPool threads(4);
  Trainer(four.objective, four.rows, nullptr, four.communicator, {threads, default_isa()},
          four.options)
      .run({});
  EXPECT_TRUE(weights(one.objective) == weights(four.objective));
}

TEST_F(TrainerTest, MuonLearnsAndResumesWithTheSameBits) {
  SmallRun whole(out("whole")), stopped(out("stopped")), resumed(out("stopped"));
  for (SmallRun* run : {&whole, &stopped, &resumed}) {
    run->options.optimizer.kind = OptimizerOptions::Kind::kMuon;
    run->objective.parameters()[0].is_hidden_matrix = true;
  }
  EXPECT_LT(whole.go().loss, 0.9 * std::log(kVocabulary));
  stopped.go(false, 7);
  resumed.go(true);
  EXPECT_TRUE(resumed.resumed);
  EXPECT_TRUE(weights(resumed.objective) == weights(whole.objective));
  // One moment of the table, both of the bias.
  const SafetensorsFile kept(out("whole") / "checkpoints/step-000030/optimizer.safetensors");
  EXPECT_EQ(kept.tensors().size(), 5u);
  EXPECT_FALSE(kept.find("exp_avg_sq.model.table.weight"));
}

TEST_F(TrainerTest, StoppedAndResumedRunsEndWithTheSameBits) {
  const auto expected = undisturbed();
  const fs::path folder = out("stopped");
  for (const std::int64_t stop_after : {1, 7, 8, 23}) {
    SmallRun run(folder);
    EXPECT_TRUE(run.go(true, stop_after).interrupted);
    EXPECT_EQ(run.resumed, stop_after > 1);
  }
  SmallRun last(folder);
  const TrainResult r = last.go(true);
  EXPECT_FALSE(r.interrupted);
  EXPECT_TRUE(weights(last.objective) == expected);
  // The log has every step once.
  const std::string csv = test::read_file(folder / "log.csv");
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 31);
  // The model of the last checkpoint has these weights, too; and resuming a finished run is a
  // no-op.
  const SafetensorsFile model(checkpoint_path(folder / "checkpoints", 30) / "model.safetensors");
  EXPECT_EQ(0, std::memcmp(model.find("model.table.weight")->data.data(), expected.data(),
                           model.find("model.table.weight")->data.size()));
  SmallRun again(folder);
  EXPECT_EQ(again.go(true).loss, r.loss);
  EXPECT_TRUE(weights(again.objective) == expected);
}

TEST_F(TrainerTest, ARunOfWholeEpochsEndsWithTheirLastRow) {
  SmallRun whole(out("whole"), 3), stopped(out("stopped"), 3), resumed(out("stopped"), 3);
  for (SmallRun* run : {&whole, &stopped, &resumed}) {
    run->options.total_rows = 9;  // two full steps of four rows, and one row
  }
  TokenBatch nine;
  for (int row = 0; row < 9; ++row) whole.rows.append_row(row, nine);
  EXPECT_EQ(whole.go().tokens, std::ssize(nine.tokens));
  stopped.go(false, 2);
  EXPECT_EQ(resumed.go(true).step, 3);
  EXPECT_TRUE(weights(resumed.objective) == weights(whole.objective));
  EXPECT_EQ(read_trainer_state(checkpoint_path(out("whole") / "checkpoints", 3)).rows, 9);
  // Made longer, it goes on with the tenth row and ends with the last.
  SmallRun longer(out("whole"), 5);
  longer.options.total_rows = 18;
  longer.go(true);
  EXPECT_EQ(checkpoint_steps(out("whole") / "checkpoints").back(), 6);
  EXPECT_EQ(read_trainer_state(checkpoint_path(out("whole") / "checkpoints", 6)).rows, 18);
}

/// Runs `work` in a child that is killed after `microseconds`; whether it ended before.
template <class F>
bool killed_run(std::int64_t microseconds, const F& work) {
  const pid_t child = ::fork();
  if (child == 0) {
    try {
      work();
    } catch (...) {
      ::_exit(3);
    }
    ::_exit(0);
  }
  ::usleep(static_cast<useconds_t>(microseconds));
  ::kill(child, SIGKILL);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status) || WEXITSTATUS(status) == 0) << status;
  return WIFEXITED(status);
}

TEST_F(TrainerTest, KilledAnywhereItEndsWithTheSameBits) {
  PANGU_NEEDS_FORK();
  constexpr std::int64_t kSteps = 12;
  SmallRun whole(out("whole"), kSteps);
  whole.go();
  const auto expected = weights(whole.objective);
  std::mt19937 engine(static_cast<std::mt19937::result_type>(test::seed()));
  for (int round = 0; round < (test::takes_fewer() ? 1 : 3); ++round) {
    const fs::path folder = out(("killed" + std::to_string(round)).c_str());
    int kills = 0;
    const auto work = [&] {
      remove_unfinished(folder / "checkpoints");
      SmallRun run(folder, kSteps);
      run.options.save_every = 1;  // most of the time goes into saving
      run.go(true);
    };
    // Slow machines, too, must get on between two kills: the time left to the child rises.
    for (std::int64_t budget = 4'000; !killed_run(engine() % budget, work); budget += 4'000) {
      ++kills;
      ASSERT_LT(kills, 1000);
    }
    EXPECT_GT(kills, 0);
    SmallRun last(folder, kSteps);
    last.go(true);
    EXPECT_TRUE(last.resumed);
    EXPECT_TRUE(weights(last.objective) == expected);
    for (const auto& entry : fs::directory_iterator(folder / "checkpoints")) {
      EXPECT_FALSE(entry.path().filename().string().starts_with(".pangu")) << entry.path();
    }
  }
}

TEST_F(TrainerTest, AFullDiskLeavesTheLastCheckpointWhole) {
  PANGU_NEEDS_FORK();
  const auto expected = undisturbed();
  const fs::path folder = out("full");
  SmallRun(folder).go(false, 5);
  const pid_t child = ::fork();
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    // Less than optimizer.safetensors takes, which is written first.
    const rlimit limit{4096, 4096};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    try {
      SmallRun run(folder);
      run.go(true);
    } catch (const FileError& error) {
      const std::string_view message = error.what();
      ::_exit(message.find("optimizer.safetensors") != std::string_view::npos &&
                      message.find("File too large") != std::string_view::npos
                  ? 7
                  : 8);
    }
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 7);
  EXPECT_EQ(checkpoint_steps(folder / "checkpoints"), (std::vector<std::int64_t>{4, 5}));
  SmallRun last(folder);
  last.go(true);
  EXPECT_TRUE(weights(last.objective) == expected);
}

/// Changes one bit in the middle of a file.
void flip_bit(const fs::path& file) {
  std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
  const auto middle = static_cast<std::streamoff>(fs::file_size(file) / 2);
  stream.seekg(middle);
  const char changed = static_cast<char>(stream.get() ^ 1);
  stream.seekp(middle);
  stream.put(changed);
}

TEST_F(TrainerTest, ABitThatChangedInACheckpointIsNoticedAndAnEarlierOneNamed) {
  const fs::path folder = out("a");
  SmallRun run(folder);
  run.options.save_every = 2;
  run.go(false, 5);
  const fs::path newest = checkpoint_path(folder / "checkpoints", 5);
  for (const auto& entry : fs::directory_iterator(newest)) {
    const fs::path file = entry.path();
    if (file.filename() == "trainer_state.json") continue;
    flip_bit(file);
    const std::string name = file.filename().string();
    PANGU_EXPECT_ERROR(SmallRun(folder).go(true), FileError, name.c_str(), "is damaged",
                       "An earlier checkpoint is there", "step-000004");
    flip_bit(file);
  }
  SmallRun last(folder);
  last.go(true);
  EXPECT_TRUE(last.resumed);
}

TEST_F(TrainerTest, ACheckpointWithoutItsStateIsNotPassedOver) {
  const fs::path folder = out("a");
  SmallRun run(folder);
  run.options.save_every = 2;
  run.go(false, 5);
  fs::remove(checkpoint_path(folder / "checkpoints", 5) / "trainer_state.json");
  PANGU_EXPECT_ERROR(SmallRun(folder).go(true), FileError, "step-000005", "trainer_state.json",
                     "An earlier checkpoint is there", "step-000004");
  fs::remove_all(checkpoint_path(folder / "checkpoints", 5));
  SmallRun last(folder);
  last.go(true);
  EXPECT_TRUE(last.resumed);
}

TEST_F(TrainerTest, CheckpointsOfOtherRunsAreRefused) {
  const fs::path folder = out("a");
  SmallRun(folder).go(false, 5);
  {
    SmallRun run(folder);
    run.options.resume_settings["optimizer"]["learning_rate"] = 0.1;
    PANGU_EXPECT_ERROR(run.go(true), ConfigError, "optimizer.learning_rate = 0.05",
                       "config says 0.1", "step-000005");
  }
  {
    SmallRun run(folder);
    run.rows = training_rows(9);
    PANGU_EXPECT_ERROR(run.go(true), ConfigError, "other training data", "step-000005");
  }
  {
    SmallRun run(folder);
    BigramObjective wider(kVocabulary + 1);
    Trainer trainer(wider, run.rows, nullptr, run.communicator, run.executor(), run.options);
    PANGU_EXPECT_ERROR(trainer.resume(), ShapeError, "master.model.table.weight", "[24, 24]",
                       "[25, 25]");
  }
  test::write_file(checkpoint_path(folder / "checkpoints", 5) / "trainer_state.json",
                   "{\"version\"");
  PANGU_EXPECT_ERROR(SmallRun(folder).go(true), FileError, "trainer_state.json");
}

TEST_F(TrainerTest, WhereACheckpointIsDamagedAnEarlierOneIsNamed) {
  const fs::path folder = out("a");
  SmallRun first(folder);
  first.options.save_every = 1;
  first.options.keep = 3;
  first.go(false, 5);
  const fs::path newest = checkpoint_path(folder / "checkpoints", 5);
  const fs::path middle = checkpoint_path(folder / "checkpoints", 4);
  const fs::path oldest = checkpoint_path(folder / "checkpoints", 3);
  const std::string optimizer = test::read_file(newest / "optimizer.safetensors");
  const std::string before = test::read_file(middle / "optimizer.safetensors");
  const auto cut = [&](const fs::path& checkpoint, std::size_t size) {
    test::write_file(checkpoint / "optimizer.safetensors", optimizer.substr(0, size));
  };
  const std::string earlier = "go on from " + middle.string() + ", remove " + newest.string();
  for (const std::size_t size : {std::size_t{0}, std::size_t{100}, optimizer.size() - 1}) {
    cut(newest, size);
    PANGU_EXPECT_ERROR(SmallRun(folder).go(true), FileError, "optimizer.safetensors",
                       earlier.c_str());
  }
  fs::remove(newest / "optimizer.safetensors");
  PANGU_EXPECT_ERROR(SmallRun(folder).go(true), FileError, "optimizer.safetensors",
                     earlier.c_str());
  cut(newest, optimizer.size());
  test::write_file(newest / "trainer_state.json", "{}");
  PANGU_EXPECT_ERROR(SmallRun(folder).go(true), ConfigError, "trainer_state.json", earlier.c_str());
  test::write_file(newest / "trainer_state.json", "{\"version\"");
  PANGU_EXPECT_ERROR(SmallRun(folder).go(true), FileError, "trainer_state.json", earlier.c_str());
  // One that is damaged, too, is no help.
  cut(middle, 100);
  PANGU_EXPECT_ERROR(SmallRun(folder).go(true), FileError, "go on from " + oldest.string());
  fs::remove_all(oldest);
  PANGU_EXPECT_ERROR(SmallRun(folder).go(true), FileError, "No earlier checkpoint is there",
                     "another output folder");
  test::write_file(middle / "optimizer.safetensors", before);
  fs::remove_all(newest);
  SmallRun last(folder);
  last.go(true);
  EXPECT_TRUE(last.resumed);
  EXPECT_TRUE(weights(last.objective) == undisturbed());
}

TEST_F(TrainerTest, NumbersThatGoWrongStopTheRunBeforeTheyAreStored) {
  const fs::path folder = out("a");
  SmallRun(folder).go(false, 5);
  {
    SmallRun run(folder);
    run.objective.surplus = std::numeric_limits<double>::infinity();
    PANGU_EXPECT_ERROR(run.go(true), NumericError, "step 6: the loss is inf", "step-000005");
  }
  {
    SmallRun run(out("empty"));
    run.objective.parameters()[0].value[0] = std::numeric_limits<float>::quiet_NaN();
    PANGU_EXPECT_ERROR(run.go(), NumericError, "step 1: the loss is nan", "no checkpoint yet");
  }
  SmallRun run(folder);
  Trainer trainer(run.objective, run.rows, nullptr, run.communicator, run.executor(), run.options);
  ASSERT_TRUE(trainer.resume());
  const auto diverge = [&](const StepReport& r) {
    if (r.row.step == 24) run.objective.surplus = 1000;
  };
  PANGU_EXPECT_ERROR(trainer.run({.step = diverge, .stop = {}}), NumericError, "step 25",
                     "divergence", "step-000024");
  run.objective.surplus = 0;
  EXPECT_EQ(checkpoint_steps(folder / "checkpoints").back(), 24);
}

TEST_F(TrainerTest, RanksTogetherDoWhatOneProcessDoes) {
  SmallRun alone(out("alone"));
  const RowStream validation = training_rows(2);
  Trainer single(alone.objective, alone.rows, &validation, alone.communicator, alone.executor(),
                 alone.options);
  const TrainResult expected = single.run({});

  test::ThreadGroup group(2);
  const fs::path folder = out("ranks");
  std::vector<TrainResult> results(2);
  std::vector<std::vector<float>> finals(2);
  const auto train = [&](int rank, bool resume, std::int64_t stop_after) {
    SmallRun run(folder);
    test::ThreadGroup::Rank communicator(group, rank);
    Trainer trainer(run.objective, run.rows, &validation, communicator, run.executor(),
                    run.options);
    if (resume) trainer.resume();
    // Only one rank is told to stop.
    results[static_cast<std::size_t>(rank)] =
        trainer.run({.step = {}, .stop = [&] {
                       return rank == 1 && stop_after > 0 && trainer.state().step >= stop_after;
                     }});
    finals[static_cast<std::size_t>(rank)] = weights(run.objective);
  };
  const auto both = [&](bool resume, std::int64_t stop_after) {
    std::jthread other([&] { train(1, resume, stop_after); });
    train(0, resume, stop_after);
  };
  both(false, 10);
  EXPECT_TRUE(results[0].interrupted && results[1].interrupted);
  both(true, 0);
  EXPECT_TRUE(finals[0] == finals[1]);
  for (const TrainResult& r : results) {
    EXPECT_NEAR(r.loss, expected.loss, 1e-4);
    EXPECT_NEAR(r.validation_loss.value(), expected.validation_loss.value(), 1e-4);
    EXPECT_EQ(r.tokens, expected.tokens);
  }
  SmallRun odd(out("odd"));
  odd.options.rows = 1;
  odd.options.accumulate = 3;
  test::ThreadGroup::Rank communicator(group, 0);
  PANGU_EXPECT_ERROR(
      Trainer(odd.objective, odd.rows, nullptr, communicator, odd.executor(), odd.options),
      ConfigError, "3 rows a step", "2 processes");
}

}  // namespace
}  // namespace pangu
