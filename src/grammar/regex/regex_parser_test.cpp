// SPDX-License-Identifier: Apache-2.0
// Regular expressions against std::regex, and their masks against every token tried one by one.
#include "grammar/regex/regex_parser.h"

#include <gmock/gmock.h>

#include <random>
#include <regex>

#include "grammar/testing/mask_check.h"
#include "pangu/grammar.h"
#include "tests/support/support.h"

namespace pangu::grammar {
namespace {

std::shared_ptr<const Tokenizer> regex_words() {
  static const auto words =
      std::make_shared<WordsTokenizer>(std::vector<std::string>{"ab",
                                                                "abc",
                                                                "aa",
                                                                "aaa",
                                                                "aaaa",
                                                                "bb",
                                                                "bc",
                                                                "cab",
                                                                "cc",
                                                                "ac",
                                                                "abab",
                                                                "a-",
                                                                "12",
                                                                "2024",
                                                                "-0",
                                                                "0-1",
                                                                "ä",
                                                                "äb",
                                                                "\xC3",
                                                                "\xA4"
                                                                "b",
                                                                "的",
                                                                "的a",
                                                                "\xE7\x9A",
                                                                "\n",
                                                                "a\n",
                                                                "ba",
                                                                "caa",
                                                                std::string(40, 'a'),
                                                                std::string(33, 'a') + "b",
                                                                std::string(50, 'a') + "c"});
  return words;
}

TestGrammar grammar_of(std::string_view expression) {
  return TestGrammar(regex_words(), [&](RuleSet& rules) {
    return rules.add("regex", add_regex(expression, rules));
  });
}

/// An expression that both sides read alike.
std::string random_expression(std::mt19937_64& rng, int depth) {
  const auto atom = [&]() -> std::string {
    static const char* const kAtoms[] = {"a", "b",     "c",   "[ab]",  "[^a]",
                                         ".", "[a-c]", "\\w", "(?:bc)"};
    if (depth == 0 || rng() % 3 != 0) return kAtoms[rng() % std::size(kAtoms)];
    return "(" + random_expression(rng, depth - 1) + ")";
  };
  static const char* const kRepeats[] = {"",    "",      "",      "*",    "+",    "?",
                                         "{2}", "{1,3}", "{0,6}", "{5,}", "{2,7}"};
  std::string out;
  for (std::size_t parts = 1 + rng() % 3; parts > 0; --parts) {
    out += atom() + kRepeats[rng() % std::size(kRepeats)];
  }
  if (rng() % 4 == 0) out += "|" + atom();
  return out;
}

TEST(GrammarRegex, AcceptsWhatStdRegexMatches) {
  std::mt19937_64 rng(test::seed());
  const auto rounds = test::number_from("PANGU_TEST_GRAMMARS", 60);
  int matched = 0;
  for (std::int64_t round = 0; round < rounds; ++round) {
    const std::string expression = random_expression(rng, 2);
    // libstdc++'s matcher that does not backtrack: the other takes minutes for ((a{0,6}){5,})*.
    const std::regex want(expression, std::regex::ECMAScript | std::regex_constants::__polynomial);
    const TestGrammar test = grammar_of(expression);
    for (int text = 0; text < 60; ++text) {
      std::string letters;
      for (std::size_t n = rng() % 9; n > 0; --n) letters += "abcd"[rng() % 4];
      const bool is_match = std::regex_match(letters, want);
      ASSERT_EQ(accepts(*test.grammar, letters), is_match) << expression << " of " << letters;
      matched += is_match ? 1 : 0;
    }
  }
  EXPECT_GT(matched, rounds);  // or nothing was tested
}

TEST(GrammarRegex, MasksAreThoseOfEveryTokenTried) {
  std::mt19937_64 rng(test::seed());
  std::vector<std::string> expressions = {
      "a{3,50}b?",      "a{40,}",     "(a|b){2,90}c", "(ab?){6,8}", "((a{5,6}b){7,9}c)?",
      "([ab]+){3,60}c", "[^b]{1,45}", "ä+|的*",       ".*",         "\\d{4}-\\d{2}",
      "(a?){5,9}b"};
  for (int i = 0; i < (test::takes_fewer() ? 2 : 6); ++i)
    expressions.push_back(random_expression(rng, 2));
  for (const std::string& expression : expressions) {
    SCOPED_TRACE(expression);
    TestGrammar test = grammar_of(expression);
    for (int walk = test::takes_fewer() ? 1 : 0; walk < 2; ++walk)
      check_masks_on_a_walk(test, rng, 4);
    if (testing::Test::HasFailure()) return;
  }
}

TEST(GrammarRegex, ReadsItsNotation) {
  const auto matches = [](std::string_view expression, std::string_view text) {
    return accepts(*grammar_of(expression).grammar, text);
  };
  EXPECT_TRUE(matches("^(?<year>\\d{4})-(?P<month>\\d\\d)$", "2024-05"));
  EXPECT_TRUE(matches("a*?b+?", "aab"));
  EXPECT_TRUE(matches("\\x41\\u0042\\u{43}\\n\\.\\]", "ABC\n.]"));
  EXPECT_TRUE(matches("[\\d\\-x-z]+", "1-y"));
  EXPECT_TRUE(matches("[^\\s]+", "ä的"));
  EXPECT_FALSE(matches(".", "\n"));
  EXPECT_FALSE(matches("\\S", " "));
  EXPECT_TRUE(matches("a]}", "a]}"));
  EXPECT_TRUE(matches("|a", ""));
  EXPECT_FALSE(matches("a{2,3}", "aaaa"));
}

TEST(GrammarRegex, RefusesWhatItCannotMatch) {
  const GrammarCompiler compiler(regex_words());
  const std::pair<const char*, const char*> cases[] = {
      {"a(b", "a '(' has no ')'"},
      {"a)b", "a ')' has no '('"},
      {"[ab", "a '[' has no ']'"},
      {"a[]", "no characters"},
      {"*a", "nothing to repeat"},
      {"a**", "nothing to repeat"},
      {"a*+", "possessive"},
      {"a{2,1}", "ends below its begin"},
      {"a{x}", "{N,M} was expected"},
      {"a{9999999999}", "too large"},
      {"a{200000}", "at most 100000"},
      {"(?=a)b", "looking ahead"},
      {"(?<!a)b", "looking ahead or behind"},
      {"(?i)a", "flags"},
      {"(a)\\1", "references"},
      {"\\bword", "borders"},
      {"\\p{L}", "properties"},
      {"\\q", "escape is not supported"},
      {"\\u12", "lacks hexadecimal digits"},
      {"\\uD83D", "names no character"},
      {"a(^b)", "two ends"},
      {"a$b", "two ends"},
      {"[z-a]", "goes backwards"},
      {"[a-\\d]", "ends with a class"},
      {"[[:alpha:]]", "named classes"},
      {"a\xFF", "the regular expression"},
  };
  for (const auto& [expression, words] : cases) {
    SCOPED_TRACE(expression);
    PANGU_EXPECT_ERROR(compiler.regex(expression), InputError, words);
  }
  PANGU_EXPECT_ERROR(compiler.regex("ab(cd"), InputError, "character 3 (at '(cd')");
  PANGU_EXPECT_ERROR(compiler.regex(std::string(100, '(') + "a" + std::string(100, ')')),
                     InputError, "groups nest too deeply");
}

}  // namespace
}  // namespace pangu::grammar
