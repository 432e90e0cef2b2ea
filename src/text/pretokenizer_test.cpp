// SPDX-License-Identifier: Apache-2.0
// The stages before BPE, one by one: normalizers, splits, regular expressions.
#include "text/pretokenizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pangu/error.h"
#include "tests/support/support.h"
#include "text/bpe_byte_level.h"
#include "text/tokenizer_json.h"
#include "text/tokenizer_normalizer.h"

namespace pangu::text {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> cut(const Json& json, std::string text, bool is_first = true) {
  const auto steps = read_pre_tokenizer(JsonObject("t.json", json));
  const Words words = pre_tokenize(std::move(text), steps, is_first);
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
}

TEST(PreTokenizer, EmptyMatchesDoNotHang) {
  const Json json = {{"type", "Split"}, {"pattern", {{"Regex", "x*"}}}, {"behavior", "Isolated"}};
  EXPECT_THAT(cut(json, "\u00e4xx\u00f6"), ElementsAre("\u00e4", "xx", "\u00f6"));
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
  return run_normalizer(text, read_normalizer(JsonObject("t.json", json)));
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
}

}  // namespace
}  // namespace pangu::text
