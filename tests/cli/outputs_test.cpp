// SPDX-License-Identifier: Apache-2.0
// What a command writes never takes the place of what it reads.
#include <gmock/gmock.h>

#include "tests/cli/program.h"

namespace pangu::test {
namespace {

using testing::HasSubstr;

class CliOutputs : public testing::Test {
 protected:
  void SetUp() override {
    PANGU_NEEDS_SHARED_DATA();
    model_ = copy_model("stories260K", scratch_).string();
    weights_ = model_ + "/model.safetensors";
    before_ = read_file(weights_);
    write_file(scratch_ / "text.txt", "Once upon a time.");
  }

  std::string path(const std::string& name) const { return (scratch_ / name).string(); }

  void expect_refused(const std::vector<std::string>& args,
                      const std::string& message = "belongs to the model") {
    const auto r = run_program(args);
    EXPECT_EQ(r.status, 1) << args[0] << ": " << r.err;
    EXPECT_EQ(r.out, "");
    EXPECT_THAT(r.err, HasSubstr(message));
    EXPECT_TRUE(read_file(weights_) == before_);
  }

  ScratchDir scratch_;
  std::string model_, weights_, before_;
};

TEST_F(CliOutputs, AreNoFilesOfAModelsFolder) {
  std::filesystem::create_directory_symlink(model_, path("link"));
  for (const std::string& file : {weights_, model_ + "/new", path("link/model.safetensors")}) {
    expect_refused({"logits", model_, "--ids", "1,2", "--out", file});
    expect_refused({"convert", model_, file, "--to", "gguf"});
    expect_refused({"eval", model_, "--task", "ppl", "--data", path("text.txt"), "--output", file});
  }
  const std::vector<std::string> match{"eval",         "gone", "--task", "match",
                                       "--max-tokens", "1",    "--data", path("match.jsonl")};
  write_file(scratch_ / "match.jsonl", "{\"prompt\":\"Tom\",\"answer\":\"x\"}\n");
  for (const char* option : {"--compare", "--draft"}) {
    std::vector<std::string> args = match;
    args.insert(args.end(), {option, model_, "--record", model_ + "/config.json"});
    expect_refused(args);
  }
  expect_refused({"bench", model_, "--sweep", model_});
  expect_refused({"prune", model_, model_, "--method", "magnitude", "--resume"},
                 "is the folder of the model");
}

TEST_F(CliOutputs, AreNoFileOrPartOfAGgufModel) {
  const std::string file = path("m.gguf");
  ASSERT_EQ(run_program({"convert", model_, file, "-q"}).status, 0);
  const std::string whole = read_file(file);
  std::filesystem::create_symlink("m.gguf", path("link.gguf"));
  for (const std::string& out : {file, path("link.gguf"), (scratch_ / ".").string() + "/m.gguf"}) {
    expect_refused({"convert", file, out, "--to", "gguf", "--format", "q4_0"});
  }
  EXPECT_TRUE(read_file(file) == whole);
  for (const char* part : {"s-00001-of-00002.gguf", "s-00002-of-00002.gguf"}) {
    write_file(scratch_ / part, "part");
    expect_refused({"convert", path("s-00002-of-00002.gguf"), path(part)});
  }
  EXPECT_EQ(run_program({"convert", file, path("q.gguf"), "--format", "q8_0", "-q"}).status, 0);
}

TEST_F(CliOutputs, AreNoFilesOfExamples) {
  write_file(scratch_ / "shots.jsonl", "{\"prompt\":\"Tom\",\"answer\":\"x\"}\n");
  expect_refused({"eval", model_, "--task", "match", "--data", path("text.txt"), "--shots", "1",
                  "--shots-file", path("shots.jsonl"), "--output", path("shots.jsonl")},
                 "something else");
}

TEST_F(CliOutputs, NamesNeedNotBeUtf8) {
  const std::string name = path(
      "a\xff"
      "b");
  std::filesystem::rename(model_, name);
  weights_ = name + "/model.safetensors";
  const auto converted = run_program({"convert", name, path("x.gguf"), "-q"});
  EXPECT_EQ(converted.status, 0) << converted.err;
  EXPECT_EQ(
      run_program({"info", path("x.gguf"), "--json"}).json()["gguf"]["metadata"]["general.name"],
      "\"a\uFFFDb\"");
  const auto quantized = run_program({"quantize", name, path("q"), "--format", "w8a16", "-q"});
  EXPECT_EQ(quantized.status, 0) << quantized.err;
  EXPECT_THAT(read_file(scratch_ / "q/README.md"), HasSubstr("# a\uFFFDb in w8a16"));
  const auto pruned = [&](const char* resume) {
    return run_program({"prune", name, path("p\xff"), "--method", "magnitude", "--ratio", "0.3",
                        "--align", "4", "--no-speed", "-q", resume});
  };
  for (const char* again : {"--json", "--resume"}) {
    const auto r = pruned(again);
    EXPECT_EQ(r.status, 0) << r.err;
  }
  write_file(scratch_ / "\xff.jsonl", "{\"prompt\":\"Tom and\",\"answer\":\"x\"}\n");
  const auto recorded =
      run_program({"eval", name, "--task", "match", "--data", path("\xff.jsonl"), "--max-tokens",
                   "4", "-q", "--json", "--record", path("r\xff")});
  EXPECT_EQ(recorded.status, 0) << recorded.err;
  EXPECT_THAT(read_file(scratch_ / "r\xff"), HasSubstr("\"name\":\"\uFFFD\""));
}

}  // namespace
}  // namespace pangu::test
