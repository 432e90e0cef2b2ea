// SPDX-License-Identifier: Apache-2.0
// pangu distill: whole runs, with and without a cache, stopped and resumed; and what it refuses.
#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "models/config/config.h"
#include "tests/cli/program.h"
#include "tests/support/random_checkpoint.h"

namespace pangu::test {
namespace {

using testing::HasSubstr;
using testing::Not;

class CliDistill : public testing::Test {
 protected:
  void SetUp() override {
    PANGU_NEEDS_SHARED_DATA();
    teacher_ = shared_model("pangu-embedded-tiny");
    ModelConfig config = read_model_config(teacher_);
    config.n_layers = 2;
    config.intermediate_size.assign(2, 96);
    make_student("student", config);
    write_file(scratch_ / "prose.txt", made_up_prose(40));
  }

  void make_student(const char* name, const ModelConfig& config) {
    write_random_checkpoint(scratch_ / name, config, DType::kF32);
    std::filesystem::copy_file(std::filesystem::path(teacher_) / "tokenizer.model",
                               scratch_ / name / "tokenizer.model");
  }

  std::string path(const std::string& name) const { return (scratch_ / name).string(); }

  /// A short run; later options win over earlier ones where they are --set.
  std::vector<std::string> command(const std::string& out,
                                   const std::vector<std::string>& more = {}) const {
    std::vector<std::string> args{"distill",
                                  "--teacher",
                                  teacher_,
                                  "--student",
                                  path("student"),
                                  "--data",
                                  path("prose.txt"),
                                  "--out",
                                  path(out),
                                  "--steps",
                                  "10",
                                  "--lr",
                                  "2e-3",
                                  "--rows",
                                  "2",
                                  "--accumulate",
                                  "2",
                                  "--length",
                                  "48",
                                  "--dtype",
                                  "f32",
                                  "--set",
                                  "save.every=3"};
    args.insert(args.end(), more.begin(), more.end());
    return args;
  }

  std::string weights(const std::string& out) const {
    return read_file(scratch_ / out / "model.safetensors");
  }
  /// The losses of log.csv.
  std::vector<double> losses(const std::string& out) const {
    std::istringstream log(read_file(scratch_ / out / "log.csv"));
    std::vector<double> all;
    std::string line;
    std::getline(log, line);
    while (std::getline(log, line)) {
      std::istringstream fields(line);
      for (int i = 0; i < 3; ++i) std::getline(fields, line, ',');
      all.push_back(std::stod(line));
    }
    return all;
  }

  ScratchDir scratch_;
  std::string teacher_;
};

TEST_F(CliDistill, LeavesAStudentThatComesNearerToItsTeacher) {
  const auto r = run_program(command("out", {"--json", "--validation", path("prose.txt")}));
  ASSERT_EQ(r.status, 0) << r.err;
  const Json json = r.json();
  EXPECT_EQ(json["step"], 10);
  EXPECT_GT(json["teacher_documents_run"], 0);
  EXPECT_EQ(json["teacher_documents_cached"], 0);
  EXPECT_THAT(r.err, HasSubstr("teacher "));
  const auto loss = losses("out");
  ASSERT_EQ(loss.size(), 10u);
  EXPECT_LT(loss.back(), 0.9 * loss.front());
  EXPECT_NEAR(json["validation_loss"].get<double>(), loss.back(), 0.3 * loss.back());
  const std::string card = read_file(scratch_ / "out/README.md");
  EXPECT_THAT(card, HasSubstr("Distilled: it learnt from pangu-embedded-tiny"));
  EXPECT_THAT(card, HasSubstr("$ pangu distill --teacher pangu-embedded-tiny --student student "
                              "--data prose.txt"));
  EXPECT_THAT(card, HasSubstr("--dtype f32"));
  EXPECT_THAT(card, Not(HasSubstr(scratch_.path().string())));
  EXPECT_EQ(run_program({"run", path("out"), "-p", "the", "-q", "--max-tokens", "2"}).status, 0);
}

TEST_F(CliDistill, OneStepLearnsAndARunThatChangesNothingSaysSo) {
  const std::vector<std::string> one_step{"--set", "steps=1", "--set", "save.dtype=f32", "--json"};
  const auto r = run_program(command("one", one_step));
  ASSERT_EQ(r.status, 0) << r.err;
  EXPECT_EQ(r.json()["weights_changed"], true);
  std::vector<std::string> tiny = one_step;
  tiny.insert(tiny.end(), {"-q", "--set", "optimizer.learning_rate=1e-20"});
  const auto nothing = run_program(command("nothing", tiny));
  ASSERT_EQ(nothing.status, 0) << nothing.err;
  EXPECT_EQ(nothing.json()["weights_changed"], false);
  EXPECT_THAT(nothing.err, HasSubstr("bit for bit"));
}

TEST_F(CliDistill, ACacheServesForLaterRuns) {
  const auto with = [&](const std::string& out, const std::vector<std::string>& more) {
    std::vector<std::string> args = command(out, {"--json", "-q"});
    args.insert(args.end(), more.begin(), more.end());
    const auto r = run_program(args);
    EXPECT_EQ(r.status, 0) << r.err;
    return r.json();
  };
  const Json first = with("first", {"--cache", path("words"), "--top-k", "999"});
  const Json again = with("again", {"--cache", path("words"), "--top-k", "999"});
  EXPECT_GT(first["teacher_documents_run"], 0);
  EXPECT_EQ(again["teacher_documents_run"], 0);
  EXPECT_TRUE(weights("again") == weights("first"));
  // With all tokens kept it is the teacher itself.
  const Json asked = with("asked", {});
  EXPECT_NEAR(asked["loss"].get<double>(), again["loss"].get<double>(),
              1e-3 * asked["loss"].get<double>());
  // Without a folder it lies with the output; the seed of the order does not matter to it.
  with("own", {"--cache", "--top-k", "8"});
  EXPECT_TRUE(std::filesystem::exists(scratch_ / "own/teacher-cache/cache.json"));
  const Json other =
      with("other", {"--cache", path("own/teacher-cache"), "--top-k", "8", "--seed", "5"});
  EXPECT_LT(other["teacher_documents_run"], 5);
}

TEST_F(CliDistill, InterruptedRunsGoOnWithTheSameBits) {
  for (const bool cached : {false, true}) {
    const std::string whole = cached ? "whole-c" : "whole", stopped = cached ? "part-c" : "part";
    const auto options = [&](const std::string& out, std::vector<std::string> more) {
      if (cached) more.insert(more.end(), {"--cache", "--top-k", "16"});
      return command(out, more);
    };
    ASSERT_EQ(run_program(options(whole, {"-q"})).status, 0);
    {
      LiveProgram program(options(stopped, {}), LiveProgram::On::kPipe);
      program.wait_for("step 1/");
      program.interrupt();
      EXPECT_EQ(program.wait(), 130);
      EXPECT_THAT(program.output(), HasSubstr("pangu distill --teacher"));
      EXPECT_THAT(program.output(), HasSubstr("--resume"));
    }
    ASSERT_EQ(run_program(options(stopped, {"-q", "--resume"})).status, 0);
    EXPECT_TRUE(weights(stopped) == weights(whole)) << cached;
  }
  // Another teacher teaches something else.
  auto args = command("part", {"-q", "--resume"});
  args[2] = path("student");
  const auto other = run_program(args);
  EXPECT_EQ(other.status, 1);
  EXPECT_THAT(other.err, HasSubstr("distill.teacher"));
}

TEST_F(CliDistill, TheTeacherMayBeQuantized) {
  ASSERT_EQ(
      run_program({"quantize", teacher_, path("teacher-w8"), "--format", "w8a16", "-q"}).status, 0);
  auto args = command("out", {"--json", "-q"});
  args[2] = path("teacher-w8");
  const auto r = run_program(args);
  ASSERT_EQ(r.status, 0) << r.err;
  args[2] = teacher_;
  args[8] = path("exact");
  EXPECT_NEAR(r.json()["loss"], run_program(args).json()["loss"], 0.05);
  // A student may not.
  args[4] = path("teacher-w8");
  args[8] = path("refused");
  const auto refused = run_program(args);
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(refused.err, HasSubstr("only float weights can be trained"));
}

TEST_F(CliDistill, TheEstimateHasTheTeacher) {
  const Json json = run_program(command("out", {"--estimate", "--json"})).json();
  EXPECT_GT(json["teacher_bytes"], 0);
  EXPECT_GT(json["total_bytes"].get<double>(), json["teacher_bytes"].get<double>());
  EXPECT_FALSE(std::filesystem::exists(scratch_ / "out"));
}

TEST_F(CliDistill, WhatDoesNotFitIsRefusedBeforeAnythingIsWritten) {
  ModelConfig wider = read_model_config(teacher_);
  wider.vocab_size = 600;
  make_student("wider", wider);
  std::filesystem::remove(scratch_ / "wider/tokenizer.model");
  write_file(scratch_ / "thesis/a.txt", "mine");
  struct Case {
    std::vector<std::string> more;
    int status;
    std::string message;
  };
  for (const auto& [more, status, message] : std::vector<Case>{
           {{"--temperature", "0"}, 2, "--temperature: '0' is no number from 0.01 to 1000"},
           {{"--ce-weight", "-1"}, 2, "--ce-weight: '-1'"},
           {{"--set", "distill.ce_weight=-1"}, 2, "distill.ce_weight"},
           {{"--set", "distill.kl_weight=0"}, 2, "both 0"},
           {{"--hidden-weight", "1", "--cache"}, 2, "a cache keeps no hidden states"},
           {{"--set", "distill.teacher=nowhere"}, 1, "nowhere"},
           {{"--set", "distill.teacher=" + path("wider")}, 1, "knows 600 tokens"},
           {{"--cache", path("thesis")}, 1, "no cache of a teacher"},
           {{"--epochs", "2"}, 2, "--epochs and --steps do not go together"},
           {{"--top-k", "0"}, 2, "--top-k"},
       }) {
    std::vector<std::string> args = command("out", {"-q"});
    args.insert(args.end(), more.begin(), more.end());
    const auto r = run_program(args);
    EXPECT_EQ(r.status, status) << r.err;
    EXPECT_EQ(r.out, "");
    EXPECT_THAT(r.err, HasSubstr(message));
    EXPECT_EQ(std::count(r.err.begin(), r.err.end(), '\n'), 1) << r.err;
    EXPECT_FALSE(std::filesystem::exists(scratch_ / "out/log.csv"));
  }
  const auto r = run_program({"distill", "--teacher", teacher_});
  EXPECT_EQ(r.status, 2);
  EXPECT_THAT(r.err, HasSubstr("is required"));
  const auto cold = run_program(command("out", {"--set", "distill.temperature=0"}));
  EXPECT_THAT(cold.err, HasSubstr("distill.temperature=0: the key distill.temperature is 0"));
  EXPECT_THAT(cold.err, Not(HasSubstr("the file")));
  const auto idle = run_program(command("out", {"--top-k", "5"}));
  EXPECT_EQ(idle.status, 2);
  EXPECT_THAT(idle.err, HasSubstr("--top-k is about what a cache keeps: it goes with --cache"));
}

TEST_F(CliDistill, NamesNeedNotBeUtf8) {
  std::filesystem::rename(scratch_ / "student", scratch_ / "student\xff");
  std::vector<std::string> args = command("out\xff", {"-q", "--cache", path("words\xff")});
  *std::ranges::find(args, path("student")) = path("student\xff");
  for (const char* more : {"--json", "--resume"}) {
    args.emplace_back(more);
    const auto r = run_program(args);
    EXPECT_EQ(r.status, 0) << r.err;
  }
  EXPECT_THAT(read_file(scratch_ / "out\xff/README.md"), HasSubstr("--student student\uFFFD "));
}

TEST_F(CliDistill, ACacheOfAnotherTemperatureIsRefused) {
  ASSERT_EQ(run_program(command("first", {"-q", "--cache", path("words")})).status, 0);
  const auto r =
      run_program(command("second", {"-q", "--cache", path("words"), "--temperature", "3"}));
  EXPECT_EQ(r.status, 1);
  EXPECT_THAT(r.err, HasSubstr("temperature = 2.0"));
  std::string bytes = read_file(scratch_ / "words/part-000.bin");
  bytes[3] ^= 1;
  write_file(scratch_ / "words/part-000.bin", bytes);
  const auto damaged = run_program(command("third", {"-q", "--cache", path("words")}));
  EXPECT_EQ(damaged.status, 1);
  EXPECT_THAT(damaged.err, HasSubstr("part-000.bin is damaged"));
}

}  // namespace
}  // namespace pangu::test
