// SPDX-License-Identifier: Apache-2.0
#include "eval/code_tests.h"

#include <fmt/format.h>

#include <random>
#include <utility>

#include "eval/answers.h"

namespace pangu::eval {
namespace {

/// What stands before the function that is to be completed: imports and helpers.
std::string preamble(const CodeRow& row) {
  const std::size_t at = row.prompt.rfind("def " + row.entry_point);
  return at == row.prompt.npos ? row.prompt + "\n" : row.prompt.substr(0, at);
}

std::string random_word() {
  std::random_device random;
  return fmt::format("pangu-{:08x}{:08x}", random(), random());
}

}  // namespace

std::string code_of_answer(const CodeRow& row, std::string_view answer, bool chat) {
  if (row.form == CodeRow::Form::kMbpp) return extract_code(answer, "");
  const std::string code = extract_code(answer, row.entry_point);
  const bool is_whole = code.find("def " + row.entry_point) != code.npos;
  if (is_whole) return preamble(row) + code;
  return row.prompt + function_body(chat ? std::string_view(code) : answer);
}

std::string reference_code(const CodeRow& row) {
  return row.form == CodeRow::Form::kMbpp ? row.reference : row.prompt + row.reference;
}

CodeVerdict run_tests(const Sandbox& sandbox, const CodeRow& row, std::string_view code,
                      const SandboxLimits& limits, std::stop_token cancel) {
  std::string program = fmt::format("{}\n{}\n", code, row.setup);
  for (const std::string& test : row.tests) program += test + "\n";
  if (row.form == CodeRow::Form::kHumanEval) program += fmt::format("check({})\n", row.entry_point);
  const std::string word = random_word();
  program += fmt::format("__import__('os').write(1, b'{}')\n", word);
  CodeVerdict verdict{.run = sandbox.run(program, limits, std::move(cancel))};
  const std::size_t at = verdict.run.output.find(word);
  verdict.passed = verdict.run.end == SandboxRun::End::kExited && verdict.run.status == 0 &&
                   at != verdict.run.output.npos;
  if (at != verdict.run.output.npos) verdict.run.output.erase(at, word.size());
  return verdict;
}

}  // namespace pangu::eval
