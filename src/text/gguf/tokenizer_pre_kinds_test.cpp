// SPDX-License-Identifier: Apache-2.0
// The words that each named way of cutting makes of a text, taken from the regular expressions by
// hand.
#include "text/gguf/tokenizer_pre_kinds.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/support/support.h"
#include "text/pre_tokenizer/pretokenizer.h"

namespace pangu::text {
namespace {

using testing::ElementsAre;

std::vector<std::string> words_of(std::string_view name, std::string text) {
  const PreKind* kind = find_pre_kind(name);
  if (!kind) return {"there is no " + std::string(name)};
  std::vector<PreTokenizerStep> steps;
  for (const std::string_view pattern : kind->patterns) {
    steps.push_back(SplitStep{Regex(pattern, "m.gguf"), SplitBehavior::kIsolated, false});
  }
  RegexWork work(text.size());
  const Words words = pre_tokenize(std::move(text), steps, true, work);
  std::vector<std::string> out;
  for (std::size_t i = 0; i < words.ranges.size(); ++i) out.emplace_back(words.word(i));
  return out;
}

constexpr const char* kHindi = "\u0939\u093F\u0928\u094D\u0926\u0940";

TEST(PreKinds, NamesAreUniqueAndPatternsCompile) {
  std::set<std::string_view> names;
  for (const PreKind& kind : pre_kinds()) {
    EXPECT_TRUE(names.insert(kind.name).second) << kind.name;
    EXPECT_FALSE(words_of(kind.name, "a 1\n").empty()) << kind.name;
  }
}

TEST(PreKinds, Llama3AndThoseThatShareItsPattern) {
  for (const char* name : {"llama-bpe", "falcon3", "smaug-bpe"}) {
    EXPECT_THAT(words_of(name, "don't 12345"), ElementsAre("don", "'t", " ", "123", "45")) << name;
  }
  EXPECT_TRUE(find_pre_kind("falcon3")->ignore_merges);
  EXPECT_TRUE(find_pre_kind("falcon3")->add_bos);
  EXPECT_FALSE(find_pre_kind("smaug-bpe")->ignore_merges);
}

TEST(PreKinds, Tekken) {
  EXPECT_THAT(words_of("tekken", "Hello WORLD camelCase HTTPServer 123 don't a/b\n\n  x"),
              ElementsAre("Hello", " WORLD", " camel", "Case", " HTTPServer", " ", "1", "2", "3",
                          " don", "'t", " a", "/b", "\n\n", " ", " x"));
  EXPECT_THAT(words_of("tekken", std::string(kHindi) + ")/\n"), ElementsAre(kHindi, ")/\n"));
  EXPECT_TRUE(find_pre_kind("tekken")->ignore_merges);
  EXPECT_TRUE(find_pre_kind("tekken")->add_bos);
}

TEST(PreKinds, Gpt4o) {
  EXPECT_THAT(words_of("gpt-4o", "don't HELLO'S 1234 iPhone"),
              ElementsAre("don't", " HELLO'S", " ", "123", "4", " i", "Phone"));
  EXPECT_EQ(words_of("llama4", "aB'llC"), words_of("gpt-4o", "aB'llC"));
}

TEST(PreKinds, Qwen35KeepsMarksWithTheirLetters) {
  EXPECT_THAT(words_of("qwen35", std::string(kHindi) + " 12"), ElementsAre(kHindi, " ", "1", "2"));
  EXPECT_THAT(words_of("qwen2", kHindi),
              ElementsAre("\u0939", "\u093F\u0928", "\u094D\u0926", "\u0940"));
  EXPECT_TRUE(find_pre_kind("qwen35")->nfc);
}

TEST(PreKinds, Deepseek) {
  for (const char* name : {"deepseek-llm", "deepseek-coder"}) {
    EXPECT_THAT(words_of(name, "Hello world, \u4F60\u597D 123\n"),
                ElementsAre("Hello", " world", ",", " ", "\u4F60\u597D", " ", "1", "2", "3", "\n"))
        << name;
  }
  // Letters with case and without, symbols, and spaces at the end, which one has and one has not.
  // Its "punctuation" runs from the colon to the tilde, with the letters of ASCII between.
  EXPECT_THAT(words_of("deepseek-llm", "\u03A3\u03B1 \u03B1b \u05D0 =\uFF01  "),
              ElementsAre("\u03A3\u03B1", " \u03B1", "b", " \u05D0", " =\uFF01", "  "));
  EXPECT_THAT(words_of("deepseek-coder", "\u03A3a \u05D0b =!  "),
              ElementsAre("\u03A3a", " \u05D0b", " =", "!", "  "));
  EXPECT_THAT(words_of("deepseek-v3", "Hello 12345 \u4F60\u597D foo_bar #tag\n"),
              ElementsAre("Hello", " ", "123", "45", " ", "\u4F60\u597D", " foo", "_bar", " #",
                          "tag", "\n"));
}

TEST(PreKinds, LongRunsStayWithinTheLimits) {
  for (const PreKind& kind : pre_kinds()) {
    for (const char* part : {" ", "A", "\u4E2D", "\u0301", "\n", "7", "!", "'", "Aa "}) {
      std::string text;
      while (text.size() < 4'000) text += part;
      std::string joined;
      for (const std::string& word : words_of(kind.name, text + "7")) joined += word;
      ASSERT_EQ(joined, text + "7") << kind.name << " '" << part << "'";
    }
  }
}

}  // namespace
}  // namespace pangu::text
