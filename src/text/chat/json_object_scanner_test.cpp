// SPDX-License-Identifier: Apache-2.0
// Objects read byte by byte, against a strict parser.
#include "text/chat/json_object_scanner.h"

#include <nlohmann/json.hpp>
#include <random>

#include "tests/support/support.h"

namespace pangu {
namespace {

using Step = JsonObjectScanner::Step;

/// What becomes of a text: the object as far as it was passed on, and the bytes that were taken.
struct Scanned {
  std::string out;
  std::size_t taken = 0;
  Step last = Step::kMore;
};

Scanned scan(std::string_view text) {
  JsonObjectScanner scanner;
  Scanned s;
  for (const char c : text) {
    s.last = scanner.push(c, s.out);
    if (s.last == Step::kBad) return s;
    ++s.taken;
    if (s.last == Step::kDone) return s;
  }
  return s;
}

/// Objects and what is nearly one, from pieces that make both likely.
std::string random_text(std::mt19937_64& random) {
  static const std::vector<std::string> parts = {"{",
                                                 "}",
                                                 "[",
                                                 "]",
                                                 ",",
                                                 ":",
                                                 "\"a\"",
                                                 "\"b\":",
                                                 "1",
                                                 "-0.5e-3",
                                                 "00",
                                                 "true",
                                                 "null",
                                                 "nul",
                                                 " ",
                                                 "\n",
                                                 "\"\\n\\u00e9\"",
                                                 "\"x\\\"{\"",
                                                 "{\"k\":[1,{}]}",
                                                 ".",
                                                 "E-",
                                                 "北"};
  std::string text = "{";
  for (std::size_t n = random() % 10; n > 0; --n) text += parts[random() % parts.size()];
  return text + (random() % 2 == 0 ? "}" : "");
}

TEST(JsonObjectScanner, TakesWhatAStrictParserTakes) {
  std::mt19937_64 random(test::seed());
  int whole = 0;
  for (int round = 0; round < 20'000; ++round) {
    const std::string text = random_text(random);
    const Scanned s = scan(text);
    const std::size_t blanks_from = text.find_last_not_of(" \n") + 1;
    const bool is_whole = s.last == Step::kDone && s.taken == blanks_from;
    ASSERT_EQ(is_whole, nlohmann::json::accept(text)) << text;
    EXPECT_EQ(s.out, text.substr(0, s.taken)) << text;
    whole += is_whole ? 1 : 0;
    // What was taken can be gone on with, so brackets that close it make an object.
    JsonObjectScanner scanner;
    std::string out;
    for (const char c : text.substr(0, s.taken)) scanner.push(c, out);
    if (const auto closers = scanner.closers()) {
      EXPECT_TRUE(nlohmann::json::accept(out + *closers)) << out;
    }
  }
  EXPECT_GT(whole, 500);
}

TEST(JsonObjectScanner, EndsWithItsBrace) {
  EXPECT_EQ(scan("{} }").taken, 2u);
  EXPECT_EQ(scan("{\"a\": {\"b\": \"}\"}}]").taken, 17u);
  EXPECT_EQ(scan("[1]").last, Step::kBad);
  EXPECT_EQ(scan("\"a\"").last, Step::kBad);
  EXPECT_EQ(scan(" {}").last, Step::kBad);
}

TEST(JsonObjectScanner, MendsControlCharactersAndBackslashes) {
  EXPECT_EQ(scan("{\"a\":\"x\ny\t\x01\"}").out, R"({"a":"x\ny\t\u0001"})");
  EXPECT_EQ(scan(R"({"a":"\d+\.\'"})").out, R"({"a":"\\d+\\.\\'"})");
  EXPECT_EQ(scan(R"({"a":"\u12é"})").out, R"({"a":"\\u12é"})");
  EXPECT_EQ(scan(R"({"a":"\u12"})").out, R"({"a":"\\u12"})");
  EXPECT_EQ(scan(R"({"a":"\\\"\u00e9\/"})").out, R"({"a":"\\\"\u00e9\/"})");
  EXPECT_EQ(scan("{\"a\n\":1}").out, R"({"a\n":1})");
}

TEST(JsonObjectScanner, NestsNoDeeperThanAConversationMay) {
  const auto nested = [](std::size_t depth) {
    std::string text = "{\"a\":";
    for (std::size_t i = 1; i < depth; ++i) text += "[";
    return text + "1";
  };
  EXPECT_EQ(scan(nested(JsonObjectScanner::kMaxDepth)).last, Step::kMore);
  EXPECT_EQ(scan(nested(JsonObjectScanner::kMaxDepth + 1)).last, Step::kBad);
}

TEST(JsonObjectScanner, SaysWhatWouldEndIt) {
  const auto closers = [](std::string_view text) {
    JsonObjectScanner scanner;
    std::string out;
    for (const char c : text) scanner.push(c, out);
    return scanner.closers().value_or("none");
  };
  EXPECT_EQ(closers(R"({"a":[{"b":1)"), "}]}");
  EXPECT_EQ(closers(R"({"a":[{"b":"x")"), "}]}");
  for (const char* unfinished : {"{", R"({"a)", R"({"a")", R"({"a":)", R"({"a":"x)", R"({"a":1,)",
                                 R"({"a":-)", R"({"a":tr)"}) {
    EXPECT_EQ(closers(unfinished), "none") << unfinished;
  }
}

TEST(JsonObjectScanner, FindsTheOneObjectOfAText) {
  EXPECT_EQ(json_object_in(" {\"a\":\"b\nc\"}\n"), R"({"a":"b\nc"})");
  for (const char* none : {"", " ", "1", "{", "{} {}", "[{}]"}) {
    EXPECT_EQ(json_object_in(none), std::nullopt) << none;
  }
}

}  // namespace
}  // namespace pangu
