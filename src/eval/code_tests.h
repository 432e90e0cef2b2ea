// SPDX-License-Identifier: Apache-2.0
// Whether code does what the tests of an item ask for.
#pragma once

#include <stop_token>
#include <string>
#include <string_view>

#include "eval/rows.h"
#include "eval/sandbox.h"

namespace pangu::eval {

/// The code that an answer gives for an item: the function of a code block, or what the answer adds
/// to the head that a plain prompt ended with.
std::string code_of_answer(const CodeRow& row, std::string_view answer, bool chat);

/// The file's own solution as a whole program.
std::string reference_code(const CodeRow& row);

struct CodeVerdict {
  bool passed = false;
  SandboxRun run;
};

/// Runs code and tests in the sandbox. It passes if the program reaches its end, after all tests:
/// it prints a text there that the code cannot know, so leaving early passes nothing.
CodeVerdict run_tests(const Sandbox& sandbox, const CodeRow& row, std::string_view code,
                      const SandboxLimits& limits, std::stop_token cancel = {});

}  // namespace pangu::eval
