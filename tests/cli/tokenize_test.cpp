// SPDX-License-Identifier: Apache-2.0
// pangu tokenize: ids and pieces, conformance samples, and decoding.
#include <gmock/gmock.h>

#include <sstream>

#include "tests/cli/program.h"

namespace pangu::test {
namespace {

using testing::HasSubstr;

class CliTokenize : public testing::Test {
 protected:
  void SetUp() override { PANGU_NEEDS_SHARED_DATA(); }
};

TEST_F(CliTokenize, TableHasIdsAndPieces) {
  const auto r = run_program({"tokenize", shared_model("stories260K"), "Once upon"});
  EXPECT_EQ(r.status, 0);
  EXPECT_EQ(r.out, "  1  <s>\n403  ▁Once\n407  ▁upon\n");
  EXPECT_EQ(r.err, "");
  const auto escaped =
      run_program({"tokenize", shared_model("llama-spm-32k"), "--no-bos", "--ids", "13"});
  EXPECT_EQ(escaped.status, 2);  // --no-bos says nothing about ids
}

TEST_F(CliTokenize, JsonHasIdsAndPieces) {
  const auto r = run_program({"tokenize", shared_model("stories260K"), "Once upon", "--json"});
  EXPECT_EQ(r.out, R"({"ids":[1,403,407],"pieces":["<s>","▁Once","▁upon"]})"
                   "\n");
  const auto bare =
      run_program({"tokenize", shared_model("stories260K"), "Once upon", "--json", "--no-bos"});
  EXPECT_EQ(bare.json()["ids"], Json({403, 407}));
}

TEST_F(CliTokenize, TextComesFromStandardInput) {
  const std::string model = shared_model("stories260K");
  const auto want = run_program({"tokenize", model, "Once upon"});
  EXPECT_EQ(run_program({"tokenize", model}, {.input = "Once upon\n"}).out, want.out);
  EXPECT_EQ(run_program({"tokenize", model, "-"}, {.input = "Once upon"}).out, want.out);
  // Text that looks like an option follows "--".
  EXPECT_EQ(run_program({"tokenize", model, "--", "--json"}).out,
            run_program({"tokenize", model}, {.input = "--json"}).out);
}

TEST_F(CliTokenize, SpecialTokensMayBeTakenAsText) {
  const std::string model = shared_model("qwen2-bpe");
  EXPECT_EQ(run_program({"tokenize", model, "<|im_end|>", "--json"}).json()["ids"], Json({151645}));
  const auto plain = run_program({"tokenize", model, "<|im_end|>", "--json", "--no-special"});
  EXPECT_GT(plain.json()["ids"].size(), 1u);
}

TEST_F(CliTokenize, IdsBecomeText) {
  const std::string model = shared_model("stories260K");
  const auto r = run_program({"tokenize", model, "--ids", "1, 403,407"});
  EXPECT_EQ(r.out, "Once upon\n");
  const Json json = run_program({"tokenize", model, "--ids", "1,403,407", "--json"}).json();
  EXPECT_EQ(json["text"], "Once upon");
  EXPECT_EQ(json["pieces"], Json({"<s>", "▁Once", "▁upon"}));
  const auto outside = run_program({"tokenize", model, "--ids", "512"});
  EXPECT_EQ(outside.status, 1);
  EXPECT_THAT(outside.err, HasSubstr("512"));
  for (const char* ids : {"1,,2", "1,2,", "a", "-1", "1 2", "99999999999"}) {
    EXPECT_EQ(run_program({"tokenize", model, "--ids", ids}).status, 2) << ids;
  }
}

/// The texts of a conformance file, which a separator line divides.
std::vector<std::string> conformance_texts(const std::filesystem::path& file) {
  const std::string separator = "\n__ggml_vocab_test__\n";
  std::string all = read_file(file);
  std::vector<std::string> texts;
  for (std::size_t at = 0; (at = all.find(separator)) != std::string::npos;) {
    texts.push_back(all.substr(0, at));
    all.erase(0, at + separator.size());
  }
  return texts;
}

TEST_F(CliTokenize, ConformanceSamplesOfThreeVocabularies) {
  for (const char* name : {"llama-spm-32k", "gpt2-bpe", "qwen2-bpe"}) {
    const auto folder = shared_dir() / "models" / name;
    const auto texts = conformance_texts(folder / "conformance.inp");
    std::istringstream lines(read_file(folder / "conformance.out"));
    ASSERT_GT(texts.size(), 20u) << name;
    for (std::size_t i = 0; i < texts.size(); ++i) {
      std::string line;
      std::getline(lines, line);
      // All of them are the tokenizers' own test.
      if (i % (kSanitized ? 16 : 4) != 0) continue;
      std::istringstream numbers(line);
      Json want = Json::array();
      for (int id; numbers >> id;) want.push_back(id);
      // One newline at the end of standard input is the shell's, not the text's.
      const auto r = run_program({"tokenize", folder.string(), "--no-bos", "--json"},
                                 {.input = texts[i] + "\n"});
      EXPECT_EQ(r.json()["ids"], want) << name << " text " << i;
    }
  }
}

TEST_F(CliTokenize, DecodedControlSequencesAreNotObeyedByATerminal) {
  const std::vector<std::string> args = {"tokenize", shared_model("stories260K"), "--ids",
                                         "403,30,94,53,13"};  // Once, ESC, [, 2, newline
  EXPECT_EQ(run_program(args).out, "Once\x1b[2\n\n");
  LiveProgram terminal(args, LiveProgram::On::kTerminal);
  EXPECT_EQ(terminal.wait(), 0);
  EXPECT_EQ(terminal.output(), "Once\\x1b[2\r\n\r\n");
}

TEST_F(CliTokenize, LongLinesOfATerminalArriveWhole) {
  std::string text;
  while (text.size() < 6000) text += "Once upon a time. ";
  const auto piped =
      run_program({"tokenize", shared_model("stories260K"), "-", "--json"}, {.input = text + "\n"});
  LiveProgram terminal({"tokenize", shared_model("stories260K"), "-", "--json"},
                       LiveProgram::On::kTerminal);
  terminal.wait_for("\x1b[?2004h");
  terminal.write(text + "\n\x04");
  EXPECT_EQ(terminal.wait(), 0);
  EXPECT_THAT(terminal.output(), HasSubstr(piped.out.substr(0, piped.out.size() - 1)));
}

}  // namespace
}  // namespace pangu::test
