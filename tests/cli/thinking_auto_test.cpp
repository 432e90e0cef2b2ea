// SPDX-License-Identifier: Apache-2.0
// pangu intent thinking, and --think auto in run and eval: what is learnt, decided and refused.
#include <gmock/gmock.h>

#include "tests/cli/program.h"

namespace pangu::test {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string sum_of(int paid) {
  return "Kate buys 5 flowers for 4 yuan each and pays with " + std::to_string(paid) +
         " yuan. How much change does Kate get?";
}

std::string fact_of(const char* name) {
  return std::string("Question: What is the hobby of ") + name +
         "?\nOptions: football, sewing, chess, fishing\nAnswer:";
}

/// pangu-nano works sums out while it thinks and says the result alone, or works them out in its
/// answer: where the bare result is asked for, thinking pays. It does not pay for facts that are
/// wrong either way.
class CliThinkingAuto : public testing::Test {
 protected:
  CliThinkingAuto() {
    std::string sums, facts;
    for (int i = 0; i < 16; ++i) {
      sums +=
          Json{{"prompt", sum_of(60 + i)}, {"answer", "#### " + std::to_string(40 + i)}}.dump() +
          "\n";
    }
    for (const char* name : {"Hera", "Kate", "Leo", "Carl", "Finn", "Hugo", "Rota", "Mova", "Faka",
                             "Koto", "Emma", "Lena"}) {
      facts += Json{{"prompt", fact_of(name)}, {"answer", "nothing"}}.dump() + "\n";
    }
    write_file(scratch_ / "sums.jsonl", sums);
    write_file(scratch_ / "facts.jsonl", facts);
  }

  std::string path(const char* name) const { return (scratch_ / name).string(); }

  ProgramResult train(const std::string& out, std::vector<std::string> more = {}) const {
    std::vector<std::string> args = {"intent", "thinking", out};
    args.insert(args.end(), {"--task", "math=match:" + path("sums.jsonl"), "--task",
                             "knowledge=match:" + path("facts.jsonl")});
    args.insert(args.end(), {"--features", "surface,grams", "--json"});
    args.insert(args.end(), more.begin(), more.end());
    return run_program(args);
  }

  ScratchDir scratch_;
};

TEST_F(CliThinkingAuto, LearnsWhereThinkingPaysAndThinksThere) {
  const std::string probe = path("p.safetensors");
  const auto trained = train(probe);
  ASSERT_EQ(trained.status, 0) << trained.err;
  const Json report = trained.json();
  EXPECT_EQ(report["items"], 28);
  EXPECT_GE(report["only_slow"], 15);
  EXPECT_EQ(report["only_fast"], 0);
  EXPECT_EQ(report["decides"], "by prompt");
  EXPECT_EQ(report["heads"], Json{"thinking"});
  EXPECT_EQ(report["fast"]["accuracy"], 0.0);
  EXPECT_EQ(report["oracle"]["slow"], report["only_slow"]);
  ASSERT_EQ(report["tasks"].size(), 2u);
  EXPECT_EQ(report["tasks"][1]["task"], "knowledge (match: facts.jsonl)");

  const auto run = [&](const std::string& prompt, std::vector<std::string> more) {
    std::vector<std::string> args = {"run",  "pangu-nano", "--chat", "--temp",  "0",  "-p",
                                     prompt, "--think",    "auto",   "--probe", probe};
    args.insert(args.end(), more.begin(), more.end());
    return run_program(args);
  };
  const auto sum = run(sum_of(82), {"--json"});
  ASSERT_EQ(sum.status, 0) << sum.err;
  EXPECT_EQ(sum.json()["think"]["mode"], "slow");
  EXPECT_GT(sum.json()["think"]["gain"].get<double>(), 0.5);
  EXPECT_GT(sum.json()["thinking_tokens"], 0);
  EXPECT_THAT(sum.err, HasSubstr("think   slow: slow is right where fast is not in "));
  const auto fact = run(fact_of("Nina"), {"--json", "-q"});
  EXPECT_EQ(fact.json()["think"]["mode"], "fast") << fact.err;
  EXPECT_EQ(fact.json()["thinking_tokens"], 0);
  EXPECT_EQ(fact.err, "");
  // In a conversation each message is decided on.
  const auto talk = run_program({"run", "pangu-nano", "--chat", "--temp", "0", "--think", "auto",
                                 "--probe", probe, "--on-full", "trim"},
                                {.input = sum_of(71) + "\n"});
  ASSERT_EQ(talk.status, 0) << talk.err;
  EXPECT_THAT(talk.err, HasSubstr("think   slow: "));

  const std::string out = path("out.jsonl");
  for (const auto& [file, key] :
       {std::pair{"sums.jsonl", "slow"}, std::pair{"facts.jsonl", "fast"}}) {
    const auto eval = run_program({"eval", "pangu-nano", "--task", "match", "--data", path(file),
                                   "--think", "auto", "--probe", probe, "--json", "--output", out});
    ASSERT_EQ(eval.status, 0) << eval.err;
    const Json json = eval.json();
    EXPECT_EQ(json["thinking"]["chosen"][key], json["n"]) << eval.err;
    EXPECT_THAT(eval.err, HasSubstr("replies were asked to think slow"));
    const std::string items = read_file(out);
    EXPECT_EQ(Json::parse(items.substr(0, items.find('\n')))["think"]["mode"], key);
  }
}

TEST_F(CliThinkingAuto, OtherHeadsOfAProbeStayAsTheyAre) {
  write_file(scratch_ / "kinds.jsonl", R"({"kind": "a", "text": "rain"})"
                                       "\n"
                                       R"({"kind": "a", "text": "snow"})"
                                       "\n"
                                       R"({"kind": "b", "text": "song"})"
                                       "\n"
                                       R"({"kind": "b", "text": "tune"})"
                                       "\n");
  const std::string probe = path("p.safetensors");
  ASSERT_EQ(run_program({"intent", "train", probe, "--data", path("kinds.jsonl"), "-q"}).status, 0);
  const auto ask = [&] {
    return run_program(
               {"intent", "ask", "--probe", probe, "-p", "A song in the snow", "--json", "-q"})
        .json()["probabilities"];
  };
  const Json before = ask();
  for (int round = 0; round < 2; ++round) {
    const auto trained = train(probe, {"-q", "--max-tokens", "4"});  // whatever it learns
    ASSERT_EQ(trained.status, 0) << trained.err;
    EXPECT_EQ(trained.json()["heads"], (Json{"kind", "thinking"}));
    EXPECT_EQ(ask(), before);
  }
}

TEST_F(CliThinkingAuto, AModelWhoseFastModeIsNoWorseAlwaysAnswersAtOnce) {
  std::string rows;
  for (int i = 0; i < 8; ++i) {
    rows += Json{{"question", sum_of(60 + i)},
                 {"chat_prompt", sum_of(60 + i)},
                 {"answer", "#### " + std::to_string(40 + i)}}
                .dump() +
            "\n";
  }
  write_file(scratch_ / "plain.jsonl", rows);
  const std::string probe = path("p.safetensors");
  const auto trained =
      run_program({"intent", "thinking", probe, "--task", "math=gsm8k:" + path("plain.jsonl")});
  ASSERT_EQ(trained.status, 0) << trained.err;
  EXPECT_THAT(trained.out, HasSubstr("The head always answers fast"));
  const auto run = run_program({"run", "pangu-nano", "--chat", "--temp", "0", "-p", sum_of(70),
                                "--think", "auto", "--probe", probe, "--json"});
  EXPECT_EQ(run.json()["think"]["mode"], "fast") << run.err;
  EXPECT_TRUE(run.json()["think"]["gain"].is_null());
  EXPECT_THAT(run.err, HasSubstr("think   fast, as for every prompt of this model"));
}

TEST_F(CliThinkingAuto, TheBundledProbeDecides) {
  const auto run = run_program({"run", "pangu-nano", "--chat", "--temp", "0", "-p", sum_of(82),
                                "--think", "auto", "--json"});
  ASSERT_EQ(run.status, 0) << run.err;
  EXPECT_THAT(run.json()["text"].get<std::string>(), HasSubstr("#### 62"));
  EXPECT_TRUE(run.json()["think"].contains("mode"));
}

TEST_F(CliThinkingAuto, WhatCannotDecideIsRefused) {
  write_file(scratch_ / "choices.jsonl",
             R"({"prompt": "x", "choices": [" a", " b"], "answer_index": 0})"
             "\n"
             R"({"prompt": "y", "choices": [" a", " b"], "answer_index": 0})"
             "\n"
             R"({"prompt": "z", "choices": [" a", " b"], "answer_index": 0})"
             "\n");
  write_file(scratch_ / "kinds.jsonl", R"({"kind": "a", "text": "x"})"
                                       "\n"
                                       R"({"kind": "a", "text": "y"})"
                                       "\n"
                                       R"({"kind": "b", "text": "z"})"
                                       "\n"
                                       R"({"kind": "b", "text": "w"})"
                                       "\n");
  const std::string kinds = path("k.safetensors"), out = path("o.safetensors"),
                    sums = path("sums.jsonl");
  ASSERT_EQ(run_program({"intent", "train", kinds, "--data", path("kinds.jsonl"), "-q"}).status, 0);
  expect_refusals(
      "run",
      {{{"pangu-nano", "-p", "x", "--think", "auto"}, 2, "add --chat"},
       {{"pangu-nano", "--chat", "-p", "x", "--probe", kinds}, 2, "--think auto"},
       {{"pangu-nano", "--chat", "-p", "x", "--think", "auto", "--probe", kinds},
        1,
        "pangu intent thinking"},
       {{"pangu-nano", "--chat", "-p", "x", "--think", "auto", "--probe", path("none")}, 1, "none"},
       {{"pangu-pico", "--chat", "-p", "x", "--think", "auto"}, 1, "pangu intent thinking"},
       {{"pangu-pico", "--chat", "-p", "x", "--think", "auto", "--probe", kinds},
        1,
        "was trained on pangu-nano"}});
  expect_refusals(
      "eval",
      {{{"pangu-nano", "--task", "mcq", "--data", path("choices.jsonl"), "--think", "auto"},
        2,
        "chooses how replies are written"},
       {{"pangu-nano", "--task", "match", "--data", sums, "--probe", kinds}, 2, "--think auto"},
       {{"pangu-nano", "--task", "match", "--data", sums, "--plain", "--think", "auto"},
        2,
        "leave out --plain"}});
  expect_refusals(
      "intent",
      {{{"thinking"}, 2, "OUT"},
       {{"thinking", out, "--keep", "1.5"}, 2, "--keep"},
       {{"thinking", out, "--levels", "5"}, 2, "--levels"},
       {{"thinking", out, "--task", "math"}, 1, "KIND=TASK:FILE"},
       {{"thinking", out, "--task", "math=match:" + sums, "--levels", "2"}, 2, "generated items"},
       {{"thinking", out, "--task", "knowledge=mcq:" + path("choices.jsonl")},
        1,
        "scored and not written"},
       {{"thinking", sums, "--task", "math=match:" + sums}, 1, "sums.jsonl"}});
  EXPECT_FALSE(std::filesystem::exists(out));
}

TEST_F(CliThinkingAuto, AModelWithoutModesIsRefused) {
  PANGU_NEEDS_SHARED_DATA();
  const auto model = copy_model("stories260K", scratch_);
  write_file(model / "chat_template.jinja", "{% for m in messages %}{{ m.content }}{% endfor %}");
  const auto r = run_program({"intent", "thinking", path("o.safetensors"), "--model",
                              model.string(), "--task", "math=match:" + path("sums.jsonl")});
  EXPECT_EQ(r.status, 1);
  EXPECT_THAT(r.err, HasSubstr("has no modes of thinking"));
  EXPECT_THAT(r.err, HasSubstr("'enable_thinking'"));
  const auto run = run_program({"run", model.string(), "--chat", "-p", "x", "--think", "auto"});
  EXPECT_EQ(run.status, 1);
  EXPECT_THAT(run.err, HasSubstr("has no modes of thinking"));
}

}  // namespace
}  // namespace pangu::test
