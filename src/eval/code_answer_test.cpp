// SPDX-License-Identifier: Apache-2.0
// Which programs a reply is read as. Whether they pass is tested in code_tests_test.cpp.
#include "eval/code_answer.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "eval/answers.h"
#include "eval/code_reply_examples.h"
#include "eval/text_lines.h"
#include "tests/support/support.h"

namespace pangu::eval {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Not;
using testing::SizeIs;

CodeRow head_row() {
  CodeRow row;
  row.form = CodeRow::Form::kHumanEval;
  row.prompt =
      "import math\n\ndef inc_all(x):\n    return x + 1\n\n@cached\ndef inc(x):\n    \"\"\"One "
      "more.\"\"\"\n";
  row.entry_point = "inc";
  return row;
}

CodeRow test_row(const std::string& reference = "") {
  CodeRow row;
  row.reference = reference;
  row.tests = {"assert sorted(add(1, 2)) == 3"};
  return row;
}

std::string first_reading(const CodeRow& row, std::string_view answer, bool chat = true) {
  return code_candidates(row, answer, chat).front();
}

TEST(CodeAnswer, IsTheBlockThatDefinesTheFunction) {
  const std::string add = "def add(a, b):\n    return a + b\n";
  const std::string reply = "```bash\npip install x\n```\n```\nadd_all = 1\n```\nSo:\n```python\n" +
                            add + "```\nUse:\n```python\nprint(add(1, 2))\n```\n";
  EXPECT_EQ(first_reading(test_row(), reply), add);
  EXPECT_EQ(first_reading(test_row(add), reply), add);
  EXPECT_EQ(first_reading(test_row(), add + "```"), add);
  EXPECT_EQ(first_reading(test_row(), add + "[DONE]\nmore"), add);
  // Blocks of Python go before others, and each has its turn if those before do not compile.
  EXPECT_THAT(code_candidates(test_row(), "```text\n" + add + "```\n```\ndef add(:\n```", true),
              ElementsAre("def add(:\n", add));
}

TEST(CodeAnswer, TakesWhatTheBlockNeedsFromOthers) {
  const std::string main =
      "def add(a, b):\n    result = h(a) + math.pi * LIMIT\n    return result\n";
  const std::string h = "def h(a):\n    return a\n", use = "result = add(1, 2)\nprint(result)\n";
  EXPECT_EQ(first_reading(test_row(), "```\n" + main + "```\n```\n" + use + "```\n```\n" + h +
                                          "```\n```\nimport math\nLIMIT = 3\n```\n"),
            h + "\nimport math\nLIMIT = 3\n\n" + main);
  // A class that tests make is needed, too, whether or not the function names it.
  CodeRow row = test_row("class Pair:\n  pass\ndef add(p):\n  pass\n");
  row.tests = {"assert add(Pair(1, 2)) == 3"};
  const std::string pair = "class Pair:\n    pass\n", sum = "def add(p):\n    return p.a + p.b\n";
  EXPECT_EQ(first_reading(row, "```\n" + sum + "```\n```\n" + pair + "```"), pair + "\n" + sum);
}

TEST(CodeAnswer, ProseAroundCodeWithoutFencesIsLeftOut) {
  const std::string add = "def add(a, b):\n    return a + b\n";
  EXPECT_THAT(code_candidates(test_row(), "Here it is:\n\n" + add + "\nIt's a sum.", true),
              Contains(add + "\n"));
  EXPECT_EQ(first_reading(test_row(), "x = 1\n[DONE]"), "x = 1\n");
  EXPECT_EQ(first_reading(test_row(), ""), "");
}

TEST(CodeAnswer, SentencesMayStandAroundTheLinesOfAFunctionWithoutFences) {
  const std::string add = "def add(a, b):\n    return h(a) + b\n";
  const std::string help = "from math import floor as h\n";
  // Helpers and the function interrupt one sentence; the words before them begin no line of Python.
  const std::string reply = "With\n\n" + help + "\nfor the first number, the function\n\n" + add +
                            "\nadds both of them, so that add(1, 2) is 3, e.g. in\n\nassert add(1, "
                            "2) == 3\n";
  EXPECT_THAT(code_candidates(test_row(), reply, true), Contains(help + "\n\n" + add + "\n"));
  EXPECT_THAT(
      code_candidates(test_row(), "It is this:\n  def add(a, b): return a + b\nDone.", true),
      Contains("def add(a, b): return a + b\n"));
  // Not what stands within a line, nor what a sentence cuts in two: docs/eval.md says so.
  for (const char* split : {"It is `def add(a, b): return a + b`, isn't it?",
                            "def add(a, b):\n    c = a + b\nThen give it back:\n    return c\n"}) {
    for (const std::string& program : code_candidates(test_row(), split, true)) {
      const bool is_whole = program.find("It is") == program.npos &&
                            program.find("Then") == program.npos &&
                            program.find("return") != program.npos;
      EXPECT_FALSE(is_whole) << program;
    }
  }
}

TEST(CodeAnswer, StandsAfterTheHelpersOfThePrompt) {
  const std::string before = "import math\n\ndef inc_all(x):\n    return x + 1\n\n";
  const std::string whole = "def inc(x):\n    return x + 1\n";
  EXPECT_EQ(first_reading(head_row(), "Here:\n```python\n" + whole + "```\n"), before + whole);
  EXPECT_EQ(first_reading(head_row(), whole + "```"), before + whole);
  // A function that only begins with its name is another one.
  const std::string other = "def inc_twice(x):\n    return x + 2\n";
  EXPECT_THAT(code_candidates(head_row(), "```\n" + other + "```\n", true),
              Not(Contains(before + other)));
}

TEST(CodeAnswer, GoesOnWithTheHeadHoweverItIsIndented) {
  const std::string prompt = head_row().prompt, body = "    y = x\n    return y\n";
  EXPECT_EQ(first_reading(head_row(), body + "\nprint(inc(1))", false), prompt + body + "\n");
  EXPECT_EQ(first_reading(head_row(), "```python\n" + body + "```"), prompt + body);
  EXPECT_EQ(first_reading(head_row(), "```python\ny = x\nreturn y\n```"), prompt + body);
  EXPECT_EQ(first_reading(head_row(), "y = x\nreturn y\n", false), prompt + body);
  EXPECT_EQ(first_reading(head_row(), body + "```\nIt is one more.\n"), prompt + body);
  EXPECT_THAT(code_candidates(head_row(), "y = x\n    return y\n", false), Contains(prompt + body));
  EXPECT_THAT(code_candidates(head_row(), "  y = x\n  return y\n", false), Contains(prompt + body));
  EXPECT_THAT(code_candidates(head_row(), "", true), ElementsAre(prompt));
}

TEST(CodeAnswer, HasAFewReadingsAtMost) {
  std::string reply;
  for (int i = 0; i < 500; ++i) {
    reply += "```\ndef add(a):\n    return g" + std::to_string(i) + "(a)\n```\nThen:\n";
  }
  EXPECT_THAT(code_candidates(test_row(), reply, true), SizeIs(16));
}

std::string without_blank_lines(std::string_view text) {
  std::string out;
  for (const std::string_view line : lines_of(text)) {
    if (!trimmed(line).empty()) out += line;
  }
  return out;
}

TEST(CodeAnswer, GeneratedRepliesAreReadRight) {
  CodeReplies replies(test::seed());
  const std::int64_t n = test::number_from("PANGU_TEST_REPLIES", test::kSanitized ? 200 : 2000);
  for (std::int64_t i = 0; i < n; ++i) {
    const CodeReply reply = replies.next();
    const auto found = code_candidates(reply.row, reply.text, true);
    // Those with prose do not compile.
    const auto first = std::find_if(found.begin(), found.end(), [](const std::string& code) {
      return !CodeReplies::has_prose(code);
    });
    ASSERT_NE(first, found.end()) << "reply " << i << ":\n" << reply.text;
    ASSERT_EQ(without_blank_lines(*first), without_blank_lines(reply.program))
        << "reply " << i << ":\n"
        << reply.text;
  }
}

}  // namespace
}  // namespace pangu::eval
