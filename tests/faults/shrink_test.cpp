// SPDX-License-Identifier: Apache-2.0
// Files that become shorter while a command reads them: it ends, names the file, and leaves nothing
// half made.
#include <gmock/gmock.h>

#include "tests/cli/program.h"

namespace pangu::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class Shrinking : public testing::Test {
 protected:
  void SetUp() override {
    PANGU_NEEDS_SHARED_DATA();
    write_file(scratch_ / "prose.txt", made_up_prose(1000));
    std::string rows;
    for (int i = 0; i < 500; ++i)
      rows += R"({"prompt":"the cat saw","answer":"a"})"
              "\n";
    write_file(scratch_ / "rows.jsonl", rows);
  }

  std::string path(const std::string& name) const { return (scratch_ / name).string(); }

  /// Runs a command while `file` loses its second half; `out` is what it would write. Headers are
  /// read from mappings of their own: `mapping` is the one from which the rest is read.
  void expect_named(const std::vector<std::string>& args, const std::string& file,
                    const std::string& out = "", int mapping = 1) {
    SCOPED_TRACE(testing::PrintToString(args) + " reading " + file);
    const std::string whole = read_file(file);
    ASSERT_GT(whole.size(), 8192u) << "what is read must lie behind the page of the new end";
    const auto r = run_program(args, {.env = {{"LD_PRELOAD", PANGU_FAULTS},
                                              {"PANGU_FAULT_SHRINK", file},
                                              {"PANGU_FAULT_SHRINK_AT", std::to_string(mapping)}}});
    EXPECT_EQ(r.status, 1) << r.err;
    EXPECT_THAT(r.err, HasSubstr("pangu: error: [read] " + file + " became shorter"));
    EXPECT_TRUE(out.empty() || !fs::exists(out)) << out;
    for (const auto& entry : fs::recursive_directory_iterator(scratch_.path())) {
      EXPECT_THAT(entry.path().filename().string(), Not(StartsWith(".pangu-")));
    }
    write_file(file, whole);
  }

  ScratchDir scratch_;
};

TEST_F(Shrinking, WeightsAreNamedByEveryCommandThatReadsThem) {
  const std::string model = copy_model("pangu-embedded-tiny", scratch_).string();
  const std::string weights = model + "/model.safetensors", data = path("prose.txt");
  expect_named({"run", model, "-p", "the", "--max-tokens", "2"}, weights);
  expect_named({"logits", model, "--ids", "1,2,3", "--out", path("l.safetensors")}, weights,
               path("l.safetensors"));
  expect_named({"quantize", model, path("quantized"), "--format", "w8a16"}, weights,
               path("quantized"));
  expect_named({"convert", model, path("m.gguf")}, weights, path("m.gguf"));
  expect_named({"prune", model, path("pruned"), "--method", "magnitude", "--ratio", "0.5",
                "--align", "16", "--no-speed"},
               weights, path("pruned/config.json"), 2);
  expect_named({"eval", model, "--task", "ppl", "--data", data, "--output", path("items.jsonl")},
               weights, path("items.jsonl"), 2);
  expect_named({"bench", model, "--pp", "8", "--tg", "2", "--reps", "1"}, weights);
  expect_named({"distill", "--teacher", model, "--student", shared_model("pangu-embedded-tiny"),
                "--data", data, "--out", path("distilled"), "--steps", "1", "--length", "32"},
               weights, path("distilled/config.json"), 2);
  write_file(scratch_ / "train.json", Json{{"model", {{"from", model}}},
                                           {"data", {{"train", {data}}, {"sequence_length", 32}}},
                                           {"batch", {{"rows", 2}}},
                                           {"steps", 1},
                                           {"output", path("trained")}}
                                          .dump());
  const std::vector<std::string> train{"train", "--config", path("train.json")};
  expect_named(train, weights, path("trained/config.json"), 2);
  expect_named(train, data, path("trained/config.json"));
}

TEST_F(Shrinking, SoAreGgufFilesAndData) {
  const std::string model = shared_model("pangu-embedded-tiny"), gguf = path("m.gguf");
  ASSERT_EQ(run_program({"convert", model, gguf}).status, 0);
  expect_named({"run", gguf, "-p", "the", "--max-tokens", "2"}, gguf);
  expect_named({"convert", gguf, path("folder")}, gguf, path("folder"));
  expect_named({"eval", model, "--task", "ppl", "--data", path("prose.txt")}, path("prose.txt"));
  expect_named({"eval", model, "--task", "match", "--data", path("rows.jsonl")},
               path("rows.jsonl"));
  expect_named({"train-tokenizer", "--data", path("prose.txt"), "--out", path("tokenizer"),
                "--vocab-size", "330"},
               path("prose.txt"), path("tokenizer"));
}

}  // namespace
}  // namespace pangu::test
