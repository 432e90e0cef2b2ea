// SPDX-License-Identifier: Apache-2.0
// Grammars as callers make them: choices, real vocabularies, limits, what replies share.
#include <gmock/gmock.h>

#include <random>
#include <thread>

#include "grammar/compiled_grammar.h"
#include "grammar/regex/regex_parser.h"
#include "grammar/testing/mask_check.h"
#include "io/ordered_json.h"
#include "pangu/grammar.h"
#include "tests/support/support.h"

namespace pangu {
namespace {

using grammar::accepts;
using grammar::has_token;
using grammar::WordsTokenizer;

std::shared_ptr<const Tokenizer> some_words() {
  return std::make_shared<WordsTokenizer>(
      std::vector<std::string>{"yes", "ye", "no", "north", "ä", "\xC3"});
}

TEST(GrammarCompiler, ChoicesAreTheTextsThatWereGiven) {
  const GrammarCompiler compiler(some_words());
  const std::vector<std::string> texts = {"no", "yes", "north", "north by", "ä", "no"};
  const auto choices = compiler.choices(texts);
  for (const std::string& text : texts) EXPECT_TRUE(accepts(*choices, text));
  for (const char* text : {"", "n", "nor", "yess", "\xC3"}) EXPECT_FALSE(accepts(*choices, text));
  const auto reply = choices->begin();
  EXPECT_FALSE(reply->push('x'));
  EXPECT_TRUE(reply->push(256));  // "yes"
  EXPECT_TRUE(reply->may_end());
  EXPECT_THAT(reply->allowed(), testing::Each(0u));
  EXPECT_FALSE(reply->push('s'));
  EXPECT_FALSE(reply->push(-1));
  EXPECT_FALSE(reply->push(1000));
  EXPECT_FALSE(reply->push(262));  // the end is no text
  EXPECT_TRUE(reply->may_end());
  std::vector<std::string> many;
  for (int i = 0; i < 3000; ++i) many.push_back("choice " + std::to_string(i * 7919 % 10007));
  const auto large = compiler.choices(many);
  EXPECT_TRUE(accepts(*large, many[1234]));
  EXPECT_FALSE(accepts(*large, "choice 10008"));
  PANGU_EXPECT_ERROR(compiler.choices({}), InputError, "no choices");
  PANGU_EXPECT_ERROR(compiler.choices(std::vector<std::string>{"a", ""}), InputError, "empty");
  PANGU_EXPECT_ERROR(compiler.choices(std::vector<std::string>{"\xFF"}), InputError, "choice");
}

TEST(GrammarCompiler, KeepsTheGrammarsThatWereAskedForLast) {
  const GrammarCompiler compiler(some_words(), {.kept = 2});
  const std::vector<std::string> texts = {"yes", "no"}, joined = {"yes2:no"};
  const auto choices = compiler.choices(texts);
  EXPECT_EQ(compiler.choices(texts), choices);
  EXPECT_NE(compiler.choices(joined), choices);
  EXPECT_EQ(compiler.choices(texts), choices);
  // A regular expression and a schema may look alike.
  const auto regex = compiler.regex("true");
  const auto schema = compiler.json_schema("true");
  EXPECT_NE(regex, schema);
  EXPECT_TRUE(accepts(*regex, "true"));
  EXPECT_FALSE(accepts(*regex, "1"));
  EXPECT_TRUE(accepts(*schema, "1"));
  EXPECT_NE(compiler.choices(texts), choices) << "two others came since";
  const GrammarCompiler none(some_words(), {.kept = 0});
  EXPECT_NE(none.regex("a"), none.regex("a"));
}

TEST(GrammarCompiler, AnyObjectIsJson) {
  const GrammarCompiler compiler(some_words());
  const auto object = compiler.json_object();
  EXPECT_TRUE(accepts(*object, R"({"a": [1, {"b": "\u00e4"}], "c": null})"));
  EXPECT_TRUE(accepts(*object, "{}"));
  EXPECT_FALSE(accepts(*object, "[1]"));
  EXPECT_FALSE(accepts(*object, "{} "));
  // Nesting has no bound of its own.
  EXPECT_TRUE(accepts(*object, R"({"a":)" + std::string(500, '[') + std::string(500, ']') + "}"));
}

TEST(GrammarCompiler, LimitsHold) {
  const auto limited = [](GrammarLimits limits) { return GrammarCompiler(some_words(), limits); };
  PANGU_EXPECT_ERROR(limited({.max_bytes = 10}).regex("aaaaaaaaaaa"), InputError,
                     "regular expression has 11 bytes; at most 10");
  PANGU_EXPECT_ERROR(limited({.max_bytes = 10}).json_schema(R"({"type": "null"})"), InputError,
                     "the schema");
  PANGU_EXPECT_ERROR(limited({.max_bytes = 10}).gbnf("root ::= \"a\""), InputError, "the grammar");
  PANGU_EXPECT_ERROR(limited({.max_bytes = 3}).choices(std::vector<std::string>{"ab", "cd"}),
                     InputError, "list of choices has 4 bytes");
  PANGU_EXPECT_ERROR(limited({.max_states = 50}).regex("(a|b|c){1,4}(a|b|c){1,4}"), InputError,
                     "more than 50 states");
  PANGU_EXPECT_ERROR(limited({.max_repetitions = 20}).regex("a{21}"), InputError, "at most 20");
  PANGU_EXPECT_ERROR(limited({.max_depth = 3}).regex("((((a))))"), InputError, "nest too deeply");
  PANGU_EXPECT_ERROR(
      limited({.compile_time = std::chrono::milliseconds(0)}).regex(std::string(3000, 'a')),
      InputError, "longer than 0 ms");
  // Nested repetitions that multiply: it is the states that end it, however slow the machine is.
  PANGU_EXPECT_ERROR(limited({.compile_time = std::chrono::minutes(10)})
                         .regex("((((((((((((a{4}){4}){4}){4}){4}){4}){4}){4}){4}){4}){4}){4})"),
                     InputError, "states");
}

TEST(GrammarCompiler, AmbiguityIsRefusedWhileItIsFollowed) {
  const GrammarCompiler compiler(some_words(), {.max_ways = 30});
  const auto grammar =
      compiler.gbnf("root ::= x\nx ::= \"a\" | \"a\" x \"b\" | \"a\" x \"c\" | \"a\" x x");
  const auto reply = grammar->begin();
  PANGU_EXPECT_ERROR(
      {
        for (int i = 0; i < 40; ++i) reply->push('a');
      },
      InputError, "too ambiguous", "30 ways");
  // Words that run into each other are parted in one way.
  EXPECT_TRUE(accepts(*compiler.regex("([a-z]+ ?){1,5000}"), std::string(3000, 'a')));
  // Others go on.
  EXPECT_TRUE(accepts(*grammar, "a"));
}

TEST(GrammarCompiler, ASmallCacheChangesNothing) {
  const auto words = some_words();
  const char* schema = R"({"type": "array", "items": {"type": "string", "maxLength": 50}})";
  const auto large = GrammarCompiler(words).json_schema(schema);
  const auto small = GrammarCompiler(words, {.cache_bytes = 5000}).json_schema(schema);
  std::mt19937_64 rng(test::seed());
  const auto a = large->begin(), b = small->begin();
  const auto idle = small->begin();  // and is not lost meanwhile
  for (int step = 0; step < 300; ++step) {
    const auto mask = a->allowed();
    ASSERT_THAT(b->allowed(), testing::ElementsAreArray(mask));
    ASSERT_EQ(a->may_end(), b->may_end());
    std::vector<TokenId> all;
    for (TokenId id = 0; id < words->vocab_size(); ++id) {
      if (has_token(mask, id)) all.push_back(id);
    }
    if (all.empty()) break;
    const TokenId id = all[rng() % all.size()];
    ASSERT_TRUE(a->push(id) && b->push(id));
  }
  EXPECT_TRUE(idle->push('['));
  EXPECT_FALSE(idle->push('x'));
}

TEST(GrammarCompiler, RepliesOfSeveralThreadsShareAGrammar) {
  const auto words = some_words();
  const auto grammar =
      GrammarCompiler(words, {.cache_bytes = 200'000}).regex("(yes|no|north){1,200}");
  const auto walk = [&](unsigned seed) {
    std::mt19937_64 rng(seed);
    const auto reply = grammar->begin();
    std::vector<TokenId> ids;
    for (int step = 0; step < 60; ++step) {
      const auto mask = reply->allowed();
      std::vector<TokenId> all;
      for (TokenId id = 0; id < words->vocab_size(); ++id) {
        if (has_token(mask, id)) all.push_back(id);
      }
      ids.push_back(all[rng() % all.size()]);
      reply->push(ids.back());
    }
    return ids;
  };
  std::vector<std::vector<TokenId>> got(4);
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < 4; ++i) threads.emplace_back([&, i] { got[i] = walk(i); });
  for (std::thread& thread : threads) thread.join();
  for (unsigned i = 0; i < 4; ++i) EXPECT_EQ(got[i], walk(i));
}

/// Of several kinds: byte-level, SentencePiece with byte tokens.
TEST(GrammarCompiler, MasksOfRealVocabulariesAreThoseOfEveryTokenTried) {
  PANGU_NEEDS_SHARED_DATA();
  for (const char* model : {"stories260K", "pangu-embedded-tiny"}) {
    const auto tokenizer = load_tokenizer(test::shared_dir() / "models" / model);
    grammar::TestGrammar test(tokenizer, [](grammar::RuleSet& rules) {
      return rules.add("regex",
                       grammar::add_regex(" ?(the|[A-Z][a-z]{2,9}| [^ .]{1,4})+\\.\n*", rules));
    });
    std::mt19937_64 rng(test::seed());
    for (int i = 0; i < (test::takes_fewer() ? 1 : 2); ++i) {
      grammar::check_masks_on_a_walk(test, rng, tokenizer->vocab_size() > 5000 ? 1 : 4);
    }
  }
}

}  // namespace
}  // namespace pangu
