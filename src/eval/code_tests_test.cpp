// SPDX-License-Identifier: Apache-2.0
// What passes and what does not: honest solutions, wrong ones, and hostile ones.
#include "eval/code_tests.h"

#include <gmock/gmock.h>

#include <optional>
#include <sstream>

#include "eval/code_answer.h"
#include "eval/code_reply_examples.h"
#include "io/json.h"
#include "tests/support/support.h"

namespace pangu::eval {
namespace {

CodeRow human_row() {
  CodeRow row{.form = CodeRow::Form::kHumanEval};
  row.prompt =
      "import math\n\ndef helper(x):\n    return x + 1\n\ndef inc(x):\n    \"\"\"One more.\"\"\"\n";
  row.reference = "    return helper(x)\n";
  row.tests = {
      "def check(candidate):\n    assert candidate(1) == 2\n    assert candidate(5) == 6\n"};
  row.entry_point = "inc";
  return row;
}

CodeRow mbpp_row() {
  CodeRow row;
  row.prompt = "Write a function that adds.";
  row.reference = "def add(a, b):\r\n    return a + b";
  row.tests = {"assert add(1, two) == 3", "assert add(0, 0) == 0"};
  row.setup = "two = add(1, 1)";
  return row;
}

class CodeTests : public testing::Test {
 protected:
  void SetUp() override {
    try {
      sandbox_ = Sandbox::open();
    } catch (const Unsupported& error) {
      GTEST_SKIP() << error.what();
    }
  }
  CodeVerdict verdict(const CodeRow& row, const std::vector<std::string>& candidates) {
    return run_tests(*sandbox_, row, candidates,
                     {.cpu_s = 1, .wall_s = 2, .memory_bytes = 256 << 20, .output_bytes = 4096});
  }
  bool passes(const CodeRow& row, const std::string& code) { return verdict(row, {code}).passed; }
  std::optional<Sandbox> sandbox_;
};

TEST_F(CodeTests, ReferencesPassAndWrongCodeDoesNot) {
  EXPECT_TRUE(passes(human_row(), reference_code(human_row())));
  EXPECT_TRUE(passes(mbpp_row(), reference_code(mbpp_row())));
  EXPECT_FALSE(passes(human_row(), "def inc(x):\n    return 2\n"));
  EXPECT_FALSE(passes(mbpp_row(), "def add(a, b):\n    return a - b\n"));
  EXPECT_FALSE(passes(mbpp_row(), "def add(a, b)\n"));
  EXPECT_FALSE(passes(mbpp_row(), ""));
}

TEST_F(CodeTests, LeavingBeforeTheTestsPassesNothing) {
  for (const char* code : {"import sys\nsys.exit(0)", "import os\nos._exit(0)", "raise SystemExit",
                           "import os\nos.execv('/usr/bin/true', ['true'])", "'''never closed"}) {
    EXPECT_FALSE(passes(mbpp_row(), code)) << code;
  }
}

TEST_F(CodeTests, HostileCodeScoresNothing) {
  const std::string good = "\ndef add(a, b):\n    return a + b\n";
  for (const char* code :
       {"import os\nwhile True: os.fork()", "while True: pass", "x = [0]\nwhile True: x += x",
        "open('/tmp/x', 'w').write('x')", "import socket\nsocket.socket().connect(('1.1.1.1', 80))",
        "while True: print('x' * 1000)", "import os, signal\nos.kill(os.getppid(), 0)\nos.abort()",
        "import threading\nthreading.Thread(target=print).start()",
        "import time\ntime.sleep(100)"}) {
    EXPECT_FALSE(passes(mbpp_row(), code + good)) << code;
  }
}

TEST_F(CodeTests, TheFirstThatCompilesIsTested) {
  const std::string right = "def add(a, b):\n    return a + b\n";
  const CodeVerdict second = verdict(mbpp_row(), {"Here it is:\n" + right, right, "add = None"});
  EXPECT_TRUE(second.passed) << second.run.output;
  EXPECT_EQ(second.code, right);
  // It must not be the first that passes.
  EXPECT_FALSE(verdict(mbpp_row(), {"add = None", right}).passed);
  const CodeVerdict none = verdict(mbpp_row(), {"def add(", "add("});
  EXPECT_EQ(none.code, "def add(");
  EXPECT_THAT(none.run.output, testing::HasSubstr("SyntaxError"));
  EXPECT_FALSE(
      verdict(mbpp_row(), {std::string("a\0b", 3), std::string(100000, '('), "\xff"}).passed);
}

TEST_F(CodeTests, WhatFailedIsShown) {
  const CodeVerdict failed = verdict(mbpp_row(), {"def add(a, b):\n    return a - b  # 错\n"});
  EXPECT_THAT(failed.run.output, testing::HasSubstr("assert add(1, two) == 3"));
  EXPECT_EQ(failed.run.status, 1);
  EXPECT_THAT(verdict(mbpp_row(), {"def add(a, b):\n    return {}[a]  # why\n"}).run.output,
              testing::HasSubstr("return {}[a]  # why"));
}

TEST_F(CodeTests, CodeIsAModuleThatIsImported) {
  const std::string add = "def add(a, b):\n    return a + b\n";
  EXPECT_TRUE(
      passes(mbpp_row(), add + "if __name__ == '__main__':\n    raise SystemExit(input())"));
  EXPECT_TRUE(passes(mbpp_row(),
                     "from __future__ import annotations\nfrom dataclasses import dataclass\n"
                     "@dataclass\nclass P:\n    a: int\n" +
                         add));
  EXPECT_FALSE(passes(mbpp_row(), add + "x = \\")) << "it would go on with the next line";
}

TEST_F(CodeTests, StartingPythonAgainWithoutAssertionsPassesNothing) {
  const std::string wrong = "\ndef add(a, b):\n    return a - b\n";
  const std::string again = "import os, sys\nif not sys.flags.optimize:\n    ";
  for (const char* how :
       {"os.execv(sys.executable, [sys.executable, '-O', '/program.py'])",
        "os.execv(sys.executable, [sys.executable, '-I', '-OO', '/program.py'])",
        "os.execve(sys.executable, [sys.executable, '/program.py'], {'PYTHONOPTIMIZE': '1'})"}) {
    const CodeVerdict v = verdict(mbpp_row(), {again + how + wrong});
    EXPECT_FALSE(v.passed) << how;
    EXPECT_THAT(v.run.output, testing::HasSubstr("AssertionError")) << "it did start again";
  }
}

TEST_F(CodeTests, RepliesThatOtherProgramsGotWrong) {
  PANGU_NEEDS_SHARED_DATA();
  const auto file = test::shared_dir() / "cases" / "code_replies.jsonl";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "needs " << file;
  std::istringstream lines(test::read_file(file));
  for (std::string line; std::getline(lines, line);) {
    const Json reply = Json::parse(line);
    const std::string function = reply["function"];
    CodeRow row;
    row.tests = {"assert " + function + "(1, 2) == 3", "assert " + function + "(0, 5) == 5"};
    if (reply["task"] == "humaneval") {
      row.form = CodeRow::Form::kHumanEval;
      row.prompt = "def " + function + "(a, b):\n    \"\"\"The sum.\"\"\"\n";
      row.entry_point = function;
      row.tests = {"def check(f):\n    assert f(1, 2) == 3\n    assert f(0, 5) == 5\n"};
    }
    const std::string text = reply["reply"];
    const CodeVerdict v = verdict(row, code_candidates(row, text, true));
    EXPECT_EQ(v.passed, reply["passes"].get<bool>()) << reply["why"] << "\n" << v.run.output;
  }
}

TEST_F(CodeTests, GeneratedRepliesPassIfTheyAreRight) {
  CodeReplies replies(test::seed());
  const std::int64_t n = test::number_from("PANGU_TEST_PROGRAMS", test::kSanitized ? 5 : 25);
  for (std::int64_t i = 0; i < n; ++i) {
    const CodeReply reply = replies.next();
    const CodeVerdict v = verdict(reply.row, code_candidates(reply.row, reply.text, true));
    EXPECT_EQ(v.passed, reply.is_right) << "reply " << i << ":\n" << reply.text << v.run.output;
  }
}

}  // namespace
}  // namespace pangu::eval
