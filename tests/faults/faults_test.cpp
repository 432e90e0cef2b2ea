// SPDX-License-Identifier: Apache-2.0
// Long commands, killed and failed at each of the calls by which they change files, on a disk that
// is full from one of them on, and killed at any moment. What is there afterwards is whole or
// absent, and the same command, run again, ends as if nothing had happened.
#include <gmock/gmock.h>

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <random>

#include "base/resources.h"
#include "io/safetensors.h"
#include "tests/cli/program.h"

namespace pangu::test {
namespace {

namespace fs = std::filesystem;
using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

/// A command that writes `out`, a file or a folder.
struct Case {
  std::vector<std::string> (*args)(const std::string& out, const std::string& scratch);
  bool resumes;  ///< takes --resume; the others are run again where nothing was finished
  const char*
      finished;  ///< file in the folder that is there when all is; ".end" of the file OUT.end
};

std::vector<std::string> train_args(const std::string& out, const std::string& scratch) {
  return {"train", "--config", scratch + "/train.json", "--set", "output=" + out};
}
std::vector<std::string> distill_args(const std::string& out, const std::string& scratch) {
  const std::string model = shared_model("pangu-embedded-tiny");
  return {"distill",
          "--teacher",
          model,
          "--student",
          scratch + "/student",
          "--out",
          out,
          "--data",
          scratch + "/prose.txt",
          "--steps",
          "2",
          "--rows",
          "2",
          "--accumulate",
          "1",
          "--length",
          "32",
          "--cache",
          "--set",
          "save.every=1",
          "--lr",
          "1e-3"};
}
std::vector<std::string> prune_args(const std::string& out, const std::string& scratch) {
  return {"prune",
          shared_model("pangu-embedded-tiny"),
          out,
          "--method",
          "magnitude",
          "--ratio",
          "0.5",
          "--rounds",
          "2",
          "--align",
          "16",
          "--no-speed",
          "--format",
          "w8a16",
          "--distill",
          scratch + "/prose.txt",
          "--distill-steps",
          "1",
          "--distill-set",
          "batch.rows=1",
          "--distill-set",
          "batch.accumulate=1",
          "--distill-set",
          "data.sequence_length=32"};
}
std::vector<std::string> quantize_args(const std::string& out, const std::string&) {
  return {"quantize", shared_model("pangu-embedded-tiny"), out, "--format", "w4a16-g32"};
}
std::vector<std::string> convert_args(const std::string& out, const std::string&) {
  return {"convert", shared_model("pangu-embedded-tiny"), out + ".gguf"};
}
std::vector<std::string> record_args(const std::string& out, const std::string& scratch) {
  return {"eval",         PANGU_MODELS_DIR "/pangu-pico",
          "--task",       "match",
          "--data",       scratch + "/rows.jsonl",
          "--record",     out + ".jsonl",
          "--max-tokens", "4"};
}

constexpr Case kTrain{train_args, true, "config.json"};
constexpr Case kDistill{distill_args, true, "config.json"};
constexpr Case kPrune{prune_args, true, "config.json"};
constexpr Case kQuantize{quantize_args, false, "config.json"};
constexpr Case kConvert{convert_args, false, ".gguf"};
constexpr Case kRecord{record_args, false, ".jsonl"};

class Faults : public testing::Test {
 protected:
  void SetUp() override {
    PANGU_NEEDS_SHARED_DATA();
    write_file(scratch_ / "prose.txt", made_up_prose(12));
    write_file(scratch_ / "rows.jsonl", R"({"prompt":"the","answer":"a"})"
                                        "\n");
    fs::copy(shared_model("pangu-embedded-tiny"), scratch_ / "student");
    write_file(
        scratch_ / "train.json",
        Json{{"model", {{"from", shared_model("pangu-embedded-tiny")}}},
             {"data", {{"train", {(scratch_ / "prose.txt").string()}}, {"sequence_length", 32}}},
             {"batch", {{"rows", 2}}},
             {"save", {{"every", 1}}},
             {"steps", 2},
             {"output", "unused"}}
            .dump());
  }

  std::string out(const std::string& name) const { return (scratch_ / name / "out").string(); }

  /// Where the finished result is seen.
  fs::path finished(const std::string& name) const {
    const std::string mark = case_.finished;
    return mark.starts_with(".") ? fs::path(out(name) + mark) : fs::path(out(name)) / mark;
  }

  std::vector<std::string> command(const std::string& name, bool again) {
    fs::create_directories(scratch_ / name);
    std::vector<std::string> args = case_.args(out(name), scratch_.path().string());
    if (again && case_.resumes) args.emplace_back("--resume");
    return args;
  }

  ProgramResult run(const std::string& name, std::map<std::string, std::string> env,
                    bool again = false) {
    if (!env.empty()) env["LD_PRELOAD"] = PANGU_FAULTS;
    return run_program(command(name, again), {.env = std::move(env)});
  }

  /// Killed after so many microseconds, unless it is done before.
  void run_and_kill(const std::string& name, std::int64_t microseconds, bool again) {
    const LiveProgram program(command(name, again), LiveProgram::On::kPipe);
    ::usleep(static_cast<useconds_t>(microseconds));
  }

  /// What must be the same in every run: models, and files that are the result.
  std::map<std::string, std::string> result(const std::string& name) const {
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::directory_iterator(scratch_ / name)) {
      // Where removing failed, too, the next command does it.
      const std::string file = entry.path().filename().string();
      if (entry.is_regular_file() && !file.starts_with(".pangu-")) {
        files[file] = read_file(entry.path());
      }
    }
    for (const char* file : {"config.json", "model.safetensors", "tokenizer.model"}) {
      if (fs::exists(fs::path(out(name)) / file)) {
        files[file] = read_file(fs::path(out(name)) / file);
      }
    }
    return files;
  }

  void expect_nothing_half_made(const std::string& name) const {
    for (const auto& entry : fs::recursive_directory_iterator(scratch_ / name)) {
      EXPECT_THAT(entry.path().filename().string(), Not(StartsWith(".pangu-")))
          << entry.path() << " was left";
    }
  }

  /// Files that have their final names are whole, whatever happened before.
  void expect_whole_files(const std::string& name) const {
    for (auto at = fs::recursive_directory_iterator(scratch_ / name);
         at != fs::recursive_directory_iterator(); ++at) {
      const fs::path& file = at->path();
      if (file.filename().string().starts_with(".pangu-")) {
        at.disable_recursion_pending();
      } else if (file.extension() == ".safetensors") {
        EXPECT_NO_THROW(SafetensorsFile{file}) << file;
      } else if (file.extension() == ".json") {
        EXPECT_NO_THROW(read_json(file)) << file;
      }
    }
  }

  /// The same command again, if there is need of it, and the same result as without a fault.
  void expect_end(const std::string& name, const std::map<std::string, std::string>& expected) {
    expect_whole_files(name);
    if (!fs::exists(finished(name)) || case_.resumes) {
      const auto again = run(name, {}, true);
      EXPECT_EQ(again.status, 0) << again.err;
      expect_nothing_half_made(name);
    }
    EXPECT_TRUE(result(name) == expected) << "another result";
    fs::remove_all(scratch_ / name);
  }

  /// The command with one fault, then again until it is done.
  void expect_survival_of(const std::string& kind, long at,
                          const std::map<std::string, std::string>& expected) {
    const std::string name = kind + "-" + std::to_string(at);
    SCOPED_TRACE(name);
    const auto faulty =
        run(name, {{"PANGU_FAULT_AT", std::to_string(at)}, {"PANGU_FAULT_KIND", kind}});
    if (kind == "kill") {
      EXPECT_EQ(faulty.status, 128 + SIGKILL);
    } else {
      EXPECT_THAT(faulty.status, AnyOf(0, 1)) << faulty.err;
      EXPECT_THAT(faulty.err, Not(HasSubstr("[unexpected]")));
      if (faulty.status == 1) {
        EXPECT_THAT(faulty.err, HasSubstr("pangu: error: ["));
      }
    }
    if (kind == "full") {
      if (faulty.status == 1) {
        EXPECT_THAT(faulty.err, HasSubstr("No space left on device"));
      }
      expect_nothing_half_made(name);  // removing works on a full disk
    }
    EXPECT_TRUE(faulty.status != 0 || fs::exists(finished(name)));
    expect_end(name, expected);
  }

  void expect_survival(const Case& command) {
    case_ = command;
    const auto reference = run("reference", {{"PANGU_FAULT_COUNT", (scratch_ / "calls").string()}});
    ASSERT_EQ(reference.status, 0) << reference.err;
    const auto expected = result("reference");
    ASSERT_FALSE(expected.empty());
    const long calls = std::stol(read_file(scratch_ / "calls"));
    ASSERT_GT(calls, 3);
    // Rows and small tensors are gathered: calls grow with files, not with what is in them.
    EXPECT_LT(calls, 400);
    // A few calls, one of each stretch; PANGU_TEST_FAULTS=100000 takes them all.
    const long most = std::min(calls, static_cast<long>(number_from("PANGU_TEST_FAULTS", 3)));
    std::mt19937_64 engine(seed());
    for (const char* kind : {"kill", "fail", "full"}) {
      for (long i = 0; i < most; ++i) {
        const long first = 1 + calls * i / most, last = calls * (i + 1) / most;
        expect_survival_of(kind, std::uniform_int_distribution<long>(first, last)(engine),
                           expected);
      }
    }
    std::printf("%ld calls, %ld killed, %ld failed, %ld on a full disk\n", calls, most, most, most);
  }

  /// Kills at moments of a run that nobody chose, and of the one that goes on after it.
  void expect_survival_of_kills(const Case& command) {
    case_ = command;
    const Stopwatch watch;
    const auto reference = run("reference", {});
    ASSERT_EQ(reference.status, 0) << reference.err;
    const auto whole_us = static_cast<std::int64_t>(watch.seconds() * 1e6);
    const auto expected = result("reference");
    ASSERT_FALSE(expected.empty());
    std::mt19937_64 engine(seed());
    std::uniform_int_distribution<std::int64_t> moment(0, whole_us);
    const long most = number_from("PANGU_TEST_KILLS", 2);
    for (long i = 0; i < most; ++i) {
      const std::int64_t first = moment(engine), second = moment(engine);
      SCOPED_TRACE(testing::Message() << "killed after " << first << " and " << second
                                      << " microseconds, seed " << seed());
      const std::string name = "killed-" + std::to_string(i);
      run_and_kill(name, first, false);
      expect_whole_files(name);
      if (!fs::exists(finished(name)) || case_.resumes) run_and_kill(name, second, true);
      expect_end(name, expected);
    }
  }

  Case case_{};
  ScratchDir scratch_;
};

TEST_F(Faults, Train) {
  expect_survival(kTrain);
}
TEST_F(Faults, TrainKilledAtRandom) {
  expect_survival_of_kills(kTrain);
}
TEST_F(Faults, Distill) {
  expect_survival(kDistill);
}
TEST_F(Faults, DistillKilledAtRandom) {
  expect_survival_of_kills(kDistill);
}
TEST_F(Faults, Prune) {
  expect_survival(kPrune);
}
TEST_F(Faults, PruneKilledAtRandom) {
  expect_survival_of_kills(kPrune);
}
TEST_F(Faults, Quantize) {
  expect_survival(kQuantize);
}
TEST_F(Faults, QuantizeKilledAtRandom) {
  expect_survival_of_kills(kQuantize);
}
TEST_F(Faults, Convert) {
  expect_survival(kConvert);
}
TEST_F(Faults, ConvertKilledAtRandom) {
  expect_survival_of_kills(kConvert);
}
TEST_F(Faults, Record) {
  expect_survival(kRecord);
}
TEST_F(Faults, RecordKilledAtRandom) {
  expect_survival_of_kills(kRecord);
}

}  // namespace
}  // namespace pangu::test
