// SPDX-License-Identifier: Apache-2.0
// pangu prune: whole runs by every kind of method, what they leave, stopped and resumed, and what
// is refused.
#include <gmock/gmock.h>

#include "models/config/config.h"
#include "tests/cli/program.h"
#include "tests/support/support.h"

namespace pangu::test {
namespace {

using testing::AllOf;
using testing::Each;
using testing::HasSubstr;
using testing::Not;

class CliPrune : public testing::Test {
 protected:
  void SetUp() override {
    PANGU_NEEDS_SHARED_DATA();
    model_ = shared_model("pangu-embedded-tiny");
    write_file(scratch_ / "prose.txt", made_up_prose(40));
  }

  std::string path(const std::string& name) const { return (scratch_ / name).string(); }

  /// Half of the neurons, scored on little text.
  std::vector<std::string> command(const std::string& out,
                                   const std::vector<std::string>& more = {}) const {
    std::vector<std::string> args{"prune",
                                  model_,
                                  path(out),
                                  "--ratio",
                                  "0.5",
                                  "--align",
                                  "16",
                                  "--sequences",
                                  "4",
                                  "--length",
                                  "64",
                                  "--no-speed",
                                  "--calibration",
                                  path("prose.txt")};
    args.insert(args.end(), more.begin(), more.end());
    return args;
  }

  std::string weights(const std::string& out) const {
    return read_file(scratch_ / out / "model.safetensors");
  }

  ScratchDir scratch_;
  std::string model_;
};

TEST_F(CliPrune, EveryMethodLeavesAModelThatRuns) {
  const ModelConfig before = read_model_config(model_);
  for (const char* method : {"taylor", "camera", "slim", "activation", "magnitude", "random"}) {
    const auto r = run_program(command(method, {"--method", method, "--json"}));
    ASSERT_EQ(r.status, 0) << method << ": " << r.err;
    const Json json = r.json();
    EXPECT_LT(json["parameters_out"], json["parameters_in"]) << method;
    EXPECT_LT(json["bytes_out"], json["bytes_in"]) << method;
    const ModelConfig after = read_model_config(scratch_ / method);
    EXPECT_EQ(json["kept"].get<std::vector<std::int64_t>>(), after.intermediate_size);
    EXPECT_THAT(after.intermediate_size, Each(before.intermediate_size.front() / 2)) << method;
    EXPECT_EQ(run_program({"run", path(method), "-p", "the", "-q", "--max-tokens", "2"}).status, 0);
    EXPECT_TRUE(std::filesystem::exists(scratch_ / method / "tokenizer.model"));
  }
  EXPECT_NE(weights("taylor"), weights("random"));
}

TEST_F(CliPrune, OptionsForTextThatNobodyReadsAreRemarkedOn) {
  const auto r = run_program(command("out", {"--method", "magnitude"}));
  EXPECT_EQ(r.status, 0);
  EXPECT_THAT(r.err, HasSubstr("--calibration, --sequences, --length has no effect: method "
                               "magnitude reads no text"));
}

TEST_F(CliPrune, TheReportSaysWhatWasDone) {
  const auto r = run_program(command(
      "out", {"--method", "camera", "--rounds", "2", "--eval", "ppl:" + path("prose.txt")}));
  ASSERT_EQ(r.status, 0) << r.err;
  EXPECT_THAT(r.err, HasSubstr("round 2"));
  const std::string report = read_file(scratch_ / "out/REPORT.md");
  for (const char* part : {"# pangu-embedded-tiny, pruned", "$ pangu prune pangu-embedded-tiny out",
                           "--eval ppl:prose.txt", "## Rounds", "| 2 |", "## Scores",
                           "importance.svg", "sizes.svg", "scores.svg"}) {
    EXPECT_THAT(report, HasSubstr(part));
  }
  EXPECT_THAT(report, Not(HasSubstr(scratch_.path().string())));
  // A relative path says nothing of the machine, and is needed to repeat the command.
  const std::string relative = std::filesystem::relative(path("prose.txt")).string();
  const auto near = run_program(command("near", {"--method", "camera", "--calibration", relative}));
  ASSERT_EQ(near.status, 0) << near.err;
  EXPECT_THAT(read_file(scratch_ / "near/REPORT.md"),
              HasSubstr("--calibration prose.txt --calibration " + relative));
  for (const char* file : {"README.md", "prune.json", "importance.svg", "sizes.svg"}) {
    EXPECT_TRUE(std::filesystem::exists(scratch_ / "out" / file)) << file;
  }
  const Json state = Json::parse(read_file(scratch_ / "out/prune.json"));
  EXPECT_EQ(state["rounds"].size(), 3u);
  EXPECT_EQ(state["rounds"][0]["measured"][0]["task"], "ppl: prose.txt");
  EXPECT_THAT(read_file(scratch_ / "out/prune.json"), Not(HasSubstr(scratch_.path().string())));
}

TEST_F(CliPrune, AChangedStateIsRefusedByName) {
  std::vector<std::string> args = command(
      "out", {"--method", "magnitude", "--eval", "ppl:" + path("prose.txt"), "--keep-rounds"});
  ASSERT_EQ(run_program(args).status, 0);
  args.emplace_back("--resume");
  const Json state = Json::parse(read_file(scratch_ / "out/prune.json"));
  std::filesystem::remove(scratch_ / "out/config.json");
  for (const auto& [at, value] :
       std::vector<std::pair<const char*, Json>>{{"/rounds/1/measured", Json::array()},
                                                 {"/rounds/1/measured", nullptr},
                                                 {"/rounds/1/measured/0/task", "ppl: other.txt"},
                                                 {"/rounds/1/measured/0/scores", Json::array()},
                                                 {"/rounds/0/measured/0/scores/0/ci95", {1}},
                                                 {"/rounds/0/measured/0/items/0/measures", {1}}}) {
    Json changed = state;
    changed[Json::json_pointer(at)] = value;
    write_file(scratch_ / "out/prune.json", changed.dump());
    const auto r = run_program(args);
    EXPECT_EQ(r.status, 1) << at;
    EXPECT_THAT(r.err, HasSubstr("prune.json: the key")) << at;
    EXPECT_THAT(r.err, Not(HasSubstr("[unexpected]"))) << at;
  }
  write_file(scratch_ / "out/prune.json", state.dump());
  EXPECT_EQ(run_program(args).status, 0);
}

TEST_F(CliPrune, AResumedRunWithOtherOptionsIsToldWhich) {
  const std::vector<std::string> begun = {"--method", "random"};
  ASSERT_EQ(run_program(command("out", begun)).status, 0);
  const auto refusal = [&](std::vector<std::string> more) {
    more.insert(more.end(), {"--method", "random", "--resume", "-q"});
    const auto r = run_program(command("out", more));
    EXPECT_EQ(r.status, 1);
    EXPECT_THAT(r.err, AllOf(HasSubstr("begin anew in another folder"), Not(HasSubstr("more."))));
    return r.err;
  };
  EXPECT_THAT(refusal({"--eval", "ppl:" + path("prose.txt")}),
              HasSubstr("begun with --eval = []; now it is [\"ppl: prose.txt\"]"));
  EXPECT_THAT(refusal({"--seed", "4"}), HasSubstr("begun with --seed = 0; now it is 4"));
  EXPECT_THAT(refusal({"--distill", path("prose.txt")}),
              HasSubstr("begun with --distill = false; now it is true"));
  EXPECT_THAT(refusal({"--pace", "cubic"}), HasSubstr("--pace cubic = false; now it is true"));
}

TEST_F(CliPrune, DistilledRoundsGoOnAfterAStop) {
  const std::vector<std::string> distilled = {"--rounds",        "2",
                                              "--distill",       path("prose.txt"),
                                              "--distill-steps", "4",
                                              "--distill-lr",    "1e-3",
                                              "--distill-set",   "batch.rows=2",
                                              "--distill-set",   "batch.accumulate=1",
                                              "--distill-set",   "data.sequence_length=48"};
  const auto r = run_program(command("out", distilled));
  ASSERT_EQ(r.status, 0) << r.err;
  EXPECT_THAT(read_file(scratch_ / "out/REPORT.md"), HasSubstr("learnt from the original"));
  EXPECT_EQ(read_model_config(scratch_ / "out").pruning_config["distilled"], true);
  EXPECT_FALSE(std::filesystem::exists(scratch_ / "out/rounds"));

  // The first round is done, then what it left is taken up by another process.
  std::vector<std::string> limited = distilled;
  limited.insert(limited.end(), {"--keep-rounds"});
  ASSERT_EQ(run_program(command("kept", limited)).status, 0);
  std::filesystem::remove(scratch_ / "kept/config.json");
  Json state = Json::parse(read_file(scratch_ / "kept/prune.json"));
  state["rounds"].erase(2);
  write_file(scratch_ / "kept/prune.json", state.dump());
  std::filesystem::remove_all(scratch_ / "kept/rounds/round-2");
  limited.emplace_back("--resume");
  const auto again = run_program(command("kept", limited));
  ASSERT_EQ(again.status, 0) << again.err;
  EXPECT_THAT(again.err, HasSubstr("resumed  after round 1 of 2"));
  EXPECT_TRUE(weights("kept") == weights("out"));
}

TEST_F(CliPrune, TheResultIsQuantizedOnRequest) {
  const std::vector<std::string> to_w8 = {"--method", "magnitude", "--format",
                                          "w8a16",    "--eval",    "ppl:" + path("prose.txt")};
  const auto r = run_program(command("out", to_w8));
  ASSERT_EQ(r.status, 0) << r.err;
  EXPECT_THAT(r.err, HasSubstr("format   w8a16"));
  const ModelConfig after = read_model_config(scratch_ / "out");
  EXPECT_TRUE(after.quantization.has_value());
  EXPECT_EQ(after.pruning_config["method"], "magnitude");
  const std::string report = read_file(scratch_ / "out/REPORT.md");
  EXPECT_THAT(report, HasSubstr("| w8a16 |"));
  EXPECT_THAT(report, HasSubstr("quantized to w8a16"));
  EXPECT_THAT(read_file(scratch_ / "out/README.md"), HasSubstr("quantized to w8a16"));

  // It is what the two commands give one after the other.
  ASSERT_EQ(run_program(command("float", {"--method", "magnitude"})).status, 0);
  ASSERT_EQ(run_program({"quantize", path("float"), path("w8"), "--format", "w8a16"}).status, 0);
  EXPECT_TRUE(weights("out") == weights("w8"));

  // Stopped before the last step, and resumed.
  std::vector<std::string> kept = to_w8;
  kept.emplace_back("--keep-rounds");
  ASSERT_EQ(run_program(command("kept", kept)).status, 0);
  std::filesystem::remove(scratch_ / "kept/config.json");
  Json state = Json::parse(read_file(scratch_ / "kept/prune.json"));
  ASSERT_EQ(state["rounds"].size(), 3u);
  state["rounds"].erase(2);
  write_file(scratch_ / "kept/prune.json", state.dump());
  kept.emplace_back("--resume");
  const auto again = run_program(command("kept", kept));
  ASSERT_EQ(again.status, 0) << again.err;
  EXPECT_TRUE(weights("kept") == weights("out"));
}

TEST_F(CliPrune, OtherUnits) {
  const auto kept = [&](const std::string& out, const std::vector<std::string>& more) {
    std::vector<std::string> args = {
        "prune", model_,     path(out), "--no-speed",    "--sequences",
        "4",     "--length", "64",      "--calibration", path("prose.txt")};
    args.insert(args.end(), more.begin(), more.end());
    const auto r = run_program(args);
    EXPECT_EQ(r.status, 0) << r.err;
    return r.status == 0 ? read_model_config(scratch_ / out) : ModelConfig{};
  };
  const ModelConfig before = read_model_config(model_);
  EXPECT_EQ(kept("heads", {"--unit", "heads", "--method", "slim", "--ratio", "0.5"}).n_kv_heads,
            before.n_kv_heads / 2);
  EXPECT_LT(kept("layers", {"--unit", "layers", "--ratio", "0.34"}).n_layers, before.n_layers);
  EXPECT_LT(
      kept("channels", {"--unit", "channels", "--align", "32", "--ratio", "0.25"}).hidden_size,
      before.hidden_size);
  kept("sparse", {"--unit", "weights", "--pattern", "2:4"});
  EXPECT_EQ(read_model_config(scratch_ / "sparse").pruning_config["pattern"], "2:4");
  EXPECT_THAT(read_file(scratch_ / "sparse/REPORT.md"), HasSubstr("| 0 | 50.0% | 50.0% |"));
}

TEST_F(CliPrune, WrongUsageIsRefusedBeforeAnythingIsRead) {
  for (const std::vector<std::string>& wrong :
       std::vector<std::vector<std::string>>{{"--unit", "experts"},
                                             {"--method", "hessian"},
                                             {"--unit", "layers", "--method", "camera"},
                                             {"--allocation", "even"},
                                             {"--repair", "glue"},
                                             {"--pattern", "2:4"},
                                             {"--unit", "weights", "--pattern", "4:2"},
                                             {"--pace", "slow"},
                                             {"--head-format", "q8_0"},
                                             {"--format", "w3a16"},
                                             {"--eval", "gsm8k"},
                                             {"--eval", "chess:board.jsonl"},
                                             {"--rounds", "0"}}) {
    const auto r = run_program(command("out", wrong));
    EXPECT_EQ(r.status, 2) << wrong[0] << " " << wrong[1] << ": " << r.err;
    EXPECT_FALSE(std::filesystem::exists(scratch_ / "out"));
  }
}

TEST(CliPruneUsage, OptionsThatDoNotGoTogetherAreRefusedBeforeTheModelIsLookedFor) {
  const auto refused = [](const std::vector<std::string>& more, int status,
                          const std::string& message) {
    Refusal refusal{{"nope", "out"}, status, message};
    refusal.args.insert(refusal.args.end(), more.begin(), more.end());
    return refusal;
  };
  const auto random = [&](std::vector<std::string> more, const std::string& message) {
    more.insert(more.begin(), {"--method", "random"});
    return refused(more, 2, message);
  };
  const auto weights = [&](std::vector<std::string> more, const std::string& message) {
    more.insert(more.begin(), {"--unit", "weights", "--method", "magnitude"});
    return refused(more, 2, message);
  };
  expect_refusals(
      "prune",
      {random({"--ratio", "1.5"}, "ratio is 1.5"),
       random({"--ratio", "0"}, "ratio is 0"),
       random({"--ratio", "1"}, "ratio is 1"),
       random({"--ratio", "nan"}, "ratio is nan"),
       random({"--ratio", ""}, "'' is no number"),
       random({"--ratio", "0x1p-1"}, "'0x1p-1' is no number"),
       random({"--seed", "-1"}, "--seed"),
       random({"--pattern", "2:4"}, "--pattern belongs to --unit weights"),
       random({"--scope", "row"}, "--scope belongs to --unit weights"),
       random({"--reduce-ratio", "0.5"}, "--method camera"),
       random({"--feature-power", "1"}, "--method slim"),
       random({"--without-down"}, "--method taylor"),
       random({"--eval-limit", "3"}, "--eval-limit goes with --eval"),
       random({"--distill-steps", "3"}, "--distill-steps is about"),
       random({"--distill-lr", "1e-4", "--cache", "c"}, "--distill-lr, --cache is about"),
       random({"--temperature", "3"}, "goes with --distill"),
       random({"--distill", "d", "--distill-steps", "3", "--distill-epochs", "1"}, "together"),
       weights({"--pattern", "2:4", "--ratio", "0.9"}, "--ratio and --pattern"),
       weights({"--mask"}, "single weights"),
       weights({"--pattern", "2:4", "--rounds", "2"}, "one round"),
       refused({"--unit", "weights", "--method", "random", "--scope", "model"}, 2,
               "--scope goes with magnitude"),
       refused({}, 2, "--calibration"),
       refused({"--method", "random"}, 1, "there is no folder 'nope'")});
}

TEST_F(CliPrune, WhatCannotBePrunedIsRefused) {
  const auto refusal = [&](const std::vector<std::string>& args) {
    const auto r = run_program(args);
    EXPECT_EQ(r.status, 1) << r.err;
    return r.err;
  };
  EXPECT_THAT(refusal({"prune", model_, path("out"), "--align", "64", "--sequences", "1000",
                       "--calibration", path("prose.txt")}),
              HasSubstr("1000 were asked for"));
  EXPECT_THAT(refusal({"prune", model_, path("out2"), "--method", "magnitude", "--align", "1000"}),
              HasSubstr("would stay"));
  ASSERT_EQ(run_program({"quantize", model_, path("w8"), "--format", "w8a16", "-q"}).status, 0);
  EXPECT_THAT(refusal({"prune", path("w8"), path("out3"), "--method", "magnitude"}),
              HasSubstr("Prune the original"));
  ASSERT_EQ(run_program(command("once", {"--method", "magnitude", "-q"})).status, 0);
  EXPECT_THAT(refusal({"prune", path("once"), path("out4"), "--method", "magnitude"}),
              HasSubstr("pruned already"));
  EXPECT_THAT(refusal(command("once", {"--method", "magnitude"})), HasSubstr("--resume"));
}

}  // namespace
}  // namespace pangu::test
