// SPDX-License-Identifier: Apache-2.0
// pangu eval --task kl: its JSON, its table, two variants beside one reference, and what it
// refuses.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/cli/program.h"

namespace pangu::test {
namespace {

using testing::HasSubstr;

class CliEvalKl : public testing::Test {
 protected:
  void SetUp() override {
    PANGU_NEEDS_SHARED_DATA();
    write_file(scratch_ / "text.jsonl",
               "{\"text\":\"Once upon a time, there was a little girl named Lily.\"}\n"
               "{\"text\":\"\"}\n"
               "{\"text\":\"She loved to play outside in the park.\",\"language\":\"en\"}\n");
  }

  ProgramResult kl(std::vector<std::string> more) {
    std::vector<std::string> args{"eval", model_, "--task", "kl",          "--data",
                                  data_,  "-q",   "--json", "--reference", model_};
    args.insert(args.end(), more.begin(), more.end());
    return run_program(args);
  }

  ScratchDir scratch_;
  const std::string model_ = shared_model("stories260K");
  const std::string data_ = (scratch_ / "text.jsonl").string();
};

TEST_F(CliEvalKl, OfTheSameModelIsZero) {
  const Json json = kl({}).json();
  EXPECT_EQ(json["task"], "kl");
  EXPECT_EQ(json["n"], 2);
  EXPECT_EQ(json["score"], 0.0);
  EXPECT_EQ(json["kl"], 0.0);
  EXPECT_EQ(json["same_top"], 1.0);
  EXPECT_EQ(json["logprob_change"], 0.0);
  EXPECT_EQ(json["perplexity_ratio"], 1.0);
  EXPECT_EQ(json["rms_prob_change"], 0.0);
  EXPECT_EQ(json["perplexity"], json["reference_perplexity"]);
  EXPECT_EQ(json["kl_quantiles"]["max"], 0.0);
  EXPECT_LT(json["metrics"]["same_top"]["ci95"][0], 1.0);
}

TEST_F(CliEvalKl, JsonHasTheKeysThatStay) {
  const std::string out = (scratch_ / "out.jsonl").string();
  const Json json = kl({"--format", "w4a16-g32", "--window", "8", "--stride", "4", "--tokens", "20",
                        "--compare", model_, "--compare-format", "w8a16", "--output", out})
                        .json();
  EXPECT_GT(json["score"], 0.001);
  EXPECT_EQ(json["settings"]["window"], 8);
  EXPECT_EQ(json["settings"]["stride"], 4);
  EXPECT_EQ(json["settings"]["tokens"], 20);
  const Json& reference = json["reference"];
  EXPECT_EQ(reference["model"], model_);
  EXPECT_EQ(reference["tokens"], 20);
  EXPECT_EQ(reference["vocabulary"], 512);
  EXPECT_EQ(reference["bytes"], 20 * 512 * 4);
  EXPECT_EQ(reference["in_file"], false);
  EXPECT_GT(reference["seconds"], 0);
  for (const char* name : {"median", "p90", "p95", "p99", "p99.9", "max"}) {
    EXPECT_GT(json["kl_quantiles"][name], 0) << name;
  }
  EXPECT_LT(json["compare"]["score"], json["score"]);
  EXPECT_LT(json["comparison"]["kl"]["difference"], 0);
  EXPECT_EQ(json["comparison"].contains("perplexity_ratio"), false);
  const std::string lines = read_file(out);
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 4);
  const Json first = Json::parse(lines.substr(0, lines.find('\n')));
  EXPECT_EQ(first["line"], 1);
  EXPECT_GT(first["kl"], 0);
  EXPECT_GE(first["kl_max"], first["kl"]);
  EXPECT_GT(first["tokens"], 0);
  EXPECT_TRUE(first.contains("nll") && first.contains("reference_nll"));
}

TEST_F(CliEvalKl, TheTableSaysWhatItComparedWith) {
  const auto r = run_program({"eval", model_, "--task", "kl", "--data", data_, "--reference",
                              model_, "--kv-format", "int4"});
  EXPECT_EQ(r.status, 0) << r.err;
  EXPECT_THAT(r.out, HasSubstr("kl, 2 items, " + model_));
  EXPECT_THAT(r.out, HasSubstr("\n  same_top              "));
  EXPECT_THAT(r.out, HasSubstr("\n  reference_perplexity  "));
  EXPECT_THAT(r.out, HasSubstr("  kl by position: median "));
  EXPECT_THAT(r.out, HasSubstr("language en, 1 item\n"));
  EXPECT_THAT(r.err, HasSubstr("reference  " + model_ + ", "));
  EXPECT_THAT(r.err, HasSubstr("of logits in memory"));
}

TEST_F(CliEvalKl, WrongUseIsRefused) {
  const auto with = [&](std::vector<std::string> more) {
    std::vector<std::string> args{model_, "--task", "kl", "--data", data_, "--reference", "gone"};
    args.insert(args.end(), more.begin(), more.end());
    return args;
  };
  expect_refusals("eval",
                  {
                      {{model_, "--task", "kl", "--data", data_}, 2, "needs --reference"},
                      {{model_, "--task", "ppl", "--data", data_, "--reference", model_},
                       2,
                       "--reference is about the divergence"},
                      {{model_, "--task", "ppl", "--data", data_, "--tokens", "9"}, 2, "--task kl"},
                      {with({"--plain"}), 2, "--plain has no meaning"},
                      {with({"--chat"}), 2, "--chat has no meaning"},
                      {with({"--think", "fast"}), 2, "--think has no meaning"},
                      {with({"--shots", "2"}), 2, "--shots has no meaning"},
                      {with({"--max-tokens", "2"}), 2, "--max-tokens"},
                      {with({"--record", "x"}), 2, "--record"},
                      {with({"--first-line"}), 2, "--task match"},
                      {with({"--jobs", "2"}), 2, "--task code"},
                      {with({"--tokens", "0"}), 2, "--tokens"},
                      {with({"--window", "4", "--stride", "5"}), 2, "--stride 5 is more"},
                      {with({}), 1, "gone"},
                      {{"pangu-nano", "--task", "kl", "--data", data_, "--reference", model_},
                       1,
                       "same tokenizer"},
                      {{model_, "--task", "kl", "--data", data_, "--reference", model_, "--output",
                        model_ + "/x"},
                       1,
                       "belongs to the model"},
                  });
}

TEST_F(CliEvalKl, WhatIsWrongWithALaterModelIsSaidBeforeTheWork) {
  // Work on this data would end in an error of its own.
  const std::string nothing = (scratch_ / "nothing.jsonl").string();
  write_file(nothing, "{\"text\":\"\"}\n");
  const auto with = [&](std::vector<std::string> more) {
    std::vector<std::string> args{model_, "--task", "kl", "--data", nothing, "--reference", model_};
    args.insert(args.end(), more.begin(), more.end());
    return args;
  };
  expect_refusals("eval",
                  {
                      {with({}), 1, "no text to score"},
                      {with({"--compare", "gone"}), 1, "gone"},
                      {with({"--compare", "pangu-nano"}), 1, "same tokenizer"},
                      {{"pangu-nano", "--task", "kl", "--data", nothing, "--reference", model_},
                       1,
                       "same tokenizer"},
                  });
}

TEST_F(CliEvalKl, CtrlCLeavesAMarkedPartialResult) {
  const int texts = takes_fewer() ? 8 : 200;  // enough for the signal to come before the end
  std::string rows;
  for (int i = 0; i < texts; ++i) rows += Json({{"text", made_up_prose(10)}}).dump() + "\n";
  write_file(scratch_ / "many.jsonl", rows);
  const std::string out = (scratch_ / "out.jsonl").string();
  LiveProgram program(
      {"eval", model_, "--task", "kl", "--reference", model_, "--data",
       (scratch_ / "many.jsonl").string(), "--window", "32", "--stride", "1", "--output", out},
      LiveProgram::On::kTerminal);
  program.wait_for("score 0.0000");
  program.interrupt();
  EXPECT_EQ(program.wait(), 130);
  EXPECT_THAT(program.output(), HasSubstr(fmt::format("PARTIAL: stopped, {} were planned", texts)));
  EXPECT_FALSE(std::filesystem::exists(out));
  const std::string lines = read_file(out + ".partial");
  EXPECT_GT(std::count(lines.begin(), lines.end(), '\n'), 0);
  EXPECT_LT(std::count(lines.begin(), lines.end(), '\n'), texts);
}

}  // namespace
}  // namespace pangu::test
