// SPDX-License-Identifier: Apache-2.0
// Grammars in llama.cpp's notation: what they accept, their masks against every token tried one by
// one, and what is refused.
#include "grammar/gbnf/gbnf_parser.h"

#include <gmock/gmock.h>

#include <random>

#include "grammar/testing/mask_check.h"
#include "pangu/grammar.h"
#include "tests/support/support.h"

namespace pangu::grammar {
namespace {

constexpr const char* kArithmetic = R"g(# sums, in lines
root  ::= (expr "=" ws term "\n"){1,3}
expr  ::= term ([-+*/] term)*
term  ::= ident | num |
          "(" ws expr ")" ws
ident ::= [a-z] [a-z0-9_]* ws
num   ::= [0-9]+ ws
ws    ::= [ \t\n]{0,6}
)g";

constexpr const char* kList = R"(
root ::= item+
item ::= "- " [^\r\n\x0b\x0c\x85\u2028\u2029]+ "\n"
)";

constexpr const char* kJson = R"(
root   ::= object
value  ::= object | array | string | number | ("true" | "false" | "null") ws
object ::= "{" ws ( string ":" ws value ("," ws string ":" ws value)* )? "}" ws
array  ::= "[" ws ( value ("," ws value)* )? "]" ws
string ::= "\"" ( [^"\\\x7F\x00-\x1F] | "\\" (["\\bfnrt] | "u" [0-9a-fA-F]{4}) )* "\"" ws
number ::= ("-"? ([0-9] | [1-9] [0-9]{0,15})) ("." [0-9]+)? ([eE] [-+]? [0-9] [1-9]{0,15})? ws
ws     ::= | " " | "\n" [ \t]{0,20}
)";

std::shared_ptr<const Tokenizer> gbnf_words() {
  static const auto words =
      std::make_shared<WordsTokenizer>(std::vector<std::string>{"a+",
                                                                "b1",
                                                                "(a",
                                                                "))",
                                                                ")=",
                                                                "= ",
                                                                " \n",
                                                                "\n ",
                                                                "\n\n",
                                                                "==",
                                                                "12",
                                                                "+(",
                                                                "{\"",
                                                                "\":",
                                                                "\": ",
                                                                "\",",
                                                                "\", \"",
                                                                "\"}",
                                                                "}}",
                                                                "]}",
                                                                "[[",
                                                                "[{",
                                                                "\\n",
                                                                "\\\"",
                                                                "\\u00",
                                                                "true",
                                                                "tru",
                                                                "null,",
                                                                "- ",
                                                                "- a",
                                                                "a\n",
                                                                "a\n- ",
                                                                "\xE2\x80",
                                                                "\xA8",
                                                                "\xC2\x85",
                                                                "的",
                                                                "的\n",
                                                                "0.5",
                                                                "e+1",
                                                                "\t\t",
                                                                "      ",
                                                                "       ",
                                                                std::string(40, ' ')});
  return words;
}

TestGrammar gbnf(std::string_view source) {
  return TestGrammar(gbnf_words(), [&](RuleSet& rules) { return add_gbnf(source, rules); });
}

TEST(Gbnf, MasksAreThoseOfEveryTokenTried) {
  std::mt19937_64 rng(test::seed());
  for (const char* source : {kArithmetic, kList, kJson}) {
    SCOPED_TRACE(source);
    TestGrammar test = gbnf(source);
    for (int walk = 0; walk < (test::takes_fewer() ? 1 : 3); ++walk) {
      check_masks_on_a_walk(test, rng, 7);
      if (testing::Test::HasFailure()) return;
    }
  }
}

TEST(Gbnf, ReadsItsNotation) {
  const auto matches = [](const char* source, std::string_view text) {
    return accepts(*gbnf(source).grammar, text);
  };
  EXPECT_TRUE(matches(kArithmetic, "a +(b1*2)= 7\n"));
  EXPECT_FALSE(matches(kArithmetic, "a +(b1*2= 7\n"));
  EXPECT_TRUE(matches(kList, "- one\n- zwölf\n"));
  EXPECT_FALSE(matches(kList, "- one\xE2\x80\xA8\n"));
  EXPECT_TRUE(matches(kJson, R"({"a": [1, 2.5e+1, {"b\u00e4": null}]})"));
  EXPECT_TRUE(matches("root ::= \"\\x41\\u0042\\U00000043\\t\\\"\\\\\"", "ABC\t\"\\"));
  EXPECT_TRUE(matches("root ::= a_b-c . # the end\na_b-c ::= [\\]\\-]{,2}", "]-x"));
  EXPECT_TRUE(matches("root ::= (\"a\"\n  | \"b\")\r\n", "b"));
  EXPECT_TRUE(matches("root ::= \"a\" |\n \"b\"+ ?", ""));
  // A rule may come back to itself behind something, and at its end as often as it likes.
  EXPECT_TRUE(matches("root ::= \"(\" root \")\" | \"a\" root | \"\"", "(a(aa))"));
  EXPECT_TRUE(matches("root ::= \"a\" root | \"b\"", std::string(3000, 'a') + "b"));
}

TEST(Gbnf, RefusesWhatIsWrong) {
  const GrammarCompiler compiler(gbnf_words());
  const std::pair<const char*, const char*> cases[] = {
      {"a ::= \"b\"", "no rule 'root'"},
      {"", "no rule 'root'"},
      {"root ::= b", "no rule 'b'"},
      {"root ::= \"a\"\nroot ::= \"b\"", "defined twice"},
      {"root = \"a\"", "'::=' was expected"},
      {"root ::= \"a", "does not end"},
      {"root ::= (\"a\"", "a '(' has no ')'"},
      {"root ::= \"a\" )", "the end of the line was expected"},
      {"root ::= [a", "a '[' has no ']'"},
      {"root ::= []", "no characters"},
      {"root ::= \"\\q\"", "escape is not known"},
      {"root ::= \"a\"{,}", "{N,M} was expected"},
      {"root ::= \"a\"{3,2}", "ends below its begin"},
      {"root ::= <[12]>", "tokens in grammars"},
      {"root ::= root \"a\" | \"b\"", "begins with itself: rule 'root' -> rule 'root'"},
      {"root ::= a\na ::= [x]* b\nb ::= a \"y\"", "rule 'a' -> rule 'b' -> rule 'a'"},
      {"root ::= \"a\" root", "no text follows rule 'root'"},
      {"!", "the name of a rule"},
  };
  for (const auto& [source, words] : cases) {
    SCOPED_TRACE(source);
    PANGU_EXPECT_ERROR(compiler.gbnf(source), InputError, words);
  }
}

TEST(Gbnf, WaysThatLeadNowhereAreNotTaken) {
  // The second alternative can never end.
  TestGrammar test = gbnf("root ::= \"a\" x | \"b\"\nx ::= \"c\" x");
  EXPECT_FALSE(accepts(*test.grammar, "a"));
  const auto constraint = test.grammar->begin();
  EXPECT_FALSE(has_token(constraint->allowed(), 'a'));
  EXPECT_TRUE(has_token(constraint->allowed(), 'b'));
}

}  // namespace
}  // namespace pangu::grammar
