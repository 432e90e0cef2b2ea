// SPDX-License-Identifier: Apache-2.0
// What passes and what does not: honest solutions, wrong ones, and hostile ones.
#include "eval/code_tests.h"

#include <gmock/gmock.h>

#include <optional>

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
  bool passes(const CodeRow& row, std::string_view code) {
    return run_tests(*sandbox_, row, code,
                     {.cpu_s = 1, .wall_s = 2, .memory_bytes = 256 << 20, .output_bytes = 4096})
        .passed;
  }
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

TEST(CodeOfAnswer, ContinuesTheHeadOrTakesTheWholeFunction) {
  const CodeRow row = human_row();
  const std::string body = "    return helper(x)\n";
  EXPECT_EQ(code_of_answer(row, body + "\nprint(inc(1))", false), row.prompt + body + "\n");
  const std::string whole = "def inc(x):\n    return x + 1\n";
  EXPECT_EQ(code_of_answer(row, "Here:\n```python\n" + whole + "```\n", true),
            "import math\n\ndef helper(x):\n    return x + 1\n\n" + whole);
  EXPECT_EQ(code_of_answer(row, "```python\n" + body + "```", true), row.prompt + body);
  EXPECT_EQ(code_of_answer(mbpp_row(), "```\nx\n```", true), "x\n");
  EXPECT_EQ(code_of_answer(mbpp_row(), "x = 1\n[DONE]", false), "x = 1\n");
}

}  // namespace
}  // namespace pangu::eval
