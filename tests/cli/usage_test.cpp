// SPDX-License-Identifier: Apache-2.0
// Help, version, and wrong usage: exit status 2 and a line that points to the help.
#include <gmock/gmock.h>

#include "apps/shared/progress_bar.h"
#include "base/cpu.h"
#include "base/escaped.h"
#include "base/utf8.h"
#include "tests/cli/program.h"

namespace pangu::test {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

TEST(CliUsage, AloneItTeaches) {
  const auto r = run_program({});
  EXPECT_EQ(r.status, 0);
  EXPECT_THAT(r.out, HasSubstr("pangu run MODEL"));
  EXPECT_EQ(r.err, "");
}

TEST(CliUsage, VersionIsOneLine) {
  const auto r = run_program({"--version"});
  EXPECT_EQ(r.status, 0);
  EXPECT_THAT(r.out, testing::MatchesRegex("pangu [0-9]+\\.[0-9]+\\.[0-9]+\n"));
}

TEST(CliUsage, EveryCommandHasHelpWithAnExampleOnTop) {
  const auto all = run_program({"--help"});
  EXPECT_EQ(all.status, 0);
  EXPECT_THAT(all.out, HasSubstr("Exit status"));
  for (const char* command : {"run", "info", "tokenize", "template", "logits", "bench", "quantize",
                              "prune", "convert", "distill", "train-tokenizer", "corpus"}) {
    EXPECT_THAT(all.out, HasSubstr(std::string("\n  ") + command + " "));
    const auto r = run_program({command, "--help"});
    EXPECT_EQ(r.status, 0);
    EXPECT_EQ(r.err, "");
    EXPECT_LT(r.out.find("Example"), r.out.find("Usage: pangu ")) << r.out;
    for (const char* common :
         {"--threads", "--dtype", "--device", "--isa", "--numa", "--json", "--quiet", "--verbose",
          "--help", "[default bf16]", "$PANGU_ISA", "$PANGU_NUMA"}) {
      EXPECT_THAT(r.out, HasSubstr(common)) << command;
    }
    EXPECT_EQ(r.out.find("\n\n\n"), std::string::npos) << r.out;
  }
}

TEST(CliUsage, WrongUsageIsRefusedBeforeAnythingIsRead) {
  const std::vector<std::vector<std::string>> wrong = {
      {"--bogus"},
      {"frobnicate"},
      {"run"},
      {"run", "m", "--bogus"},
      {"run", "m", "stray", "-p", "x"},
      {"run", "m", "-p"},
      {"run", "m", "-p", "x", "-p", "y"},
      {"run", "m", "-p", "x", "--max-tokens", "many"},
      {"run", "m", "-p", "x", "--max-tokens", "-1"},
      {"run", "m", "-p", "x", "--max-tokens", "99999999999999999999"},
      {"run", "m", "-p", "x", "--ctx", "0"},
      {"run", "m", "-p", "x", "--threads", "0"},
      {"run", "m", "-p", "x", "--threads", "1000000"},
      {"run", "m", "-p", "x", "--dtype", "f16"},
      {"run", "m", "-p", "x", "--kv-format", "fp8"},
      {"bench", "m", "--kv-format", "INT9"},
      {"run", "m", "-p", "x", "--ctx", "9223372036854775807"},
      {"eval", "m", "--task", "match", "--data", "d", "--ctx", "9223372036854775807"},
      {"run", "m", "-p", "x", "--show-thinking"},
      {"run", "m", "--chat", "-p", "x", "--show-thinking", "--json"},
      {"run", "m", "-p", "x", "--on-full", "trim"},
      {"tokenize", "m", "x", "--kv-format", "int8"},
      {"run", "m", "-p", "x", "--isa", "mmx"},
      {"run", "m", "-p", "x", "--format", "q0"},
      {"run", "m", "-p", "x", "--temp", "-1"},
      {"run", "m", "-p", "x", "--temp", "nan"},
      {"run", "m", "-p", "x", "--temp", "1e300"},
      {"run", "", "-p", "x"},
      {"quantize", "m", "", "--format", "w8a16"},
      {"convert", "m", ""},
      {"corpus", ""},
      {"prune", "m", "", "--method", "random"},
      {"run", "m", "-p", "x", "--top-p", "2"},
      {"run", "m", "-p", "x", "--min-p", "-0.1"},
      {"run", "m", "-p", "x", "--top-k", "-3"},
      {"run", "m", "-p", "x", "--repetition-penalty", "0"},
      {"run", "m", "-p", "x", "--seed", "-1"},
      {"run", "m", "-p", "x", "-q", "-v"},
      {"run", "m", "-p", "x", "--think", "fast"},
      {"run", "m", "-p", "x", "--think-budget", "9"},
      {"run", "m", "-p", "x", "--think-loops", "keep"},
      {"run", "m", "--chat", "-p", "x", "--think-budget", "-1"},
      {"run", "m", "--chat", "-p", "x", "--think-loops", "stop"},
      {"eval", "m", "--task", "gsm8k", "--data", "d", "--plain", "--think-budget", "9"},
      {"eval", "m", "--task", "mcq", "--data", "d", "--think-budget", "9"},
      {"eval", "m", "--task", "ppl", "--data", "d", "--think-loops", "keep"},
      {"run", "m", "-p", "x", "--system", "s"},
      {"run", "m", "-p", "x", "--logprobs", "1"},
      {"run", "m", "--chat", "--think", "hard", "-p", "x"},
      {"run", "m", "--chat", "--json"},
      {"tokenize"},
      {"convert", "m"},
      {"convert", "m", "out", "--to", "onnx"},
      {"convert", "m", "out.gguf", "--format", "q9"},
      {"tokenize", "m", "x", "--ids", "1"},
      {"logits", "m", "--ids", "1"},
      {"bench"},
      {"bench", "m", "--shape", "openpangu-embedded-1b"},
      {"bench", "m", "--pp", "-1"},
      {"bench", "m", "--batch", "0"},
      {"bench", "m", "--pp", "0", "--tg", "0"},
      {"bench", "--shape", "openpangu-embedded-1b", "--layers", "1001"},
      {"bench", "--shape", "openpangu-embedded-1b", "--intermediate-size", "10000001"},
      {"bench", "--shape", "openpangu-embedded-1b", "--kv-heads", "100001"},
      {"bench", "m", "--batches", "1,2"},
      {"bench", "m", "--sweep", "d", "--batches", "1,0"},
      {"bench", "m", "--sweep", "d", "--batches", "1,"},
      {"bench", "m", "--sweep", "d", "--batches", "1", "--batch", "2"},
      {"bench", "m", "--sweep", "d", "--contexts", "8,16,8"},
      {"bench", "m", "--sweep", "d", "--formats", "bf16,q0"},
      {"bench", "m", "--sweep", "d", "--thread-counts", "many"},
  };
  for (const auto& args : wrong) {
    const auto r = run_program(args);
    EXPECT_EQ(r.status, 2) << testing::PrintToString(args) << r.err;
    EXPECT_EQ(r.out, "");
    EXPECT_THAT(r.err, StartsWith("pangu: error: "));
    EXPECT_THAT(r.err, EndsWith("--help.\n"));
    EXPECT_EQ(std::count(r.err.begin(), r.err.end(), '\n'), 1) << r.err;
  }
}

TEST(CliUsage, WhatIsMistypedIsNamedWithWhatIsNear) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> mistyped = {
      {{"rnu"}, "'rnu' is no command of pangu. Did you mean run?"},
      {{"rnu", "m", "-p", "x"}, "'rnu' is no command of pangu. Did you mean run?"},
      {{"Run", "m"}, "'Run' is no command of pangu. Did you mean run?"},
      {{"rnu", "--help"}, "'rnu' is no command of pangu. Did you mean run?"},
      {{"help", "rnu"}, "'rnu' is no command of pangu. Did you mean run?"},
      {{"chat"}, "pangu run MODEL --chat converses"},
      {{"frobnicate"},
       "'frobnicate' is no command of pangu. Commands are run, serve, info, tokenize"},
      {{"--verson"}, "'--verson' is no option of pangu. Did you mean --version?"},
      {{"run", "m", "--max-token", "5"},
       "'--max-token' is no option of pangu run. Did you mean --max-tokens?"},
      {{"run", "m", "--max-token=5"},
       "'--max-token' is no option of pangu run. Did you mean --max-tokens?"},
      {{"run", "m", "--bogus", "1", "--tmp", "0"},
       "'--bogus' is no option of pangu run. '--tmp' is no option of pangu run. Did you mean "
       "--temp?"},
      // What is missing because of it is not what is wrong.
      {{"quantize", "a", "b", "--fromat", "q4_0"},
       "'--fromat' is no option of pangu quantize. Did you mean --format?"},
      {{"run", "m", "one", "two", "-p", "x"},
       "'one', 'two' were not expected: beside its options, pangu run takes MODEL alone. A prompt "
       "goes with -p, in quotes."},
      {{"run", "m", "--format", "q4-0"},
       "--format: 'q4-0' is not known. Did you mean q4_0? Known: "},
      {{"run", "m", "--chat", "--think", "fats"}, "Did you mean fast? Known: fast, slow, auto"},
      {{"bench", "m", "--sweep", "d", "--formats", "bf16,w8a61"}, "Did you mean w8a16?"},
      {{"eval", "m", "--task", "gms8k", "--data", "d"}, "Did you mean gsm8k?"},
      {{"run", "m\x1b[31m", "stray\x1b[2J\n", "-p", "x"}, "'stray?[2J?' was not expected: "},
  };
  for (const auto& [args, message] : mistyped) {
    const auto r = run_program(args);
    EXPECT_EQ(r.status, 2) << r.err;
    EXPECT_THAT(r.err, HasSubstr(message)) << testing::PrintToString(args);
    EXPECT_EQ(std::count(r.err.begin(), r.err.end(), '\n'), 1) << r.err;
  }
}

TEST(CliUsage, MessagesSayWhatWasFoundAndExpected) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> wrong = {
      {{"run", "m", "-p", "a", "-p", "b"},
       "--prompt was given 2 times ('a', 'b'), expected once. Leave all but one out. See"},
      {{"run", "m", "-p"}, "--prompt was given without a value, expected --prompt TEXT. See"},
      {{"prune", "m", "o", "--ratio", "20%"},
       "--ratio: '20%' is no number, which was expected. A share is written as 0.2, not as 20%."},
      {{"run", "m", "-p", "x", "--temp", "abc"},
       "--temp: 'abc' is no number, which was expected. Correct it. See"},
      {{"run", "m", "-p", "x", "-q", "-v"},
       "--quiet and --verbose do not go together: leave one out."},
      {{"prune", "m", "o", "more"},
       "'more' was not expected: beside its options, pangu prune "
       "takes IN and OUT alone. See"},
  };
  for (const auto& [args, message] : wrong) {
    const auto r = run_program(args);
    EXPECT_EQ(r.status, 2) << r.err;
    EXPECT_THAT(r.err, HasSubstr(message)) << testing::PrintToString(args);
  }
}

TEST(CliUsage, HelpAndVersionAreTakenAsWords) {
  EXPECT_EQ(run_program({"help"}).out, run_program({"--help"}).out);
  EXPECT_EQ(run_program({"help", "run"}).out, run_program({"run", "--help"}).out);
  EXPECT_EQ(run_program({"version"}).out, run_program({"--version"}).out);
  EXPECT_EQ(run_program({"help", "intent", "ask"}).out,
            run_program({"intent", "ask", "--help"}).out);
  for (const char* action : {"show", "check", "refresh"}) {
    EXPECT_EQ(run_program({"help", "profile", action}).out, run_program({"profile", "--help"}).out);
    EXPECT_EQ(run_program({"profile", action, "--help"}).out,
              run_program({"profile", "--help"}).out);
  }
  EXPECT_THAT(run_program({"help", "profile", "sell"}).err, HasSubstr("'sell' is too much"));
  EXPECT_THAT(run_program({"help", "intent", "aks"}).err, HasSubstr("Did you mean ask?"));
  EXPECT_THAT(run_program({"help", "intent", "ask", "me"}).err, HasSubstr("'me' is too much"));
  const auto more = run_program({"help", "run", "extra", "words"});
  EXPECT_EQ(more.status, 2);
  EXPECT_EQ(more.out, "");
  EXPECT_THAT(more.err, HasSubstr("help explains one command; 'extra' is too much. See pangu"));
}

TEST(CliUsage, AModelThatIsNotThereIsAnsweredWithThoseThatAre) {
  const ScratchDir scratch;
  for (const std::vector<std::string>& args :
       {std::vector<std::string>{"run", "pangu-nana", "-p", "x"},
        {"info", "pangu-nana"},
        {"tokenize", "pangu-nana", "x"},
        {"quantize", "pangu-nana", scratch / "q", "--format", "w8a16"},
        {"prune", "pangu-nana", scratch / "p", "--method", "random"}}) {
    const auto r = run_program(args);
    EXPECT_EQ(r.status, 1) << args[0];
    EXPECT_THAT(r.err, HasSubstr("Did you mean pangu-nano? Bundled models: ")) << args[0];
    EXPECT_THAT(r.err, HasSubstr("pangu-pico")) << args[0];
  }
}

TEST(CliUsage, AValueIsBlamedOnWhereItCameFrom) {
  const auto r = run_program({"info", "m"}, {.env = {{"PANGU_THREADS", "abc"}}});
  EXPECT_EQ(r.status, 2);
  EXPECT_THAT(r.err, HasSubstr("variable PANGU_THREADS (for --threads): 'abc'"));
  const auto isa = run_program({"info", "m"}, {.env = {{"PANGU_ISA", "mmx"}}});
  EXPECT_THAT(isa.err, HasSubstr("variable PANGU_ISA (for --isa): 'mmx'"));
  const auto given =
      run_program({"info", "m", "--threads", "x"}, {.env = {{"PANGU_THREADS", "2"}}});
  EXPECT_THAT(given.err, StartsWith("pangu: error: --threads: 'x'"));
}

TEST(CliUsage, AVariableWithWhatTheProcessorLacksIsNamed) {
  const char* const foreign = supported_isas().back() == Isa::kNeon ? "avx2" : "neon";
  const std::vector<std::string> args{"bench", "--shape", "openpangu-embedded-1b", "--layers", "1"};
  const auto r = run_program(args, {.env = {{"PANGU_ISA", foreign}}});
  EXPECT_EQ(r.status, 1);
  EXPECT_THAT(r.err, HasSubstr("variable PANGU_ISA (for --isa): this processor"));
  auto given_args = args;
  given_args.insert(given_args.end(), {"--isa", foreign});
  const auto given = run_program(given_args, {.env = {{"PANGU_ISA", "ref"}}});
  EXPECT_EQ(given.status, 1);
  EXPECT_THAT(given.err, HasSubstr("[isa] this processor"));
}

TEST(CliUsage, AnOptionWinsOverItsVariableWhateverThatSays) {
  const ProgramOptions wrong{.env = {{"PANGU_THREADS", "abc"}, {"PANGU_ISA", "mmx"}}};
  const auto r = run_program({"info", "m", "--threads", "2", "--isa", "ref"}, wrong);
  EXPECT_EQ(r.status, 1) << r.err;  // there is no such model
  EXPECT_THAT(r.err, testing::Not(HasSubstr("PANGU_")));
  const auto isa = run_program({"info", "m", "--threads", "2"}, wrong);
  EXPECT_EQ(isa.status, 2);
  EXPECT_THAT(isa.err, HasSubstr("variable PANGU_ISA (for --isa): 'mmx'"));
  for (const std::vector<std::string>& args :
       {std::vector<std::string>{}, {"--version"}, {"--help"}, {"info", "--help"}}) {
    EXPECT_EQ(run_program(args, wrong).status, 0) << testing::PrintToString(args);
  }
}

TEST(CliUsage, NumbersOutOfTheirRangeAreRefusedBeforeAnythingIsRead) {
  const std::vector<std::pair<std::string, std::vector<std::string>>> distill = {
      {"--temperature", {"0", "-1", "1001", "nan", "inf", "2x", ""}},
      {"--ce-weight", {"-1", "1e7", "nan"}},
      {"--hidden-weight", {"-1", "nan"}},
      {"--lr", {"0", "-1", "101", "nan"}},
      {"--epochs", {"0", "-1", "1e10", "nan"}},
      {"--steps", {"0", "2000000000000"}},
      {"--rows", {"0", "2000000"}},
      {"--accumulate", {"0", "2000000"}},
      {"--length", {"0", "20000000"}},
      {"--top-k", {"0", "3000000000"}},
      {"--seed", {"-1", "9223372036854775808"}}};
  const std::vector<std::pair<std::string, std::vector<std::string>>> prune = {
      {"--ratio", {"0", "1", "-0.5", "nan"}},
      {"--reduce-ratio", {"-0.1", "1.1", "nan"}},
      {"--feature-power", {"2", "0.5"}},
      {"--distill-epochs", {"0", "nan"}},
      {"--distill-steps", {"0", "2000000000000"}},
      {"--distill-lr", {"0", "nan"}},
      {"--temperature", {"0", "nan"}},
      {"--ce-weight", {"-1", "nan"}}};
  const auto expect_refused = [](std::vector<std::string> args, const auto& options) {
    args.resize(args.size() + 2);
    for (const auto& [option, values] : options) {
      for (const std::string& value : values) {
        args[args.size() - 2] = option;
        args.back() = value;
        const auto r = run_program(args);
        EXPECT_EQ(r.status, 2) << testing::PrintToString(args) << r.err;
        EXPECT_THAT(r.err, HasSubstr(option == "--ratio" ? "ratio" : option + ": '" + value));
      }
    }
  };
  expect_refused(
      {"distill", "--teacher", "t", "--student", "s", "--data", "d", "--out", "o", "--cache"},
      distill);
  expect_refused({"prune", "m", "o", "--distill", "d"}, prune);
  expect_refused({"train-tokenizer", "--data", "d", "--out", "o"},
                 std::vector<std::pair<std::string, std::vector<std::string>>>{
                     {"--character-coverage", {"0.5", "1.1", "nan"}}});
}

TEST(CliUsage, NoControlCharacterReachesTheTerminalInAMessage) {
  const ScratchDir scratch;
  const std::string folder = scratch /
                             "a\x1b[31m\x9b"
                             "b\u009b\n\a";
  write_file(folder + "/config.json", "{\"architectures\": [\"\\u001b[2J\\u009b\"]}");
  const std::vector<std::vector<std::string>> commands = {
      {"run", folder, "-p", "x"},
      {"info", folder},
      {"logits", folder, "-p", "x", "--out", scratch / "x"},
      {"tokenize", folder, "x"},
      {"quantize", folder, scratch / "o", "--format", "q8_0"},
      {"convert", folder, scratch / "o"}};
  for (const auto& args : commands) {
    const auto r = run_program(args);
    EXPECT_EQ(r.status, 1) << testing::PrintToString(args);
    EXPECT_THAT(r.err, HasSubstr("\\x1b[31m\\x9bb\\u009b\\n\\x07")) << testing::PrintToString(args);
    for (std::size_t at = 0; at < r.err.size();) {
      const char32_t c = utf8::next(r.err, at);
      EXPECT_TRUE(c == '\n' || !is_control(c)) << r.err;
    }
    EXPECT_EQ(std::count(r.err.begin(), r.err.end(), '\n'), 1) << r.err;
  }
}

TEST(CliUsage, TerminalWithoutAPromptIsToldWhatToDo) {
  for (const char* command : {"run", "tokenize"}) {
    LiveProgram program({command, "m"}, LiveProgram::On::kTerminal);
    program.wait_for("standard input");
    EXPECT_EQ(program.wait(), 2);
  }
}

TEST(CliProgress, LineHasShareRateAndTimeLeft) {
  using pangu::app::progress_line;
  EXPECT_EQ(progress_line("loading", 500'000'000, 2'000'000'000, 5.0, "parameters"),
            "loading  25% [=====               ] 100M parameters/s, 15 s left");
  EXPECT_EQ(progress_line("loading", 0, 100, 0.0, "x"),
            "loading   0% [                    ] 0 x/s");
  EXPECT_EQ(progress_line("loading", 0, 0, 1.0, "x"), "loading   0% [                    ] 0 x/s");
  EXPECT_EQ(progress_line("loading", 120, 100, 1.0, "x"),
            "loading 100% [====================] 120 x/s, 0 s left");
}

}  // namespace
}  // namespace pangu::test
