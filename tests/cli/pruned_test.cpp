// SPDX-License-Identifier: Apache-2.0
// Pruned models, whose layers differ in width, as users of the program meet them.
#include <gmock/gmock.h>

#include "checkpoint/companion_files.h"
#include "models/parameter_count.h"
#include "tests/cli/program.h"
#include "tests/support/random_checkpoint.h"
#include "train/decoder_objective.h"

namespace pangu::test {
namespace {

using testing::HasSubstr;

class CliPruned : public testing::Test {
 protected:
  void SetUp() override {
    PANGU_NEEDS_SHARED_DATA();
    const auto tokenizer = shared_dir() / "models" / "pangu-embedded-tiny";
    config_.vocab_size = read_model_config(tokenizer).vocab_size;
    write_random_checkpoint(scratch_ / "pruned", config_, DType::kBF16);
    copy_files(tokenizer, scratch_ / "pruned", &is_tokenizer_file);
  }

  /// Runs a command that must succeed and print one JSON object.
  static Json run(std::vector<std::string> args) {
    args.insert(args.end(), {"--json", "-q"});
    const ProgramResult r = run_program(args);
    EXPECT_EQ(r.status, 0) << args[0] << ": " << r.err;
    return r.json();
  }

  ScratchDir scratch_;
  ModelConfig config_ = pruned_config();
  const std::string model_ = (scratch_ / "pruned").string();
};

TEST_F(CliPruned, InfoShowsEveryWidthAndHowItWasPruned) {
  const auto text = run_program({"info", model_});
  EXPECT_EQ(text.status, 0) << text.err;
  EXPECT_THAT(text.out, HasSubstr("hidden size     96; feed-forward 33 to 256, by layer\n"
                                  "  layers 0-2    70 256 33\n"));
  EXPECT_THAT(text.out, HasSubstr("4 heads, 2 for keys and values, of size 16"));
  EXPECT_THAT(text.out, HasSubstr("pruning         2 settings\n"
                                  "  method = \"activation\"\n"
                                  "  removed_layers = [1,4]\n"));
  const Json json = run({"info", model_});
  EXPECT_EQ(json["config"]["intermediate_size"], Json({70, 256, 33}));
  EXPECT_EQ(json["config"]["pruning_config"], config_.pruning_config);
  EXPECT_EQ(json["weights"]["parameters"], json["parameters"]["total"]);
  EXPECT_EQ(json["problems"], Json::array());

  const std::string file = (scratch_ / "pruned.gguf").string();
  run({"convert", model_, file});
  EXPECT_EQ(run({"info", file})["config"]["pruning_config"], config_.pruning_config);
}

TEST_F(CliPruned, RunsEvaluatesQuantizesAndIsMeasured) {
  EXPECT_EQ(
      run({"run", model_, "-p", "the", "--max-tokens", "8", "--spec", "self"})["text"].is_string(),
      true);
  write_file(scratch_ / "text.jsonl", "{\"text\":\"the cat saw the dog\"}\n{\"text\":\"a red\"}\n");
  const Json score = run({"eval", model_, "--task", "ppl", "--data",
                          (scratch_ / "text.jsonl").string(), "--compare", model_});
  EXPECT_EQ(score["comparison"]["bits_per_byte"]["difference"], 0.0);
  const std::string out = (scratch_ / "q8").string();
  run({"quantize", model_, out, "--format", "q8_0"});
  EXPECT_EQ(run({"info", out})["problems"], Json::array());
  EXPECT_GT(run({"bench", out, "--pp", "8", "--tg", "2", "--reps", "1",
                 "--no-verify"})["decode_tokens_per_s"],
            0.0);
}

TEST_F(CliPruned, IsTrainedOnAndKeepsItsShape) {
  std::string text;
  for (int i = 0; i < 200; ++i) text += i % 3 ? "the cat saw a ball " : "a dog ran\n\n";
  write_file(scratch_ / "prose.txt", text);
  const Json config = {
      {"model", {{"from", model_}}},
      {"data", {{"train", {(scratch_ / "prose.txt").string()}}, {"sequence_length", 32}}},
      {"steps", 3},
      {"output", (scratch_ / "out").string()}};
  write_file(scratch_ / "train.json", config.dump());
  const std::string file = (scratch_ / "train.json").string();
  const Json estimate = run({"train", "--config", file, "--estimate"});
  EXPECT_EQ(estimate["parameters"], parameter_count(config_).total());
  EXPECT_GT(run({"train", "--config", file})["loss"], 0.0);
  const ModelConfig trained = read_model_config(scratch_ / "out");
  EXPECT_EQ(trained.intermediate_size, config_.intermediate_size);
  EXPECT_EQ(trained.pruning_config, config_.pruning_config);
}

TEST_F(CliPruned, MemoryOfTrainingFollowsTheWidthsOfTheLayers) {
  const auto activations = [&](std::vector<std::int64_t> widths, bool recompute) {
    ModelConfig c = config_;
    c.intermediate_size = std::move(widths);
    return estimate_training_memory(
               c, {.dtype = DType::kF32, .tokens = 64, .recompute_layers = recompute})
        .activations;
  };
  // All layers count, but the widest alone where layers are computed again.
  EXPECT_LT(activations({70, 256, 33}, false), activations({70, 256, 34}, false));
  EXPECT_LT(activations({70, 256, 33}, false), activations({256, 256, 256}, false));
  EXPECT_EQ(activations({70, 256, 33}, true), activations({256, 256, 256}, true));
  EXPECT_LT(activations({70, 255, 33}, true), activations({70, 256, 33}, true));
}

}  // namespace
}  // namespace pangu::test
