// SPDX-License-Identifier: Apache-2.0
// Commands under limits of the system: each ends, done or with a message, and leaves nothing half
// made.
#include <gmock/gmock.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tests/cli/program.h"

namespace pangu::test {
namespace {

using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class CliLimits : public testing::Test {
 protected:
  void SetUp() override {
    PANGU_NEEDS_SHARED_DATA();
    write_file(scratch_ / "prose.txt", made_up_prose(60));
    write_file(scratch_ / "train.json",
               Json{{"model", {{"from", shared_model("pangu-embedded-tiny")}}},
                    {"data", {{"train", {path("prose.txt")}}, {"sequence_length", 32}}},
                    {"batch", {{"rows", 2}}},
                    {"steps", 1},
                    {"output", path("trained")}}
                   .dump());
  }

  std::string path(const std::string& name) const { return (scratch_ / name).string(); }

  /// One of every kind, each with an output of its own.
  std::vector<std::vector<std::string>> commands(const std::string& out) const {
    const std::string model = shared_model("pangu-embedded-tiny"), text = path("prose.txt");
    return {{"info", model},
            {"tokenize", model, "the cat"},
            {"run", model, "-p", "the", "--max-tokens", "4"},
            {"logits", model, "--ids", "1,2,3", "--out", path(out + ".safetensors")},
            {"eval", model, "--task", "ppl", "--data", text, "--output", path(out + ".jsonl")},
            {"quantize", model, path(out + "-quantized"), "--format", "w8a16"},
            {"convert", model, path(out + ".gguf")},
            {"prune", model, path(out + "-pruned"), "--method", "magnitude", "--ratio", "0.5",
             "--align", "16", "--no-speed"},
            {"train-tokenizer", "--data", text, "--out", path(out + "-tokenizer"), "--vocab-size",
             "330"},
            {"train", "--config", path("train.json"), "--set", "output=" + path(out + "-trained")}};
  }

  void expect_an_end(const std::string& name, const std::map<int, std::uint64_t>& limits) {
    for (const std::vector<std::string>& args : commands(name)) {
      const auto r = run_program(args, {.limits = limits});
      EXPECT_THAT(r.status, AnyOf(0, 1)) << name << " " << args[0] << ": " << r.err;
      if (r.status != 0) {
        EXPECT_THAT(r.err, HasSubstr("pangu: error: [")) << name << " " << args[0];
      }
      EXPECT_THAT(r.err, Not(HasSubstr("[unexpected]"))) << name << " " << args[0];
    }
    for (const auto& entry : std::filesystem::recursive_directory_iterator(scratch_.path())) {
      EXPECT_THAT(entry.path().filename().string(), Not(StartsWith(".pangu-"))) << name;
    }
  }

  ScratchDir scratch_;
};

TEST_F(CliLimits, NoneIsEnoughOfALimit) {
  for (const std::vector<std::string>& args : commands("free")) {
    const auto r = run_program(args);
    EXPECT_EQ(r.status, 0) << args[0] << ": " << r.err;
  }
}

TEST_F(CliLimits, FilesOfLittleSize) {
  expect_an_end("size", {{RLIMIT_FSIZE, 2000}});
  EXPECT_THAT(run_program({"convert", shared_model("pangu-embedded-tiny"), path("a.gguf")},
                          {.limits = {{RLIMIT_FSIZE, 2000}}})
                  .err,
              HasSubstr("ulimit -f"));
}

TEST_F(CliLimits, FewOpenFiles) {
  if (kSanitized) GTEST_SKIP() << "sanitizers open descriptors to look at memory";
  expect_an_end("files", {{RLIMIT_NOFILE, 6}});
}

TEST_F(CliLimits, AFileThatShrinksWhileItIsReadIsNamed) {
  const std::string part = made_up_prose(1000);
  std::string text;
  for (int i = 0; i < 300; ++i) text += part;
  // A read must meet the new end: sooner there is no file yet, later all is read.
  for (int delay_ms = 15; delay_ms < 2000; delay_ms *= 2) {
    write_file(scratch_ / "big.txt", text);
    LiveProgram program({"train-tokenizer", "--data", path("big.txt"), "--out", path("shrunk"),
                         "--vocab-size", "330"},
                        LiveProgram::On::kPipe);
    ::usleep(static_cast<useconds_t>(delay_ms) * 1000);
    std::filesystem::resize_file(scratch_ / "big.txt", 1);
    const int status = program.wait();
    if (program.output().find("became shorter") == std::string::npos) continue;
    EXPECT_EQ(status, 1);
    EXPECT_THAT(program.output(), HasSubstr("big.txt"));
    EXPECT_FALSE(std::filesystem::exists(scratch_ / "shrunk"));
    return;
  }
  FAIL() << "no read met the end of the file";
}

TEST_F(CliLimits, LittleStack) {
  if (kSanitized) GTEST_SKIP() << "sanitizers need more stack than that";
  PANGU_NEEDS_NO_EMULATOR("limits of the stack do not hold");
  for (const std::vector<std::string>& args : commands("stack")) {
    const auto r = run_program(args, {.limits = {{RLIMIT_STACK, 64 << 10}}});
    EXPECT_EQ(r.status, 0) << args[0] << ": " << r.err;
  }
}

TEST_F(CliLimits, LittleAddressSpaceForManyThreads) {
  if (kSanitized) GTEST_SKIP() << "sanitizers need all of the address space";
  PANGU_NEEDS_NO_EMULATOR("limits of memory do not hold");
  for (const std::uint64_t most : {60, 150, 400}) {
    expect_an_end("memory" + std::to_string(most), {{RLIMIT_AS, most << 20}});
  }
  const auto r =
      run_program({"run", shared_model("pangu-embedded-tiny"), "-p", "the", "--threads", "500"},
                  {.limits = {{RLIMIT_AS, std::uint64_t{700} << 20}}});
  EXPECT_THAT(r.err, HasSubstr("threads")) << r.status;
}

}  // namespace
}  // namespace pangu::test
