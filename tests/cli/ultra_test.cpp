// SPDX-License-Identifier: Apache-2.0
// Pangu Ultra's decoder with sandwich norms, as users of the program meet it.
#include <gmock/gmock.h>

#include "tests/cli/program.h"

namespace pangu::test {
namespace {

using testing::HasSubstr;

class CliUltra : public testing::Test {
 protected:
  void SetUp() override {
    PANGU_NEEDS_SHARED_DATA();
    write_file(scratch_ / "prose.txt", made_up_prose(60));
    const Json model = {{"architectures", {"PanguUltraForCausalLM"}},
                        {"model_type", "PanguUltra"},
                        {"hidden_size", 32},
                        {"num_hidden_layers", 3},
                        {"num_attention_heads", 4},
                        {"num_key_value_heads", 2},
                        {"head_dim", 8},
                        {"intermediate_size", 64},
                        {"vocab_size", 512},
                        {"max_position_embeddings", 128},
                        {"rms_norm_eps", 1e-5},
                        {"rope_theta", 1e4},
                        {"bos_token_id", 1},
                        {"eos_token_id", 2}};
    const Json config = {{"model", {{"config", model}}},
                         {"tokenizer", shared_model("pangu-embedded-tiny")},
                         {"data", {{"train", {prose()}}, {"sequence_length", 48}}},
                         {"batch", {{"rows", 2}}},
                         {"steps", 4},
                         {"output", model_}};
    write_file(scratch_ / "train.json", config.dump());
    run({"train", "--config", (scratch_ / "train.json").string()});
  }

  std::string prose() const { return (scratch_ / "prose.txt").string(); }

  /// Runs a command that must succeed.
  static ProgramResult run(std::vector<std::string> args) {
    args.insert(args.end(), {"--json", "-q"});
    ProgramResult r = run_program(args);
    EXPECT_EQ(r.status, 0) << args[0] << ": " << r.err;
    return r;
  }

  Json config_of(const std::string& name) const {
    return read_json(scratch_ / name / "config.json");
  }

  ScratchDir scratch_;
  const std::string model_ = (scratch_ / "ultra").string();
};

TEST_F(CliUltra, IsTrainedRunQuantizedAndPruned) {
  EXPECT_EQ(config_of("ultra")["sandwich_norm"], true);
  const Json info = run({"info", model_}).json();
  EXPECT_EQ(info["parameters"]["norms"], 32 * (4 * 3 + 1));
  EXPECT_EQ(info["problems"], Json::array());
  const std::vector<std::string> ask{"-p", "the", "--max-tokens", "4", "--temp", "0"};
  const auto reply = [&](const std::string& model) {
    std::vector<std::string> args{"run", (scratch_ / model).string()};
    args.insert(args.end(), ask.begin(), ask.end());
    return run(args).json()["text"];
  };
  reply("ultra");
  run({"quantize", model_, (scratch_ / "w8").string(), "--format", "w8a16"});
  reply("w8");
  for (const auto& [unit, method, ratio, align] :
       std::vector<std::array<std::string, 4>>{{"neurons", "slim", "0.25", "8"},
                                               {"heads", "taylor", "0.5", "1"},
                                               {"channels", "activation", "0.25", "8"},
                                               {"layers", "depth", "0.4", "1"}}) {
    const std::string out = (scratch_ / unit).string();
    run({"prune", model_, out, "--unit", unit, "--method", method, "--ratio", ratio, "--align",
         align, "--calibration", prose(), "--sequences", "2", "--length", "32", "--loss-on",
         "all"});
    EXPECT_EQ(config_of(unit)["sandwich_norm"], true) << unit;
    reply(unit);
  }
}

TEST_F(CliUltra, HasNoFormInGguf) {
  const auto r = run_program({"convert", model_, (scratch_ / "ultra.gguf").string()});
  EXPECT_EQ(r.status, 1);
  EXPECT_THAT(r.err, HasSubstr("PanguUltraForCausalLM has no form in GGUF files"));
  EXPECT_THAT(r.err, HasSubstr("pangu quantize"));
  EXPECT_FALSE(std::filesystem::exists(scratch_ / "ultra.gguf"));
}

TEST_F(CliUltra, ItsInitialValuesFollowFromItsSize) {
  const auto r = run_program({"train", "-q", "--config", (scratch_ / "train.json").string(),
                              "--set", "model.initializer_range=0.1"});
  EXPECT_EQ(r.status, 2);
  EXPECT_THAT(r.err, HasSubstr("model.initializer_range"));
}

}  // namespace
}  // namespace pangu::test
