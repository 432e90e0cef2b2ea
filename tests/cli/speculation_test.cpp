// SPDX-License-Identifier: Apache-2.0
// --spec in run, eval and bench: the same replies, the numbers they promise, and what is refused.
#include <gmock/gmock.h>

#include "tests/cli/program.h"

namespace pangu::test {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kPrompt = "Lily and Tom, Lily and Tom, Lily and";

class CliSpeculation : public testing::Test {
 protected:
  void SetUp() override { PANGU_NEEDS_SHARED_DATA(); }

  ProgramResult run(const std::string& mode, std::vector<std::string> more = {}) {
    std::vector<std::string> args{"run",    model_, "-p",     kPrompt,  "--max-tokens",
                                  "80",     "-q",   "--json", "--spec", mode,
                                  "--temp", "0.9",  "--seed", "7"};
    args.insert(args.end(), more.begin(), more.end());
    return run_program(args);
  }

  ScratchDir scratch_;
  const std::string model_ = shared_model("stories260K");
};

TEST_F(CliSpeculation, EveryWayGivesTheReplyOfPlainDecoding) {
  const Json plain = run("off").json();
  EXPECT_FALSE(plain.contains("drafted"));
  for (const char* mode : {"pld", "suffix", "draft", "self", "auto"}) {
    const bool drafts = mode == std::string("draft") || mode == std::string("auto");
    const auto r = run(
        mode, drafts ? std::vector{std::string("--draft"), model_} : std::vector<std::string>());
    ASSERT_EQ(r.status, 0) << r.err;
    const Json json = r.json();
    EXPECT_EQ(json["ids"], plain["ids"]) << mode;
    EXPECT_EQ(json["text"], plain["text"]) << mode;
    EXPECT_GE(json["drafted"], json["accepted"]) << mode;
    EXPECT_GE(json["tokens_per_step"].get<double>(), 1) << mode;
    EXPECT_GT(json["speculation"]["speed_up"].get<double>(), 0) << mode;
  }
  // A draft that is the model itself is right wherever it is asked.
  const Json own = run("draft", {"--draft", model_}).json();
  EXPECT_EQ(own["drafted"], own["accepted"]);
  EXPECT_EQ(own["speculation"]["drafted_at"], own["speculation"]["accepted_at"]);
}

TEST_F(CliSpeculation, WhatAFormForcesIsCountedApartAndTakesNoPass) {
  const auto held = [&](const char* mode) { return run(mode, {"--regex", "\\{\\}\\[\\]: \\d"}); };
  const Json plain = held("off").json();
  EXPECT_GT(plain["forced"], 0) << plain.dump();
  EXPECT_EQ(plain["forced"], plain["drafted"]);
  EXPECT_LT(plain["speculation"]["steps"].get<std::size_t>() + 1, plain["ids"].size());
  EXPECT_EQ(held("pld").json()["ids"], plain["ids"]);
  const auto told =
      run_program({"run", model_, "-p", kPrompt, "--spec", "off", "--regex", "\\{\\}\\[\\]: \\d"});
  EXPECT_THAT(told.err, HasSubstr(" forced), "));
}

TEST_F(CliSpeculation, TheSummaryTellsWhatCameOfIt) {
  const auto r = run_program(
      {"run", model_, "-p", kPrompt, "--max-tokens", "80", "--spec", "draft", "--draft", model_});
  EXPECT_THAT(r.err, HasSubstr("\ndrafts  "));
  EXPECT_THAT(r.err, HasSubstr(" tokens a pass\n"));
  // What so few passes took says nothing.
  EXPECT_THAT(r.err, Not(HasSubstr("plain decoding")));
}

TEST_F(CliSpeculation, EvalRecordsWhatBenchReplays) {
  write_file(
      scratch_ / "match.jsonl",
      "{\"prompt\":\"Once upon a time, there was a little girl named\",\"answer\":\"Lily\"}\n"
      "{\"prompt\":\"Tom and\",\"answer\":\"x\"}\n");
  const std::string record = (scratch_ / "record.jsonl").string();
  const std::vector<std::string> eval = {
      "eval",         model_, "--task", "match", "--data",  (scratch_ / "match.jsonl").string(),
      "--max-tokens", "60",   "--json", "-q",    "--batch", "1",
      "--record",     record};
  auto fast_eval = eval;
  fast_eval.insert(fast_eval.end(), {"--spec", "suffix"});
  const Json plain = run_program(eval).json();
  const std::string replies = read_file(record);
  const auto fast = run_program(fast_eval);
  ASSERT_EQ(fast.status, 0) << fast.err;
  EXPECT_EQ(read_file(record), replies);
  EXPECT_EQ(fast.json()["score"], plain["score"]);
  EXPECT_GT(fast.json()["drafted"], 0);

  const auto bench = run_program(
      {"bench", model_, "--spec", "pld,suffix", "--replay", record, "--reps", "2", "--json", "-q"});
  ASSERT_EQ(bench.status, 0) << bench.err;
  const Json json = bench.json();
  EXPECT_EQ(json["spec"], Json({"pld", "suffix"}));
  ASSERT_EQ(json["recordings"].size(), 1);
  const Json& recording = json["recordings"][0];
  EXPECT_EQ(recording["name"], "match");
  EXPECT_EQ(recording["replies"], 2);
  EXPECT_GT(recording["plain_tokens_per_s"]["median"].get<double>(), 0);
  for (const char* mode : {"pld", "suffix"}) {
    for (const char* key : {"tokens_per_s", "speed_up"}) {
      EXPECT_GT(recording["ways"][mode][key]["median"].get<double>(), 0) << mode << " " << key;
    }
    EXPECT_GT(recording["ways"][mode]["drafted"], 0) << mode;
  }
}

TEST_F(CliSpeculation, BenchMakesUpReplies) {
  const auto r = run_program(
      {"bench", model_, "--spec", "auto", "--pp", "64", "--tg", "64", "--reps", "1", "-q"});
  ASSERT_EQ(r.status, 0) << r.err;
  for (const char* name : {"quoting", "code", "random", "alternating", "collapsing"}) {
    EXPECT_THAT(r.out, HasSubstr(std::string("\n") + name));
  }
}

TEST_F(CliSpeculation, WhatCannotWorkIsRefused) {
  const std::string tiny = shared_model("pangu-embedded-tiny");
  expect_refusals(
      "run",
      {
          {{model_, "-p", "x", "--spec", "medusa"}, 2, "medusa"},
          {{model_, "-p", "x", "--spec-tokens", "0"}, 2, "--spec-tokens"},
          {{model_, "-p", "x", "--spec-tokens", "33"}, 2, "--spec-tokens"},
          {{model_, "-p", "x", "--spec-ngram", "17"}, 2, "--spec-ngram"},
          {{model_, "-p", "x", "--self-layers", "0"}, 2, "--self-layers"},
          {{model_, "-p", "x", "--spec", "draft"}, 2, "needs --draft"},
          {{model_, "-p", "x", "--spec", "off", "--draft", "m"}, 2, "--draft has no effect"},
          {{model_, "-p", "x", "--spec", "pld", "--self-layers", "2"}, 2, "--spec self or auto"},
          {{model_, "-p", "x", "--spec-tokens", "2"}, 2, "no effect with --spec auto"},
          {{"gone", "-p", "x", "--stop", ""}, 2, "--stop"},
          {{model_, "-p", "x", "--spec", "self", "--self-layers", "5"}, 1, "1 to 4 are possible"},
          {{model_, "-p", "x", "--spec", "draft", "--draft", "/nowhere"}, 1, "/nowhere"},
      });
  write_file(scratch_ / "empty.jsonl", "\n");
  write_file(scratch_ / "text.jsonl", "{\"prompt\":\"a\",\"reply\":[1,2]}\n");
  write_file(scratch_ / "large.jsonl", "{\"prompt\":[1],\"reply\":[1,99999]}\n");
  write_file(scratch_ / "short.jsonl", "{\"prompt\":[1],\"reply\":[1]}\n");
  const auto replay = [&](const char* file) {
    return std::vector<std::string>{model_, "--spec", "pld", "--replay",
                                    (scratch_ / file).string()};
  };
  expect_refusals("bench",
                  {
                      {{model_, "--replay", (scratch_ / "short.jsonl").string()}, 2, "add --spec"},
                      {{model_, "--draft", model_}, 2, "--draft has no effect"},
                      {{model_, "--spec", "pld,,off"}, 2, "--spec: ''"},
                      {replay("nowhere.jsonl"), 1, "nowhere.jsonl"},
                      {replay("empty.jsonl"), 1, "is empty"},
                      {replay("text.jsonl"), 1, "line 1"},
                      {replay("large.jsonl"), 1, "99999"},
                      {replay("short.jsonl"), 1, "at least 2 token ids"},
                  });
  expect_refusals(
      "eval", {{{model_, "--task", "ppl", "--data", "x", "--spec", "auto"}, 2, "--task gsm8k"}});
}

}  // namespace
}  // namespace pangu::test
