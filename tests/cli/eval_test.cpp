// SPDX-License-Identifier: Apache-2.0
// pangu eval: its JSON, its table, comparisons, predictions, and what it refuses.
#include <gmock/gmock.h>

#include <unistd.h>

#include "tests/cli/program.h"

namespace pangu::test {
namespace {

using testing::HasSubstr;
using testing::Not;

class CliEval : public testing::Test {
 protected:
  void SetUp() override {
    PANGU_NEEDS_SHARED_DATA();
    write_file(scratch_ / "text.jsonl",
               "{\"text\":\"Once upon a time, there was a little girl named Lily.\"}\n"
               "{\"text\":\"She loved to play outside in the park.\"}\n");
    write_file(scratch_ / "mcq.jsonl",
               "{\"prompt\":\"Once upon a\",\"choices\":[\" time\",\" dog\"],\"answer_index\":0,"
               "\"language\":\"en\"}\n"
               "{\"prompt\":\"Once upon a\",\"choices\":[\" time\",\" dog\"],\"answer_index\":1,"
               "\"language\":\"zh\"}\n");
    write_file(
        scratch_ / "match.jsonl",
        "{\"prompt\":\"Once upon a time, there was a little girl named\",\"answer\":\"Lily\"}\n"
        "{\"prompt\":\"Tom and\",\"answer\":\"x\"}\n");
    write_file(
        scratch_ / "code.jsonl",
        "{\"text\":\"Add.\",\"code\":\"def add(a, b):\\n  return a + b\",\"test_list\":[\"assert "
        "add(1, 2) == 3\"],\"test_setup_code\":\"\"}\n"
        "{\"text\":\"Add.\",\"code\":\"def add(a, b):\\n  return a - b\",\"test_list\":[\"assert "
        "add(1, 2) == 3\"]}\n");
  }

  ProgramResult eval(const std::string& task, std::vector<std::string> more = {}) {
    const std::string file = task == "ppl" ? "text" : task;
    std::vector<std::string> args{"eval", model_,   "--task",
                                  task,   "--data", (scratch_ / (file + ".jsonl")).string()};
    args.insert(args.end(), more.begin(), more.end());
    return run_program(args);
  }

  ScratchDir scratch_;
  const std::string model_ = shared_model("stories260K");
};

TEST_F(CliEval, JsonHasTheKeysThatStay) {
  const Json ppl = eval("ppl", {"--json", "-q", "--window", "8", "--stride", "4"}).json();
  EXPECT_EQ(ppl["task"], "ppl");
  EXPECT_EQ(ppl["n"], 2);
  EXPECT_EQ(ppl["score"], ppl["perplexity"]);
  EXPECT_GT(ppl["bits_per_byte"], 0.1);
  EXPECT_LT(ppl["ci95"][0], ppl["score"]);
  EXPECT_GT(ppl["ci95"][1], ppl["score"]);
  EXPECT_EQ(ppl["settings"]["window"], 8);
  EXPECT_GT(ppl["prompt_tokens_per_s"], 0);
  EXPECT_EQ(ppl["decode_tokens_per_s"], 0);
  EXPECT_GT(ppl["seconds"], 0);
  EXPECT_GT(ppl["peak_rss_bytes"], 1000000);
  EXPECT_EQ(ppl["partial"], false);
  const Json mcq = eval("mcq", {"--json", "-q"}).json();
  EXPECT_EQ(mcq["score"], 0.5);
  EXPECT_EQ(mcq["acc_norm"], 0.5);
  EXPECT_EQ(mcq["groups"]["language"]["en"]["score"], 1.0);
  EXPECT_EQ(mcq["groups"]["language"]["zh"]["score"], 0.0);
  const Json match = eval("match", {"--json", "-q", "--max-tokens", "2"}).json();
  EXPECT_EQ(match["n"], 2);
  EXPECT_GT(match["decode_tokens_per_s"], 0);
  EXPECT_EQ(match["settings"]["prompt_form"], "plain");
}

TEST_F(CliEval, TheTableGoesToStandardOutput) {
  const auto r = eval("mcq");
  EXPECT_EQ(r.status, 0) << r.err;
  EXPECT_THAT(r.out, HasSubstr("mcq, 2 items"));
  EXPECT_THAT(r.out, HasSubstr("acc                 0.5000  [0.0945, 0.9055]"));
  EXPECT_THAT(r.out, HasSubstr("language en, 1 item\n"));
  EXPECT_THAT(r.err, HasSubstr("peak memory"));
  EXPECT_EQ(eval("mcq", {"-q"}).err, "");
}

TEST_F(CliEval, ComparesTwoModelsAndWritesPredictions) {
  const std::string out = (scratch_ / "predictions.jsonl").string();
  const auto r = eval(
      "mcq", {"--compare", model_, "--compare-format", "w8a16", "--json", "-q", "--output", out});
  ASSERT_EQ(r.status, 0) << r.err;
  const Json json = r.json();
  EXPECT_EQ(json["comparison"]["acc"]["n"], 2);
  EXPECT_EQ(json["comparison"]["acc"]["difference"], 0.0);
  EXPECT_EQ(json["compare"]["score"], 0.5);
  const std::string lines = read_file(out);
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 4);
  const Json first = Json::parse(lines.substr(0, lines.find('\n')));
  EXPECT_EQ(first["line"], 1);
  EXPECT_EQ(first["acc"], true);
  EXPECT_EQ(first["model"], model_);
  EXPECT_EQ(first["logprobs"].size(), 2u);
  EXPECT_THAT(eval("ppl", {"--compare", model_, "--compare-format", "w4a16-g32"}).out,
              HasSubstr("second - first, bits_per_byte: "));
}

TEST_F(CliEval, ReferencesAreTestedWithoutAModel) {
  if (access("/usr/bin/bwrap", X_OK) != 0) GTEST_SKIP() << "needs bubblewrap";
  const auto r =
      run_program({"eval", "--task", "code", "--data", (scratch_ / "code.jsonl").string(),
                   "--check-references", "--json", "-q"});
  if (r.err.find("cannot be run safely") != r.err.npos) GTEST_SKIP() << r.err;
  const Json json = r.json();
  EXPECT_EQ(json["score"], 0.5);
  EXPECT_EQ(json["pass@1"], 0.5);
  EXPECT_EQ(json["settings"]["references"], true);
  const Json model = eval("code", {"--json", "-q", "--max-tokens", "4"}).json();
  EXPECT_EQ(model["score"], 0.0);
}

TEST_F(CliEval, WrongUseIsRefusedBeforeAModelIsLoaded) {
  const std::string data = (scratch_ / "mcq.jsonl").string();
  write_file(scratch_ / "bad.jsonl", "{\"prompt\":\"p\",\"answer\":\"a\"}\n{\"prompt\":7}\n");
  write_file(scratch_ / "empty.jsonl", "");
  expect_refusals(
      "eval",
      {
          {{model_, "--data", data}, 2, "--task is required"},
          {{model_, "--task", "mcq"}, 2, "--data is required"},
          {{"--task", "mcq", "--data", data}, 2, "MODEL is required"},
          {{model_, "--task", "x", "--data", data}, 2, "x"},
          {{model_, "--task", "mcq", "--data", data, "--limit", "0"}, 2, "--limit"},
          {{model_, "--task", "mcq", "--data", data, "--chat", "--plain"}, 2, "--plain"},
          {{model_, "--task", "mcq", "--data", data, "--check-references"}, 2, "--task code"},
          {{model_, "--task", "mcq", "--data", data, "--window", "9"}, 2, "--task ppl"},
          {{model_, "--task", "mcq", "--data", data, "--first-line"}, 2, "--task match"},
          {{model_, "--task", "mcq", "--data", data, "--spec", "pld"}, 2, "--task gsm8k"},
          {{model_, "--task", "ppl", "--data", data, "--max-tokens", "9"}, 2, "--max-tokens"},
          {{model_, "--task", "mcq", "--data", data, "--top-p", "0.5"}, 2, "--top-p"},
          {{model_, "--task", "ppl", "--data", data, "--jobs", "2"}, 2, "--task code"},
          {{model_, "--task", "match", "--data", data, "--code-seconds", "2"}, 2, "--task code"},
          {{model_, "--task", "match", "--data", data, "--spec-tokens", "2"}, 2, "--spec off"},
          {{model_, "--task", "match", "--data", data, "--self-layers", "2"}, 2, "--spec self"},
          {{"gone", "--task", "ppl", "--data", data, "--window", "2", "--stride", "3"},
           2,
           "--stride 3 is more than --window 2"},
          {{model_, "--task", "ppl", "--data", data, "--chat"}, 2, "no meaning"},
          {{model_, "--task", "mcq", "--data", data, "--compare-format", "w8a16"}, 2, "--compare"},
          {{model_, "--task", "mcq", "--data", data, "--shots-file", data}, 2, "--shots"},
          {{"gone", "--task", "mcq", "--data", "gone.jsonl"}, 1, "gone.jsonl"},
          {{"gone", "--task", "match", "--data", (scratch_ / "bad.jsonl").string()},
           1,
           "bad.jsonl:2"},
          {{"gone", "--task", "ppl", "--data", (scratch_ / "empty.jsonl").string()}, 1, "empty"},
          {{"gone", "--task", "mcq", "--data", data, "--output", "/nowhere/x"}, 1, "/nowhere"},
          {{model_, "--task", "mcq", "--data", data, "--output", data}, 1, "something else"},
          {{model_, "--task", "mcq", "--data", data, "--chat"}, 1, "no chat template"},
      });
}

TEST_F(CliEval, SamplingOptionsThatDoNothingAreRemarkedOn) {
  const std::vector<std::string> few = {"--limit", "1", "--max-tokens", "1", "--top-k", "5"};
  EXPECT_THAT(eval("match", few).err, HasSubstr("--top-k has no effect at temperature 0"));
  std::vector<std::string> sampled = few;
  sampled.insert(sampled.end(), {"--temp", "1"});
  EXPECT_THAT(eval("match", sampled).err, Not(HasSubstr("has no effect")));
}

TEST_F(CliEval, CtrlCLeavesAMarkedPartialResult) {
  std::string rows;
  for (int i = 0; i < 3000; ++i) rows += "{\"prompt\":\"Once upon a time\",\"answer\":\"x\"}\n";
  write_file(scratch_ / "many.jsonl", rows);
  const std::string out = (scratch_ / "out.jsonl").string();
  write_file(out, "of an earlier run");
  LiveProgram program({"eval", model_, "--task", "match", "--data",
                       (scratch_ / "many.jsonl").string(), "--max-tokens", "400", "--output", out},
                      LiveProgram::On::kTerminal);
  program.wait_for("score 0.0000");
  program.interrupt();
  EXPECT_EQ(program.wait(), 130);
  EXPECT_THAT(program.output(), HasSubstr("PARTIAL: stopped, 3000 were planned"));
  EXPECT_EQ(read_file(out), "of an earlier run");
  const std::string lines = read_file(out + ".partial");
  const auto done = std::count(lines.begin(), lines.end(), '\n');
  EXPECT_GT(done, 0);
  EXPECT_LT(done, 3000);
}

TEST_F(CliEval, CtrlCBeforeTheFirstItemIsNoScore) {
  write_file(scratch_ / "long.txt", made_up_prose(400));
  const std::string out = (scratch_ / "out.jsonl").string();
  // One item that takes minutes.
  LiveProgram program({"eval", model_, "--task", "ppl", "--data", (scratch_ / "long.txt").string(),
                       "--window", "512", "--stride", "1", "--output", out, "--json"},
                      LiveProgram::On::kPipe);
  ::usleep(1'500'000);
  program.interrupt();
  EXPECT_EQ(program.wait(), 130);
  EXPECT_THAT(program.output(), HasSubstr("\"score\":null"));
  EXPECT_THAT(program.output(), Not(HasSubstr("\"perplexity\"")));
  EXPECT_FALSE(std::filesystem::exists(out + ".partial"));
}

TEST_F(CliEval, RepliesThatAreCutAreCounted) {
  const auto r = eval("match", {"--limit", "2", "--max-tokens", "1"});
  EXPECT_THAT(r.err, HasSubstr("cut     2 of 2 replies were over the limit: --max-tokens"));
  EXPECT_EQ(eval("match", {"--limit", "2", "--max-tokens", "1", "--json"}).json()["cut_replies"],
            2);
}

}  // namespace
}  // namespace pangu::test
