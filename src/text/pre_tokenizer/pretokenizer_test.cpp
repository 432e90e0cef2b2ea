// SPDX-License-Identifier: Apache-2.0
// The stages before BPE, one by one: normalizers, splits, regular expressions.
#include "text/pre_tokenizer/pretokenizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "pangu/error.h"
#include "tests/support/support.h"
#include "text/bpe/bpe_byte_level.h"
#include "text/huggingface/tokenizer_json.h"
#include "text/pre_tokenizer/tokenizer_normalizer.h"

namespace pangu::text {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> cut(const Json& json, std::string text, bool is_first = true) {
  const auto steps = read_pre_tokenizer(JsonObject("t.json", json));
  RegexWork work(text.size());
  const Words words = pre_tokenize(std::move(text), steps, is_first, work);
  std::vector<std::string> out;
  for (std::size_t i = 0; i < words.ranges.size(); ++i) out.emplace_back(words.word(i));
  return out;
}

std::vector<std::string> split(const char* behavior, const std::string& text, bool invert = false) {
  return cut({{"type", "Split"},
              {"pattern", {{"Regex", "-"}}},
              {"behavior", behavior},
              {"invert", invert}},
             text);
}

TEST(PreTokenizer, SplitBehaviors) {
  const std::string text = "the-final--countdown";
  EXPECT_THAT(split("Removed", text), ElementsAre("the", "final", "countdown"));
  EXPECT_THAT(split("Isolated", text), ElementsAre("the", "-", "final", "-", "-", "countdown"));
  EXPECT_THAT(split("MergedWithPrevious", text), ElementsAre("the-", "final-", "-", "countdown"));
  EXPECT_THAT(split("MergedWithNext", text), ElementsAre("the", "-final", "-", "-countdown"));
  EXPECT_THAT(split("Contiguous", text), ElementsAre("the", "-", "final", "--", "countdown"));
  EXPECT_THAT(split("Removed", text, true), ElementsAre("-", "-", "-"));
  EXPECT_THAT(split("MergedWithPrevious", "-a"), ElementsAre("-", "a"));
  EXPECT_THAT(split("MergedWithNext", "a-"), ElementsAre("a", "-"));
  EXPECT_THAT(split("Removed", "--"), IsEmpty());
  EXPECT_THAT(split("Isolated", ""), IsEmpty());
}

TEST(PreTokenizer, DigitsPunctuationWhitespace) {
  const Json one = {{"type", "Digits"}, {"individual_digits", true}};
  EXPECT_THAT(cut(one, "a12\u0663b"), ElementsAre("a", "1", "2", "\u0663", "b"));
  EXPECT_THAT(cut({{"type", "Digits"}}, "a12b"), ElementsAre("a", "12", "b"));
  EXPECT_THAT(cut({{"type", "Punctuation"}}, "a+b\u3002"), ElementsAre("a", "+", "b", "\u3002"));
  EXPECT_THAT(cut({{"type", "Whitespace"}}, " ab, c!? "), ElementsAre("ab", ",", "c", "!?"));
  EXPECT_THAT(cut({{"type", "WhitespaceSplit"}}, " ab,\n c "), ElementsAre("ab,", "c"));
}

TEST(PreTokenizer, WhitespaceKeepsMarksInTheirWords) {
  const Json json = {{"type", "Whitespace"}};
  for (const char* word : {"\u0939\u093F\u0928\u094D\u0926\u0940",        // Hindi
                           "\u0E2A\u0E27\u0E31\u0E2A\u0E14\u0E35",        // Thai
                           "\u05E9\u05C1\u05B8\u05DC\u05D5\u05B9\u05DD",  // Hebrew, with points
                           "\u0BA4\u0BAE\u0BBF\u0BB4\u0BCD",              // Tamil
                           "e\u0301te\u0301", "\u2160\u24B6", "\u0645\u06CC\u200C\u062E"}) {
    EXPECT_THAT(cut(json, word), ElementsAre(word));
    EXPECT_THAT(cut(json, "(" + std::string(word) + ") "), ElementsAre("(", word, ")"));
  }
}

TEST(PreTokenizer, TheMongolianVowelSeparatorIsNoSpace) {
  const std::string text = "a\u180Eb";
  EXPECT_THAT(cut({{"type", "WhitespaceSplit"}}, text), ElementsAre(text));
  EXPECT_THAT(cut({{"type", "Whitespace"}}, text), ElementsAre("a", "\u180E", "b"));
  EXPECT_THAT(cut({{"type", "WhitespaceSplit"}}, "a\u3000b\u0085c\u2028d\u00A0e"),
              ElementsAre("a", "b", "c", "d", "e"));
}

TEST(PreTokenizer, ByteLevelCutsAsGpt2Does) {
  const Json json = {{"type", "ByteLevel"}, {"add_prefix_space", true}};
  EXPECT_THAT(cut(json, "I'm 12  km!\n"),
              ElementsAre("\u0120I", "'m", "\u012012", "\u0120", "\u0120km", "!", "\u010A"));
  const Json sequence = {{"type", "Sequence"},
                         {"pretokenizers",
                          {{{"type", "Digits"}, {"individual_digits", true}},
                           {{"type", "ByteLevel"}, {"add_prefix_space", false}}}}};
  EXPECT_THAT(cut(sequence, "a12"), ElementsAre("a", "1", "2"));
}

TEST(PreTokenizer, MetaspaceSchemes) {
  const auto metaspace = [](const char* scheme, bool is_first) {
    return cut({{"type", "Metaspace"}, {"replacement", "_"}, {"prepend_scheme", scheme}}, "a b",
               is_first);
  };
  EXPECT_THAT(metaspace("always", false), ElementsAre("_a", "_b"));
  EXPECT_THAT(metaspace("first", true), ElementsAre("_a", "_b"));
  EXPECT_THAT(metaspace("first", false), ElementsAre("a", "_b"));
  EXPECT_THAT(metaspace("never", true), ElementsAre("a", "_b"));
  const Json whole = {{"type", "Metaspace"}, {"replacement", "_"}, {"split", false}};
  EXPECT_THAT(cut(whole, " a b"), ElementsAre("_a_b"));
  const Json old = {{"type", "Metaspace"}, {"replacement", "_"}, {"add_prefix_space", false}};
  EXPECT_THAT(cut(old, "a"), ElementsAre("a"));
  for (const char* replacement : {"", "  ", "\u2581_"}) {
    const Json other = {{"type", "Metaspace"}, {"replacement", replacement}};
    PANGU_EXPECT_ERROR(cut(other, "a"), ConfigError, "replacement", "one character");
  }
}

TEST(PreTokenizer, ChainsThatMultiplyATextAreRefused) {
  const Json byte_level = {
      {"type", "ByteLevel"}, {"use_regex", false}, {"add_prefix_space", false}};
  const auto chain = [](const Json& step, int n) {
    return Json{{"type", "Sequence"},
                {"pretokenizers", std::vector<Json>(static_cast<std::size_t>(n), step)}};
  };
  const std::string text(1000, '\n');
  EXPECT_EQ(cut(chain(byte_level, 2), text).size(), 1u);
  PANGU_EXPECT_ERROR(cut(chain(byte_level, 40), text), InputError, "1000 bytes", "32256 bytes",
                     "at most 32 times");
  PANGU_EXPECT_ERROR(cut(chain(byte_level, 65), "a"), Unsupported, "t.json", "64 steps");
  const Json lower = {{"type", "Sequence"},
                      {"normalizers", std::vector<Json>(65, Json{{"type", "Lowercase"}})}};
  PANGU_EXPECT_ERROR(read_normalizer(JsonObject("t.json", lower)), Unsupported, "64 steps");
}

TEST(PreTokenizer, EmptyMatchesDoNotHang) {
  const Json json = {{"type", "Split"}, {"pattern", {{"Regex", "x*"}}}, {"behavior", "Isolated"}};
  EXPECT_THAT(cut(json, "\u00e4xx\u00f6"), ElementsAre("\u00e4", "xx", "\u00f6"));
}

std::vector<std::string> matches(const std::string& pattern, const std::string& text) {
  RegexWork work(text.size());
  std::vector<std::string> found;
  Regex(pattern, "t.json").for_each(text, work, [&](std::size_t begin, std::size_t end) {
    found.push_back(text.substr(begin, end - begin));
  });
  return found;
}

TEST(Regex, ReadsPatternsAsTheirAuthorsDid) {
  EXPECT_THAT(matches(R"(\w+)", "a\u0301b \u0915\u093F-_9"),
              ElementsAre("a\u0301b", "\u0915\u093F", "_9"));
  EXPECT_THAT(matches(R"(\W+)", "a\u0301, b"), ElementsAre(", "));
  EXPECT_THAT(matches(R"([^\W\d_]+)", "ab1\u0915\u093F_\u24B6."),
              ElementsAre("ab", "\u0915\u093F", "\u24B6"));
  EXPECT_THAT(matches(R"([\w-]+|[.\s-]+)", "a-b. -"), ElementsAre("a-b", ". -"));
  EXPECT_THAT(matches(R"([\S]+)", "a\u180E\u3000b"), ElementsAre("a\u180E", "b"));
  EXPECT_THAT(matches(R"(\b.)", "a\u0301b c"), ElementsAre("a", " ", "c"));
  EXPECT_THAT(matches(R"(\B.)", "a\u0301b c"), ElementsAre("\u0301", "b"));
  EXPECT_THAT(matches(R"(\h+|[^\h]+)", "xaF09 z"), ElementsAre("x", "aF09", " z"));
  EXPECT_THAT(matches("ba{,2}", "baaa"), ElementsAre("baa"));
  EXPECT_THAT(matches(R"([]a\]]+|&&|(?#[)\[)", "]a&&["), ElementsAre("]a", "&&", "["));
  EXPECT_THAT(matches("[[:alpha:]&]+", "a&b1"), ElementsAre("a&b"));
  PANGU_EXPECT_ERROR(Regex(" ?[^(a|[.,])]+", "t.json"), Unsupported, "t.json", "at byte 7",
                     "a class in a class");
  PANGU_EXPECT_ERROR(Regex("[a&&b]", "t.json"), Unsupported, "&&");
  PANGU_EXPECT_ERROR(Regex(std::string(65537, 'a'), "t.json"), Unsupported, "65537", "65536");
}

TEST(Regex, SpacesAtTheEndOfALineTakeLinearTime) {
  const std::string spaces(200'000, ' ');
  EXPECT_THAT(matches(R"(\s+$)", spaces + "5"), IsEmpty());
  EXPECT_THAT(matches(R"(\s+$)", spaces), ElementsAre(spaces));
  std::mt19937_64 random(test::seed());
  for (int round = 0; round < 500; ++round) {
    std::string text(random() % 12, ' ');
    for (char& c : text) c = "  \n\na"[random() % 5];
    ASSERT_EQ(matches(R"(\s+$)", text), matches(R"((?:\s+)$)", text)) << '"' << text << '"';
  }
}

TEST(Regex, ALimitOfStepsHoldsForTheWholeText) {
  const std::string pattern = "(?:a+)+b|.";
  std::string text;
  while (text.size() < 34) text += std::string(16, 'a') + "c";
  EXPECT_EQ(matches(pattern, text).size(), 34u);  // each place alone is within every limit
  while (text.size() < 3400) text += std::string(16, 'a') + "c";
  PANGU_EXPECT_ERROR(matches(pattern, text), InputError, "t.json", "(?:a+)+b|.", "3400 bytes",
                     "3700000 steps");
  // However the text is cut, all its matches share the limit.
  const Regex regex(pattern, "t.json");
  RegexWork work(17);
  const auto run = [&] {
    for (int i = 0; i < 200; ++i) {
      regex.for_each(text.substr(0, 17), work, [](std::size_t, std::size_t) {});
    }
  };
  PANGU_EXPECT_ERROR(run(), InputError, "17 bytes");
}

TEST(Regex, OrdinaryTextTakesAFractionOfTheLimit) {
  std::string text = "The 12 quick\tbrown foxes' tails, d\u00E9j\u00E0 vu!\r\n\r\n   \u4F60\u597D ";
  while (text.size() < 10'000) text += text;
  RegexWork work(text.size());
  Regex(gpt2_pattern(), "t.json").for_each(text, work, [](std::size_t, std::size_t) {});
  EXPECT_GT(work.steps(), text.size());
  EXPECT_LT(work.steps(), 30 * text.size());
}

TEST(ByteLevel, EveryByteHasOneCharacterAndBack) {
  std::string all, spelled;
  for (int b = 0; b < 256; ++b) all += static_cast<char>(b);
  append_byte_level(spelled, all);
  EXPECT_EQ(from_byte_level(spelled), all);
  EXPECT_EQ(from_byte_level("\u0120a"), " a");
  EXPECT_EQ(from_byte_level("\u3042"), "\u3042");  // outside the alphabet: itself
}

std::string rewrite(const Json& json, std::string_view text) {
  RegexWork work(text.size());
  return run_normalizer(text, read_normalizer(JsonObject("t.json", json)), work);
}

TEST(Normalizer, UnicodeForms) {
  EXPECT_EQ(rewrite({{"type", "NFC"}}, "A\u0308\u1161"), "\u00c4\u1161");
  EXPECT_EQ(rewrite({{"type", "NFD"}}, "\u00c4\ud7a3"), "A\u0308\u1112\u1175\u11c2");
  EXPECT_EQ(rewrite({{"type", "NFKC"}}, "\ufb01\uff21"), "fiA");
  EXPECT_EQ(rewrite({{"type", "NFKD"}}, "\u00bd"), "1\u20442");
  // Marks are put in canonical order: cedilla (202) before diaeresis (230).
  EXPECT_EQ(rewrite({{"type", "NFD"}}, "c\u0308\u0327"), "c\u0327\u0308");
  EXPECT_EQ(rewrite({{"type", "NFC"}}, std::string("a\0b", 3)), std::string("a\0b", 3));
}

TEST(Normalizer, AMillionMarksAreSortedInTime) {
  std::string marks = "a";
  for (int i = 0; i < 300'000; ++i) marks += "\u0308\u0327";
  const std::string sorted = rewrite({{"type", "NFD"}}, marks);
  EXPECT_EQ(sorted.size(), marks.size());
  EXPECT_EQ(sorted.substr(0, 5), "a\u0327\u0327");
}

TEST(Normalizer, OtherSteps) {
  EXPECT_EQ(rewrite({{"type", "Lowercase"}}, "\u00c4B\u0130"), "\u00e4bi\u0307");
  EXPECT_EQ(rewrite({{"type", "Strip"}}, " \u3000a b\n"), "a b");
  const Json left = {{"type", "Strip"}, {"strip_left", true}, {"strip_right", false}};
  EXPECT_EQ(rewrite(left, " a "), "a ");
  EXPECT_EQ(rewrite({{"type", "Strip"}}, "  "), "");
  EXPECT_EQ(rewrite({{"type", "Prepend"}, {"prepend", "_"}}, "a"), "_a");
  EXPECT_EQ(rewrite({{"type", "Prepend"}, {"prepend", "_"}}, ""), "");
  const Json regex = {{"type", "Replace"}, {"pattern", {{"Regex", " {2,}"}}}, {"content", "-"}};
  EXPECT_EQ(rewrite(regex, "a  b c"), "a-b c");
}

TEST(Normalizer, RefusesTextsThatExplode) {
  const Json replace = {
      {"type", "Replace"}, {"pattern", {{"String", "a"}}}, {"content", std::string(100'000, 'a')}};
  PANGU_EXPECT_ERROR(rewrite(replace, "aaa"), InputError, "3 bytes");
  // A step at a time within the limit, all together not.
  const Json twice = {{"type", "Replace"}, {"pattern", {{"String", "a"}}}, {"content", "aa"}};
  const Json chain = {{"type", "Sequence"}, {"normalizers", std::vector<Json>(40, twice)}};
  PANGU_EXPECT_ERROR(rewrite(chain, std::string(1000, 'a')), InputError, "1000 bytes", "32256");
}

}  // namespace
}  // namespace pangu::text
