// SPDX-License-Identifier: Apache-2.0
#include "eval/code_tests.h"

#include <fmt/format.h>

#include <charconv>
#include <random>
#include <utility>

#include "io/json.h"

namespace pangu::eval {
namespace {

/// Compiles the candidates, and runs the first that can be and what follows it in a module of its
/// own. Nothing is optimized, whatever Python was started with: tests are assertions.
constexpr std::string_view kRunner = R"(
import os, sys, warnings
SOURCES = {}
def compiled(name, text):
    SOURCES[name] = text
    return compile(text, name, 'exec', dont_inherit=True, optimize=0)
def first_that_compiles():
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        for i, text in enumerate(CANDIDATES):
            try:
                compiled('answer.py', text)
                return i
            except (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError):
                pass
    return 0
def run():
    module = type(sys)('answer')
    sys.modules['answer'] = module
    chosen = first_that_compiles()
    os.write(1, b'%s%d\n' % (BEGIN, chosen))
    for name, text in [('answer.py', CANDIDATES[chosen])] + TESTS:
        exec(compiled(name, text), module.__dict__)
try:
    run()
except Exception:
    import linecache, traceback
    for name, text in SOURCES.items():
        linecache.cache[name] = len(text), None, text.splitlines(True), name
    traceback.print_exc()
    sys.exit(1)
)";

/// Texts as Python: JSON's strings are strings there, too.
std::string literal(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string random_word() {
  std::random_device random;
  return fmt::format("pangu-{:08x}{:08x}:", random(), random());
}

/// What runs after the code: the setup, and the tests.
Json parts_after(const CodeRow& row) {
  Json parts = Json::array();
  if (!row.setup.empty()) parts.push_back(Json::array({"setup.py", row.setup}));
  std::string tests;
  for (const std::string& test : row.tests) tests += test + "\n";
  if (row.form == CodeRow::Form::kHumanEval) tests += fmt::format("check({})\n", row.entry_point);
  parts.push_back(Json::array({"tests.py", tests}));
  return parts;
}

/// Takes the line that says which candidate was chosen off the output; the first one if it ended
/// before it could say so.
std::size_t take_choice(std::string& output, std::string_view begin, std::size_t n_candidates) {
  const std::size_t end = output.find('\n');
  if (!output.starts_with(begin) || end == output.npos) return 0;
  std::size_t chosen = 0;
  std::from_chars(output.data() + begin.size(), output.data() + end, chosen);
  output.erase(0, end + 1);
  return chosen < n_candidates ? chosen : 0;
}

}  // namespace

std::string reference_code(const CodeRow& row) {
  return row.form == CodeRow::Form::kMbpp ? row.reference : row.prompt + row.reference;
}

CodeVerdict run_tests(const Sandbox& sandbox, const CodeRow& row,
                      std::span<const std::string> candidates, const SandboxLimits& limits,
                      const std::stop_token& cancel) {
  const std::string begin = random_word(), end = random_word();
  Json texts = Json::array();
  for (const std::string& text : candidates) texts.push_back(text);
  const std::string program =
      fmt::format("CANDIDATES = {}\nTESTS = {}\nBEGIN = b'{}'\n{}os.write(1, b'{}')\n",
                  literal(texts), literal(parts_after(row)), begin, kRunner, end);
  CodeVerdict verdict{.run = sandbox.run(program, limits, cancel), .code = {}};
  SandboxRun& run = verdict.run;
  verdict.code = candidates[take_choice(run.output, begin, candidates.size())];
  const std::size_t at = run.output.find(end);
  verdict.passed = run.end == SandboxRun::End::kExited && run.status == 0 && at != run.output.npos;
  if (at != run.output.npos) run.output.erase(at, end.size());
  return verdict;
}

}  // namespace pangu::eval
