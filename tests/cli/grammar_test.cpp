// SPDX-License-Identifier: Apache-2.0
// --schema, --regex, --choices and --grammar.
#include <gmock/gmock.h>

#include "tests/cli/program.h"

namespace pangu::test {
namespace {

using testing::AnyOf;
using testing::HasSubstr;
using testing::MatchesRegex;

/// A question to pangu-nano, the model of the source tree.
std::vector<std::string> question(std::vector<std::string> more) {
  std::vector<std::string> args = {"run",
                                   "pangu-nano",
                                   "--chat",
                                   "--temp",
                                   "0",
                                   "-q",
                                   "-p",
                                   "Kate buys 5 flowers for 4 yuan each and pays with 82 yuan. How "
                                   "much change does Kate get?"};
  args.insert(args.end(), more.begin(), more.end());
  return args;
}

TEST(CliGrammar, HoldsTheAnswer) {
  const ScratchDir dir;
  const char* schema = R"({"type": "object", "properties": {"change": {"type": "integer"}},
                           "required": ["change"], "additionalProperties": false})";
  write_file(dir / "schema.json", schema);
  for (const std::string& given : {std::string(schema), (dir / "schema.json").string()}) {
    const auto r = run_program(question({"--schema", given}));
    EXPECT_EQ(r.status, 0) << r.err;
    EXPECT_EQ(r.err, "");
    EXPECT_TRUE(Json::parse(r.out)["change"].is_number_integer()) << r.out;
  }
  EXPECT_THAT(run_program(question({"--regex", "#### [0-9]{1,4}"})).out,
              MatchesRegex("#### [0-9]+\n"));
  EXPECT_THAT(run_program(question({"--choices", "yes,no"})).out, AnyOf("yes\n", "no\n"));
  write_file(dir / "list.gbnf", "root ::= (\"- \" [a-z0-9 ]{1,9} \"\\n\"){2}\n");
  EXPECT_THAT(run_program(question({"--grammar", (dir / "list.gbnf").string()})).out,
              MatchesRegex("- [a-z0-9 ]+\n- [a-z0-9 ]+\n\n?"));
  // Without --chat it holds the continuation.
  const auto plain = run_program({"run", "pangu-nano", "-p", "The capital of", "--regex",
                                  " [A-Z][a-z]{2,20}", "--json", "-q"});
  EXPECT_THAT(plain.json()["text"].get<std::string>(), MatchesRegex(" [A-Z][a-z]+"));
  EXPECT_EQ(plain.json()["finish_reason"], "stop");
}

TEST(CliGrammar, SaysWhereTheReplyWasCutOff) {
  const auto r = run_program({"run", "pangu-nano", "-p", "The capital of", "--temp", "0", "--regex",
                              "[a-z]{40,50}", "--max-tokens", "6"});
  EXPECT_EQ(r.status, 0);
  EXPECT_THAT(r.err,
              HasSubstr("cut off before it was complete: it does not satisfy --regex. A larger "
                        "--max-tokens"));
}

TEST(CliGrammar, RefusesWhatIsWrongBeforeTheModelIsLoaded) {
  const ScratchDir dir;
  write_file(dir / "bad.gbnf", "root ::= [a-z\n");
  expect_refusals(
      "run",
      {
          {{"pangu-nano", "-p", "x", "--regex", "a", "--choices", "b"},
           2,
           "--regex, --choices each say what a reply may be: give one of them"},
          {{"pangu-nano", "-p", "x", "--schema", R"({"not": {}})"},
           1,
           "#/not: this keyword is not supported"},
          {{"pangu-nano", "-p", "x", "--schema", "no-such-schema.json"}, 1, "no-such-schema.json"},
          {{"pangu-nano", "-p", "x", "--regex", "(a"}, 1, "a '(' has no ')'"},
          {{"pangu-nano", "-p", "x", "--choices", "a,,b"}, 1, "one of the choices is empty"},
          {{"pangu-nano", "-p", "x", "--grammar", (dir / "bad.gbnf").string()},
           1,
           "a '[' has no ']'"},
          {{"pangu-nano", "-p", "x", "--regex", ""}, 2, "--regex"},
      });
}

}  // namespace
}  // namespace pangu::test
