// SPDX-License-Identifier: Apache-2.0
// Whether code does what the tests of an item ask for.
#pragma once

#include <span>
#include <stop_token>
#include <string>

#include "eval/rows.h"
#include "eval/sandbox.h"

namespace pangu::eval {

/// The file's own solution as a whole program.
std::string reference_code(const CodeRow& row);

struct CodeVerdict {
  bool passed = false;
  SandboxRun run;
  std::string code;  ///< what was tested
};

/// Takes the first of `candidates` (one or more) that compiles, or else the first, and runs it and
/// the tests in the sandbox, as a module that is not `__main__`. It passes if the program reaches
/// its end, after all tests: it prints a text there that the code cannot know, so leaving early
/// passes nothing. Assertions count however Python was started.
/// Throws as Sandbox::run.
CodeVerdict run_tests(const Sandbox& sandbox, const CodeRow& row,
                      std::span<const std::string> candidates, const SandboxLimits& limits,
                      const std::stop_token& cancel = {});

}  // namespace pangu::eval
