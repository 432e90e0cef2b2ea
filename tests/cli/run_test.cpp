// SPDX-License-Identifier: Apache-2.0
// pangu run with one prompt: text, JSON, sampling, and what it keeps quiet about.
#include <gmock/gmock.h>

#include "tests/cli/program.h"

namespace pangu::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::string stories() {
  return shared_model("stories260K");
}

class CliRun : public testing::Test {
 protected:
  void SetUp() override { PANGU_NEEDS_SHARED_DATA(); }
};

TEST_F(CliRun, GreedyTextIsTheGoldenAndNothingElse) {
  for (const Json& golden : read_json(shared_dir() / "golden/stories260K_greedy.json")) {
    const std::string prompt = golden["prompt"], whole = golden["greedy_text"];
    for (const char* dtype : {"f32", "bf16"}) {
      const auto r =
          run_program({"run", stories(), "-p", prompt, "--max-tokens", "48", "--dtype", dtype});
      EXPECT_EQ(r.status, 0);
      EXPECT_EQ(prompt + r.out, whole + "\n");
    }
  }
}

TEST_F(CliRun, JsonKeepsItsContract) {
  const Json golden = read_json(shared_dir() / "golden/stories260K_greedy.json")[0];
  const auto r = run_program({"run", stories(), "-p", golden["prompt"].get<std::string>(),
                              "--max-tokens", "48", "--json", "-q", "--threads", "2"});
  EXPECT_EQ(r.status, 0);
  EXPECT_EQ(r.err, "");
  const Json json = r.json();
  EXPECT_EQ(json["ids"], golden["greedy_ids"]);
  EXPECT_EQ(golden["prompt"].get<std::string>() + json["text"].get<std::string>(),
            golden["greedy_text"]);
  EXPECT_EQ(json["prompt_tokens"], golden["prompt_ids"].size());
  EXPECT_EQ(json["completion_tokens"], 48);
  EXPECT_EQ(json["finish_reason"], "length");
  EXPECT_EQ(json["threads"], 2);
  EXPECT_EQ(json["dtype"], "bf16");
  EXPECT_TRUE(json["seed"].is_null());
  for (const char* key :
       {"load_s", "prefill_tokens_per_s", "decode_tokens_per_s", "peak_rss_bytes"}) {
    EXPECT_GT(json[key].get<double>(), 0) << key;
  }
  EXPECT_FALSE(json.contains("logprobs"));
}

TEST_F(CliRun, WritesWithEveryCacheFormat) {
  for (const char* format : {"f32", "bf16", "int8", "int4"}) {
    const auto r = run_program({"run", stories(), "-p", "Once", "--max-tokens", "8", "--kv-format",
                                format, "--json", "-q"});
    ASSERT_EQ(r.status, 0) << r.err;
    EXPECT_EQ(r.json()["completion_tokens"], 8) << format;
  }
}

TEST_F(CliRun, SummaryGoesToStandardErrorUnlessQuiet) {
  const std::vector<std::string> args = {"run", stories(), "-p", "Once", "--max-tokens", "3"};
  const auto loud = run_program(args);
  EXPECT_THAT(loud.err, StartsWith("load "));
  EXPECT_THAT(loud.err, HasSubstr("\nprompt  2 tokens, "));
  EXPECT_THAT(loud.err, HasSubstr("\nreply   3 tokens, "));
  EXPECT_EQ(std::count(loud.err.begin(), loud.err.end(), '\n'), 3) << loud.err;

  auto quiet_args = args;
  quiet_args.push_back("-q");
  const auto quiet = run_program(quiet_args);
  EXPECT_EQ(quiet.err, "");
  EXPECT_EQ(quiet.out, loud.out);

  auto verbose_args = args;
  verbose_args.push_back("-v");
  EXPECT_THAT(run_program(verbose_args).err, HasSubstr("pangu: info: "));
}

TEST_F(CliRun, PromptComesFromStandardInputWithoutItsLastNewline) {
  const auto flag = run_program({"run", stories(), "-p", "Once upon", "--max-tokens", "5", "-q"});
  for (const char* input : {"Once upon", "Once upon\n"}) {
    const auto piped = run_program({"run", stories(), "--max-tokens", "5", "-q"}, {.input = input});
    EXPECT_EQ(piped.status, 0);
    EXPECT_EQ(piped.out, flag.out);
  }
}

TEST_F(CliRun, ALoneNewlineIsNoPrompt) {
  for (const char* input : {"", "\n"}) {
    const auto r = run_program({"run", stories(), "-q"}, {.input = input});
    EXPECT_EQ(r.status, 1);
    EXPECT_THAT(r.err, HasSubstr("no text to continue (one newline at its end does not count)"));
  }
}

TEST_F(CliRun, OddPromptsArriveUnchanged) {
  for (const char* prompt : {"", "{}", "%%", "[a,b]", "-p", "--chat", " two  spaces ", "\"q\""}) {
    const auto ids = run_program({"tokenize", stories(), "--json"}, {.input = prompt}).json();
    const auto r =
        run_program({"run", stories(), "-p", prompt, "--max-tokens", "1", "--json", "-q"});
    EXPECT_EQ(r.status, 0) << r.err;
    EXPECT_EQ(r.json()["prompt_tokens"], ids["ids"].size()) << prompt;
  }
}

TEST_F(CliRun, NoTokensMayBeAskedFor) {
  const auto r = run_program({"run", stories(), "-p", "Once", "--max-tokens", "0", "--json"});
  EXPECT_EQ(r.status, 0);
  EXPECT_EQ(r.json()["text"], "");
  EXPECT_EQ(r.json()["ids"], Json::array());
  EXPECT_EQ(r.json()["finish_reason"], "length");
}

TEST_F(CliRun, StopTextsMayBeRepeatedAndAreLeftOut) {
  const auto r = run_program({"run", stories(), "-p", "Once upon a time", "--stop", "[x,y]",
                              "--stop", " girl", "--json", "-q"});
  EXPECT_EQ(r.json()["text"], ", there was a little");
  EXPECT_EQ(r.json()["finish_reason"], "stop");
}

TEST_F(CliRun, SeedRepeatsAReplyAndIsDrawnAnewOtherwise) {
  const std::vector<std::string> args = {"run", stories(), "-p", "Once",         "--temp",
                                         "1.2", "--json",  "-q", "--max-tokens", "40"};
  const Json first = run_program(args).json();
  const Json second = run_program(args).json();
  EXPECT_NE(first["seed"], second["seed"]);
  EXPECT_NE(first["text"], second["text"]);

  auto seeded = args;
  seeded.insert(seeded.end(), {"--seed", first["seed"].dump()});
  EXPECT_EQ(run_program(seeded).json()["text"], first["text"]);
}

TEST_F(CliRun, ModelsOwnSamplingIsTheDefaultAndFlagsReplaceItOneByOne) {
  const ScratchDir scratch;
  const auto model = copy_model("stories260K", scratch);
  std::filesystem::remove(model / "generation_config.json");
  write_file(model / "generation_config.json", R"({"do_sample": true, "temperature": 0.5})");
  const std::vector<std::string> args = {"run", model.string(), "-p", "Once", "--max-tokens",
                                         "2",   "--json",       "-q"};
  EXPECT_EQ(run_program(args).json()["temperature"], 0.5);
  auto greedy = args;
  greedy.insert(greedy.end(), {"--temp", "0"});
  EXPECT_EQ(run_program(greedy).json()["temperature"], 0);
}

TEST_F(CliRun, OptionsWithoutEffectAreMentionedOnce) {
  const auto r = run_program({"run", stories(), "-p", "x", "--max-tokens", "1", "--top-k", "3"});
  EXPECT_EQ(r.status, 0);
  EXPECT_THAT(r.err, StartsWith("pangu: warning: "));
}

TEST_F(CliRun, LogprobsListChosenAndLikeliestTokens) {
  const auto r = run_program({"run", stories(), "-p", "Once upon a time", "--max-tokens", "3",
                              "--logprobs", "2", "--json", "-q"});
  const Json json = r.json();
  ASSERT_EQ(json["logprobs"].size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    const Json& entry = json["logprobs"][i];
    EXPECT_EQ(entry["id"], json["ids"][i]);
    ASSERT_EQ(entry["top"].size(), 2u);
    EXPECT_EQ(entry["top"][0]["id"], entry["id"]);  // greedy
    EXPECT_LT(entry["logprob"].get<double>(), 0);
    EXPECT_GE(entry["top"][0]["logprob"], entry["top"][1]["logprob"]);
  }
  EXPECT_EQ(json["logprobs"][0]["token"], ",");
}

TEST_F(CliRun, EnvironmentSetsThreadsAndInstructionSetAndFlagsWin) {
  const std::vector<std::string> args = {"run",          stories(), "-p",     "x",
                                         "--max-tokens", "1",       "--json", "-q"};
  const ProgramOptions env{.env = {{"PANGU_ISA", "ref"}, {"PANGU_THREADS", "1"}}};
  const Json json = run_program(args, env).json();
  EXPECT_EQ(json["isa"], "ref");
  EXPECT_EQ(json["threads"], 1);
  auto flags = args;
  flags.insert(flags.end(), {"--threads", "2", "--isa", "auto"});
  EXPECT_EQ(run_program(flags, env).json()["threads"], 2);
  EXPECT_EQ(run_program(args, {.env = {{"PANGU_ISA", "mmx"}}}).status, 2);
}

/// Tokens of a text; it may hold anything that an argument may.
std::size_t tokens_of(const std::string& text) {
  return run_program({"tokenize", stories(), text, "--json"}).json()["ids"].size();
}

TEST_F(CliRun, PipedTextComesBeforeTheQuestion) {
  const std::vector<std::string> args = {"run",    stories(), "-p",           " in a wood",
                                         "--json", "-q",      "--max-tokens", "1"};
  EXPECT_EQ(run_program(args, {.input = "Once upon a time\n"}).json()["prompt_tokens"],
            tokens_of("Once upon a time\n\n in a wood"));
  EXPECT_EQ(run_program(args).json()["prompt_tokens"], tokens_of(" in a wood"));
}

TEST_F(CliRun, PromptsOfWindowsSayWhatOthersDo) {
  const auto json = [](const std::vector<std::string>& more, const std::string& input) {
    std::vector<std::string> args = {"run", stories(), "--json", "-q", "--max-tokens", "8"};
    args.insert(args.end(), more.begin(), more.end());
    return run_program(args, {.input = input}).json();
  };
  const Json plain = json({}, "One day\nTom\n");
  for (const Json& other : {json({}, "\xEF\xBB\xBFOne day\r\nTom\r\n"),
                            json({"-p", "\xEF\xBB\xBFOne day\r\nTom"}, "")}) {
    EXPECT_EQ(other["prompt_tokens"], plain["prompt_tokens"]);
    EXPECT_EQ(other["ids"], plain["ids"]);
  }
}

TEST_F(CliRun, MegabytesAreRefusedBeforeTheyAreTokenized) {
  const auto r =
      run_program({"run", stories(), "--max-tokens", "1"}, {.input = std::string(10 << 20, 'x')});
  EXPECT_EQ(r.status, 1);
  EXPECT_THAT(r.err, HasSubstr("more than 512 tokens, but the context holds 512"));
}

TEST_F(CliRun, AContextBeyondTrainingIsComputedWithAWarning) {
  const std::vector<std::string> args = {"run", stories(), "-p", "x", "--max-tokens", "1", "--ctx"};
  auto longer = args;
  longer.push_back("513");
  const auto r = run_program(longer);
  EXPECT_EQ(r.status, 0);
  EXPECT_THAT(r.err, StartsWith("pangu: warning: [context] 513 positions"));
  EXPECT_THAT(r.err, HasSubstr("was trained for 512"));
  auto trained = args;
  trained.push_back("512");
  EXPECT_THAT(run_program(trained).err, StartsWith("load "));
}

TEST_F(CliRun, JsonSaysWhetherTheContextWasFull) {
  const auto json = [](const char* most) {
    return run_program({"run", stories(), "-p", "Once", "--ctx", "12", "--ignore-eos", "--json",
                        "-q", "--max-tokens", most})
        .json();
  };
  EXPECT_EQ(json("50")["context_full"], true);
  EXPECT_EQ(json("5")["context_full"], false);
}

TEST_F(CliRun, NamesOfFormatsHaveAnyCase) {
  const auto json = [](const char* format, const char* kv) {
    return run_program({"run", stories(), "-p", "Once", "--max-tokens", "8", "--format", format,
                        "--kv-format", kv, "--json", "-q"})
        .json();
  };
  EXPECT_EQ(json("Q8_0", "INT8")["ids"], json("q8_0", "int8")["ids"]);
}

}  // namespace
}  // namespace pangu::test
