// SPDX-License-Identifier: Apache-2.0
// pangu intent: from labelled requests to a probe, and what it says; what is refused.
#include <gmock/gmock.h>

#include "tests/cli/program.h"

namespace pangu::test {
namespace {

using testing::HasSubstr;

class CliIntent : public testing::Test {
 protected:
  std::string path(const char* name) const { return (scratch_ / name).string(); }

  /// Requests of two kinds of a user's own, twelve each.
  std::string own_rows() const {
    std::string rows;
    for (int i = 0; i < 12; ++i) {
      rows += "{\"kind\": \"weather\", \"text\": \"Will it rain in town " + std::to_string(i) +
              " tomorrow?\"}\n{\"kind\": \"music\", \"text\": \"Play song number " +
              std::to_string(i) + " of the album\"}\n";
    }
    write_file(scratch_ / "own.jsonl", rows);
    return path("own.jsonl");
  }

  ScratchDir scratch_;
};

TEST_F(CliIntent, LearnsKindsOfAUsersOwnAndTellsThemApart) {
  const std::string data = own_rows(), probe = path("p.safetensors");
  const auto trained =
      run_program({"intent", "train", probe, "--data", data, "--layers", "3", "--json"});
  ASSERT_EQ(trained.status, 0) << trained.err;
  EXPECT_EQ(trained.json()["kinds"], (Json{"music", "weather"}));
  EXPECT_EQ(trained.json()["layer"], 3);
  EXPECT_EQ(trained.json()["model"], "pangu-nano");
  const auto asked = run_program({"intent", "ask", "--probe", probe, "-p",
                                  "Will it snow in the village tomorrow?", "--json", "-q"});
  ASSERT_EQ(asked.status, 0) << asked.err;
  EXPECT_EQ(asked.json()["likeliest"], "weather");
  EXPECT_NEAR(asked.json()["probabilities"]["weather"].get<double>() +
                  asked.json()["probabilities"]["music"].get<double>(),
              1, 1e-9);
  const auto scored = run_program({"intent", "eval", "--probe", probe, "--data", data,
                                   "--robustness", "--plot", path("c.svg"), "--json", "-q"});
  ASSERT_EQ(scored.status, 0) << scored.err;
  EXPECT_EQ(scored.json()["accuracy"], 1.0);
  EXPECT_TRUE(scored.json()["robustness"].contains("typos"));
  EXPECT_THAT(read_file(path("c.svg")), HasSubstr("</svg>"));
  const auto drawn = run_program(
      {"intent", "eval", "--data", data, "--draws", "2", "--per-kind", "4", "--features", "grams"});
  ASSERT_EQ(drawn.status, 0) << drawn.err;
  EXPECT_THAT(drawn.out, HasSubstr("2 draws of 4 rows"));
}

TEST_F(CliIntent, TheBundledProbeAnswersTextsPipesAndConversations) {
  const auto asked = run_program({"intent", "ask", "-p", "Translate into French: good morning"});
  ASSERT_EQ(asked.status, 0) << asked.err;
  EXPECT_THAT(asked.out, testing::StartsWith("translation ("));
  const auto piped = run_program({"intent", "ask", "--json", "-q"},
                                 {.input = "Write a Python function that reverses a string."});
  EXPECT_EQ(piped.json()["likeliest"], "code") << piped.err;
  write_file(
      scratch_ / "c.json",
      "{\"messages\": [{\"role\": \"user\", \"content\": \"你好\"}, {\"role\": \"assistant\", "
      "\"content\": \"你好！\"}, {\"role\": \"user\", \"content\": \"请把下面的句子翻译成英语："
      "今天天气很好。\"}]}");
  const auto talked = run_program({"intent", "ask", "--messages", path("c.json"), "--json", "-q"});
  EXPECT_EQ(talked.json()["likeliest"], "translation") << talked.err;
  const auto labels =
      run_program({"intent", "ask", "--labels", "-p", "What is 2 + 2?", "--json", "-q"});
  ASSERT_EQ(labels.status, 0) << labels.err;
  EXPECT_EQ(labels.json()["probabilities"].size(), 8u);
}

TEST_F(CliIntent, ExamplesAreRowsToTrainOn) {
  const std::string rows = path("e.jsonl");
  ASSERT_EQ(run_program({"intent", "examples", rows, "--per-kind", "10", "-q"}).status, 0);
  const auto trained = run_program({"intent", "train", path("p.safetensors"), "--data", rows,
                                    "--features", "surface,grams", "--json", "-q"});
  ASSERT_EQ(trained.status, 0) << trained.err;
  EXPECT_EQ(trained.json()["rows"], 90);
  EXPECT_EQ(trained.json()["layer"], 0);
}

TEST_F(CliIntent, WrongUsageAndWrongFilesAreRefused) {
  write_file(scratch_ / "bad.jsonl",
             "{\"kind\": \"math\", \"text\": \"1\"}\n{\"kind\": \"Math\", \"text\": \"1\"}\n");
  write_file(scratch_ / "no.safetensors", "nonsense");
  const std::string data = own_rows(), out = path("p.safetensors");
  expect_refusals(
      "intent",
      {
          {{}, 2, "pangu intent --help"},
          {{"train"}, 2, "OUT"},
          {{"train", out}, 2, "nothing to learn from"},
          {{"train", out, "--data", path("none.jsonl")}, 1, "none.jsonl"},
          {{"train", out, "--data", path("bad.jsonl")}, 1, "bad.jsonl:2"},
          {{"train", data, "--data", data}, 1, "own.jsonl"},
          {{"train", out, "--data", data, "--layers", "9"}, 1, "6 layers"},
          {{"train", out, "--data", data, "--features", "words"}, 2, "--features"},
          {{"train", out, "--data", data, "--max-error", "0.9"}, 2, "--max-error"},
          {{"ask", "-p", ""}, 2, "empty"},
          {{"ask", "-p", "x", "--probe", path("no.safetensors")}, 1, "no.safetensors"},
          {{"ask", "-p", "x", "--model", "pangu-pico"}, 1, "has no probe"},
          {{"ask", "-p", "x", "--labels", "--probe", out}, 2, "do not go together"},
          {{"eval"}, 2, "--data"},
          {{"eval", "--data", data}, 1, "does not know"},
          {{"eval", "--data", data, "--per-kind", "4"}, 2, "--draws"},
          {{"eval", "--data", data, "--draws", "2", "--plot", path("x.svg")}, 2, "--plot"},
          {{"eval", "--data", data, "--labels"}, 2, "none of the built-in"},
          {{"aks"}, 2, "Did you mean ask?"},
          {{"ask", "--promt", "x"}, 2, "no option of pangu intent ask"},
      });
}

TEST_F(CliIntent, AProbeOfAnotherModelIsRefused) {
  const std::string probe = path("p.safetensors");
  ASSERT_EQ(
      run_program({"intent", "train", probe, "--data", own_rows(), "--model", "pangu-pico", "-q"})
          .status,
      0);
  const auto r = run_program({"intent", "ask", "--probe", probe, "-p", "x"});
  EXPECT_EQ(r.status, 1);
  EXPECT_THAT(r.err, HasSubstr("was trained on pangu-pico"));
}

TEST_F(CliIntent, CommandsBelowHaveHelpToo) {
  for (const char* command : {"ask", "train", "eval", "thinking", "examples"}) {
    const auto r = run_program({"help", "intent", command});
    EXPECT_EQ(r.status, 0) << r.err;
    EXPECT_THAT(r.out, HasSubstr(std::string("pangu intent ") + command));
    EXPECT_EQ(run_program({"intent", command, "--help"}).out, r.out);
  }
}

}  // namespace
}  // namespace pangu::test
