// SPDX-License-Identifier: Apache-2.0
// pangu train: what it refuses and explains, and on builds with gradients whole runs: stopped,
// killed, resumed, on several processes.
#include <gmock/gmock.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <random>

#include "apps/train/training_line.h"
#include "base/utf8.h"
#include "tests/cli/program.h"
#include "tests/support/random_checkpoint.h"

namespace pangu::test {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(TrainingLine, SaysHowItGoes) {
  StepReport report{
      .row = {.step = 25, .loss = 2.34567, .tokens_per_s = 1234, .flops_per_s = 56.1e9},
      .steps = 100};
  EXPECT_EQ(
      app::training_line(report, std::nullopt, 42),
      "step 25/100 [=====               ] loss 2.3457, 1.23K tokens/s, 56.1 GFLOP/s, 42 s left");
  EXPECT_THAT(app::training_line(report, 2.5, 300), HasSubstr("(validation 2.5000)"));
  EXPECT_EQ(app::time_text(99), "99 s");
  EXPECT_EQ(app::time_text(720), "12 min");
  EXPECT_EQ(app::time_text(9000), "2.5 h");
}

class CliTrain : public testing::Test {
 protected:
  void SetUp() override { PANGU_NEEDS_SHARED_DATA(); }

  /// A config for a small model and some made-up prose; `out` is a name in the scratch folder.
  std::vector<std::string> command(const std::string& out,
                                   const std::vector<std::string>& more = {}) {
    write_file(scratch_ / "prose.txt", made_up_prose(60));
    const Json config = {{"model", {{"from", shared_model("pangu-embedded-tiny")}}},
                         {"data",
                          {{"train", {(scratch_ / "prose.txt").string()}},
                           {"validation", {(scratch_ / "prose.txt").string()}},
                           {"sequence_length", 48}}},
                         {"batch", {{"rows", 2}, {"accumulate", 2}}},
                         {"optimizer", {{"learning_rate", 3e-3}}},
                         {"steps", 12},
                         {"dtype", "f32"},
                         {"validate", {{"rows", 4}}},
                         {"save", {{"every", 3}}},
                         {"output", (scratch_ / out).string()}};
    write_file(scratch_ / (out + ".json"), config.dump());
    std::vector<std::string> args{"train", "--config", (scratch_ / (out + ".json")).string()};
    args.insert(args.end(), more.begin(), more.end());
    return args;
  }

  std::string path(const std::string& name) const { return (scratch_ / name).string(); }

  std::string weights(const std::string& out) const {
    return read_file(scratch_ / out / "model.safetensors");
  }

  ScratchDir scratch_;
};

TEST_F(CliTrain, DefaultsAndEstimate) {
  const auto defaults = run_program({"train", "--print-defaults"});
  EXPECT_EQ(defaults.status, 0);
  EXPECT_THAT(defaults.out, HasSubstr("\"learning_rate\": 3e-4,"));
  EXPECT_THAT(defaults.out, HasSubstr("// after warm-up"));
  const Json estimate = run_program(command("out", {"--estimate", "--json"})).json();
  EXPECT_EQ(estimate["parameters"], 657408);
  EXPECT_EQ(estimate["weights_bytes"], 4 * 657408);
  EXPECT_EQ(estimate["moments_bytes"], 8 * 657408);
  EXPECT_FALSE(std::filesystem::exists(scratch_ / "out"));
}

TEST_F(CliTrain, TheEstimateCountsAHeadThatIsStoredBesideATiedEmbedding) {
  const std::filesystem::path untied = shared_model("pangu-embedded-tiny-untied");
  const std::filesystem::path stored = scratch_ / "stored";
  std::filesystem::copy(untied, stored, std::filesystem::copy_options::recursive);
  set_config_json(stored, "tie_word_embeddings", true);
  const auto parameters = [&](const std::filesystem::path& model) {
    const std::string from = "model.from=" + Json(model.string()).dump();
    return run_program(command("out", {"--estimate", "--json", "--set", from}))
        .json()["parameters"];
  };
  EXPECT_EQ(parameters(stored), parameters(untied));
}

TEST_F(CliTrain, WrongUseIsRefusedBeforeAnythingIsWritten) {
  write_file(scratch_ / "bad.json", "{\"model\": }");
  write_file(scratch_ / "empty.jsonl", "");
  struct Case {
    std::vector<std::string> more;
    int status;
    std::string message;
  };
  for (const auto& [more, status, message] : std::vector<Case>{
           {{"--set", "optimizer.lr=1"}, 2, "there is no key 'optimizer.lr'"},
           {{"--set", "optimizer.learning_rate=fast"}, 2, "optimizer.learning_rate"},
           {{"--set", "optimizer.learning_rate=0"}, 2, "a number above 0"},
           {{"--set", "batch.rows=1000000", "--set", "data.sequence_length=2048"}, 1, "[memory]"},
           {{"--set", "steps"}, 2, "no assignment"},
           {{"--set", "epochs=1", "--set", "steps=2"},
            2,
            "--set steps=2, --set epochs=1: steps and epochs were given"},
           {{"--set", "data.sequence_length=100000"},
            2,
            "--set data.sequence_length=100000: data.sequence_length is"},
           {{"--config", (scratch_ / "bad.json").string()}, 1, "bad.json"},
           {{"--set", "data.train=[\"nowhere.jsonl\"]"}, 1, "nowhere.jsonl"},
           {{"--set", "data.train=[\"" + (scratch_ / "empty.jsonl").string() + "\"]"}, 1, "empty"},
           {{"--frobnicate"}, 2, "frobnicate"},
       }) {
    std::vector<std::string> args = command("out", {"-q"});
    if (more[0] == "--config") args = {"train", "-q"};
    args.insert(args.end(), more.begin(), more.end());
    const auto r = run_program(args);
    EXPECT_EQ(r.status, status) << r.err;
    EXPECT_EQ(r.out, "");
    EXPECT_THAT(r.err, HasSubstr(message));
    EXPECT_EQ(std::count(r.err.begin(), r.err.end(), '\n'), 1) << r.err;
    EXPECT_FALSE(std::filesystem::exists(scratch_ / "out"));
  }
  const auto r = run_program({"train"});
  EXPECT_EQ(r.status, 2);
  EXPECT_THAT(r.err, HasSubstr("--config is required"));
}

TEST_F(CliTrain, FoldersOfOthersAreLeftAlone) {
  write_file(scratch_ / "model/config.json", "{}");
  const auto other = run_program(command("model", {"-q"}));
  EXPECT_EQ(other.status, 1);
  EXPECT_THAT(other.err, HasSubstr("not made by this run"));
  write_file(scratch_ / "run/checkpoints/step-000004/trainer_state.json", "{}");
  const auto begun = run_program(command("run", {"-q"}));
  EXPECT_EQ(begun.status, 1);
  EXPECT_THAT(begun.err, HasSubstr("--resume"));
  EXPECT_EQ(read_file(scratch_ / "model/config.json"), "{}");
}

TEST_F(CliTrain, FilesOfOthersAreNotReplaced) {
  for (const char* file :
       {"README.md", "generation_config.json", "tokenizer.model", "log.csv", "loss.svg"}) {
    write_file(scratch_ / "mine" / file, "mine");
    const auto r = run_program(command("mine", {"-q"}));
    EXPECT_EQ(r.status, 1) << file;
    EXPECT_THAT(r.err, HasSubstr(std::string("holds ") + file));
    EXPECT_EQ(read_file(scratch_ / "mine" / file), "mine");
    std::filesystem::remove(scratch_ / "mine" / file);
  }
  write_file(scratch_ / "mine/loss.svg", "mine");
  EXPECT_EQ(run_program(command("mine", {"-q", "--resume"})).status, 1);
  std::filesystem::remove(scratch_ / "mine/loss.svg");
  write_file(scratch_ / "mine/notes.txt", "mine");
  EXPECT_EQ(run_program(command("mine", {"-q"})).status, 0);
  // Even what the run itself left is no output for a run that reads it.
  const std::string from = "model.from=" + Json((scratch_ / "mine").string()).dump();
  const auto onto = run_program(command("mine", {"-q", "--resume", "--set", from}));
  EXPECT_EQ(onto.status, 1);
  EXPECT_THAT(onto.err, HasSubstr("is the folder of the model"));
}

TEST_F(CliTrain, AFinishedRunThatIsResumedTellsNoSpeed) {
  ASSERT_EQ(run_program(command("out", {"-q", "--set", "steps=1"})).status, 0);
  const auto r = run_program(command("out", {"--resume", "--set", "steps=1"}));
  EXPECT_EQ(r.status, 0) << r.err;
  EXPECT_THAT(r.err, HasSubstr("no step was left to train"));
  EXPECT_THAT(r.err, Not(HasSubstr("tokens/s")));
}

TEST_F(CliTrain, TheCardShowsEveryOptionThatDecides) {
  const auto r = run_program(command("out", {"-q", "--threads", "1", "--dtype", "f32", "--set",
                                             "log_every=2", "--set", "steps=1"}));
  ASSERT_EQ(r.status, 0) << r.err;
  const std::string shown =
      "pangu train --config out.json --set log_every=2 --set steps=1 --dtype f32\n";
  EXPECT_THAT(read_file(scratch_ / "out/README.md"), HasSubstr(shown));
}

TEST_F(CliTrain, NamesThatAreNoUtf8LoseNoWork) {
  const std::string name =
      "a\xff"
      "b";
  std::filesystem::copy(shared_model("pangu-embedded-tiny"), scratch_ / ("model-" + name),
                        std::filesystem::copy_options::recursive);
  std::vector<std::string> args = command("plain", {"-q", "--json"});
  for (const auto& [key, value] : std::map<std::string, std::string>{
           {"model.from", "model-" + name}, {"output", name}, {"steps", "2"}}) {
    args.insert(args.end(), {"--set", key + "=" + (key == "steps" ? value : path(value))});
  }
  const auto r = run_program(args);
  ASSERT_EQ(r.status, 0) << r.err;
  EXPECT_EQ(r.json()["step"], 2);
  const std::string card = read_file(scratch_ / name / "README.md");
  EXPECT_EQ(utf8::find_invalid(card), utf8::npos);
  EXPECT_THAT(card, HasSubstr("# a\uFFFDb\n"));
  EXPECT_THAT(card, HasSubstr("--set $'output="));
  args.insert(args.end(), {"--resume"});
  EXPECT_EQ(run_program(args).status, 0);
}

TEST_F(CliTrain, LeavesAModelThatTheOtherCommandsLoad) {
  const auto r = run_program(command("out", {"--json"}));
  ASSERT_EQ(r.status, 0) << r.err;
  const Json json = r.json();
  EXPECT_EQ(json["step"], 12);
  EXPECT_GT(json["loss"], 0);
  // Random weights over 512 tokens; a dozen steps must be felt.
  EXPECT_LT(json["loss"], 0.95 * std::log(512.0));
  EXPECT_GT(json["validation_loss"], 0);
  EXPECT_GT(json["tokens_per_s"], 0);
  EXPECT_GT(json["flops_per_s"], 0);
  for (const char* file : {"config.json", "generation_config.json", "tokenizer.model", "README.md",
                           "log.csv", "loss.svg", "checkpoints/step-000012/config.json"}) {
    EXPECT_TRUE(std::filesystem::exists(scratch_ / "out" / file)) << file;
  }
  const auto reply = run_program({"run", (scratch_ / "out").string(), "-p", "the", "-q"});
  EXPECT_EQ(reply.status, 0) << reply.err;
  const std::string card = read_file(scratch_ / "out/README.md");
  EXPECT_THAT(card, HasSubstr("pangu train --config out.json"));
  EXPECT_THAT(card, Not(HasSubstr(scratch_.path().string())));
  EXPECT_EQ(run_program(command("out", {"-q"})).status, 1);
}

TEST_F(CliTrain, MakesANewModelThatLoadsAgain) {
  const Json config = {{"architectures", {"PanguEmbeddedForCausalLM"}},
                       {"model_type", "PanguEmbedded"},
                       {"hidden_size", 64},
                       {"num_hidden_layers", 2},
                       {"num_attention_heads", 2},
                       {"num_key_value_heads", 1},
                       {"intermediate_size", 96},
                       {"vocab_size", 512},
                       {"max_position_embeddings", 256},
                       {"rope_theta", 10000.0},
                       {"rms_norm_eps", 1e-5},
                       {"hidden_act", "silu"},
                       {"bias", true},
                       {"tie_word_embeddings", true}};
  const std::vector<std::string> from_nothing{
      "--set", "model.from=null",
      "--set", "model.config=" + config.dump(),
      "--set", "tokenizer=" + shared_model("pangu-embedded-tiny"),
      "--json"};
  const auto r = run_program(command("new", from_nothing));
  ASSERT_EQ(r.status, 0) << r.err;
  const auto reply = run_program({"run", (scratch_ / "new").string(), "-p", "the", "-q"});
  EXPECT_EQ(reply.status, 0) << reply.err;
  // Trained on, it begins where it ended: better than a new one.
  const auto more = run_program(
      command("more", {"--set", "model.from=\"" + (scratch_ / "new").string() + "\"", "--json"}));
  ASSERT_EQ(more.status, 0) << more.err;
  EXPECT_LT(more.json()["loss"], r.json()["loss"]);
}

TEST_F(CliTrain, InterruptedAndKilledRunsEndWithTheSameBits) {
  ASSERT_EQ(run_program(command("whole", {"-q"})).status, 0);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    const std::string out = "stopped-" + std::to_string(signal);
    {
      LiveProgram program(command(out), LiveProgram::On::kPipe);
      program.wait_for("step 1/");
      program.interrupt(signal);
      EXPECT_EQ(program.wait(), 128 + signal);
      EXPECT_THAT(program.output(), HasSubstr("--resume"));
    }
    EXPECT_TRUE(std::filesystem::exists(scratch_ / out / "checkpoints")) << signal;
    ASSERT_EQ(run_program(command(out, {"-q", "--resume"})).status, 0);
    EXPECT_TRUE(weights(out) == weights("whole")) << signal;
  }
  std::mt19937 engine(static_cast<std::mt19937::result_type>(seed()));
  for (int kill = 0; kill < 6; ++kill) {
    const LiveProgram program(command("killed", {"-q", "--resume"}), LiveProgram::On::kPipe);
    ::usleep(static_cast<useconds_t>(engine() % 300'000));
  }
  ASSERT_EQ(run_program(command("killed", {"-q", "--resume"})).status, 0);
  EXPECT_TRUE(weights("killed") == weights("whole"));
}

TEST_F(CliTrain, ProcessesOfMpirunTrainOneModel) {
  if (std::system("command -v mpirun >/dev/null") != 0) GTEST_SKIP() << "there is no mpirun";
  const Json alone = run_program(command("alone", {"--json"})).json();
  // Open MPI leaves memory of its own to the end of the process.
  std::string line =
      "ASAN_OPTIONS=detect_leaks=0 mpirun --allow-run-as-root --oversubscribe -np 2 " PANGU_PROGRAM;
  for (const std::string& arg : command("ranks", {"--json", "-q"})) line += " '" + arg + "'";
  const std::string out = (scratch_ / "result").string();
  const int status = std::system((line + " >" + out + " 2>&1").c_str());
  const std::string text = read_file(out);
  if (text.find("without MPI") != std::string::npos) GTEST_SKIP() << text;
  ASSERT_EQ(status, 0) << text;
  const Json ranks = ProgramResult{.status = 0, .out = text, .err = ""}.json();
  EXPECT_EQ(ranks["step"], alone["step"]);
  EXPECT_EQ(ranks["tokens"], alone["tokens"]);
  EXPECT_NEAR(ranks["loss"].get<double>(), alone["loss"].get<double>(), 1e-3);
  EXPECT_NEAR(ranks["validation_loss"].get<double>(), alone["validation_loss"].get<double>(), 1e-3);
}

}  // namespace
}  // namespace pangu::test
