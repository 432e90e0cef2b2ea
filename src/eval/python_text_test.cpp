// SPDX-License-Identifier: Apache-2.0
#include "eval/python_text.h"

#include <gmock/gmock.h>

namespace pangu::eval {
namespace {

using testing::ElementsAre;

TEST(PythonText, DefinitionsStandAtTheTopLevelUnderTheirWholeName) {
  for (const char* code :
       {"def f(a):\n  pass", "x = 1\nasync def f ():\n  pass", "class f:\n  pass",
        "class f(A):\n  pass", "f = lambda a: a", "def f[T](a: T):\n  pass"}) {
    EXPECT_TRUE(defines(code, "f")) << code;
  }
  for (const char* code :
       {"def f_1(a):\n  pass", "  def f(a):\n    pass", "# def f(a)", "f == 1", "def g():\n  f = 1",
        "print(f(1))", "def function(f):\n  pass", "class f of things"}) {
    EXPECT_FALSE(defines(code, "f")) << code;
  }
  EXPECT_FALSE(defines("def (a):\n  pass", ""));
  EXPECT_EQ(find_definition("def f():\n  1\n@a\n@b\ndef f():\n  2\n", "f"), 13u);
  EXPECT_EQ(find_definition("@a\ndef g():\n  1\ndef f():\n  2\n", "f"), 16u);
  EXPECT_EQ(find_definition("def f_all():\n  1\n", "f"), std::string::npos);
}

TEST(PythonText, NamesThatAreOfferedUsedAndCalled) {
  EXPECT_THAT(
      offered_names("import math, a.b as c\nfrom x import (y, z as w)  # all\nMOD = 7\nm = 1\n"
                    "def f(): pass\nclass C: pass\n"),
      ElementsAre("math", "c", "y", "w", "MOD", "f", "C"));
  EXPECT_THAT(offered_names("import the module first\nfrom the list import x\n"), ElementsAre());
  EXPECT_TRUE(uses("return h(a)", "h"));
  EXPECT_TRUE(uses("h", "h"));
  EXPECT_FALSE(uses("return math.h(a) + hh + h1", "h"));
  EXPECT_THAT(called_names("assert f (g(1), m.h(2)) == 3 and 4(5) and not_called"),
              ElementsAre("f", "g"));
}

TEST(PythonText, Indentation) {
  EXPECT_EQ(dedented("    a\n\n      b\n"), "a\n\n  b\n");
  EXPECT_EQ(dedented("\ta\n    b\n"), "\ta\n    b\n");
  EXPECT_EQ(indented("a\n\n  b\n", "  "), "  a\n\n    b\n");
}

TEST(PythonText, AFunctionBodyEndsAtTheNextStatement) {
  EXPECT_EQ(function_body("    a = 1\n\n    return a\ndef g():\n    pass\n"),
            "    a = 1\n\n    return a\n");
  EXPECT_EQ(function_body("\treturn 1\nprint(2)"), "\treturn 1\n");
  EXPECT_EQ(function_body("return 1\n"), "");
  EXPECT_EQ(function_body("    return 1"), "    return 1");
}

TEST(PythonText, RunsOfCodeInProse) {
  EXPECT_THAT(
      code_runs("Here is the function:\n\nimport math\n\ndef f(a):\n    return a\n\nx = f(1)\n"
                "It adds.\nclass of problems: hard\n@decorated\ndef g(): pass\n"),
      ElementsAre("import math\n\ndef f(a):\n    return a\n\nx = f(1)\n",
                  "@decorated\ndef g(): pass\n"));
  EXPECT_THAT(code_runs("So:\n\n    def f(a):\n        return a\n\nDone."),
              ElementsAre("def f(a):\n    return a\n\n"));
  EXPECT_THAT(code_runs("from typing import (\n    List,\n)\nEnd"),
              ElementsAre("from typing import (\n    List,\n)\n"));
  EXPECT_THAT(code_runs("So:\nR = 3\ndef f(): return R\n"),
              ElementsAre("R = 3\ndef f(): return R\n"));
  EXPECT_THAT(code_runs("No code."), ElementsAre());
}

}  // namespace
}  // namespace pangu::eval
