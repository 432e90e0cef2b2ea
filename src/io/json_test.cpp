// SPDX-License-Identifier: Apache-2.0
#include "io/json.h"

#include <fmt/format.h>

#include <ctime>
#include <limits>
#include <string>

#include "io/option_error.h"
#include "pangu/error.h"
#include "tests/support/support.h"

namespace pangu {
namespace {

constexpr auto kMax = std::numeric_limits<std::int64_t>::max();

std::string nested(int depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

TEST(JsonObjects, SayWhereAValueCameFrom) {
  const Json json = Json::parse(R"({"a": {"b": 0}, "c": 18446744073709551615, "d": [null]})");
  const JsonObject object("f.json", json,
                          {.advice = "Mend it.", .options = {{"a.b", "--set a.b"}}});
  PANGU_EXPECT_ERROR(object.get_object("a").get_int("b", 1, 9), ConfigError,
                     "[config] --set a.b: the key a.b is 0", "Give another value.");
  PANGU_EXPECT_ERROR(object.get_int("c", 0, std::numeric_limits<std::int64_t>::max()), ConfigError,
                     "f.json: the key c", "from 0 to 9223372036854775807", "Mend it.");
  PANGU_EXPECT_ERROR(object.get_element("d", 0), ConfigError, "the key d[0] is null");
  PANGU_EXPECT_ERROR(object.get_object("a").reject_together({"x", "b"}, "They differ."),
                     OptionError, "[config] --set a.b: They differ.");
  PANGU_EXPECT_ERROR(object.reject_together({"c", "d"}, "They differ."), ConfigError,
                     "[config] f.json: They differ.");
}

TEST(Json, CommentsAreTakenWhereTheyAreAllowed) {
  const std::string text = "{ // one\n  \"a\": /* two */ 1}";
  EXPECT_EQ(parse_json(text, "f", {.allow_comments = true})["a"], 1);
  PANGU_EXPECT_ERROR(parse_json(text, "f"), FileError, "[json] f", "line 1");
}

TEST(Json, ArraysOfManyObjectsTakeTimeThatGrowsWithTheirSize) {
  // Where each end of an object cost a walk through those before, this took minutes.
  std::string text = "[";
  constexpr int kObjects = 200'000;
  for (int i = 0; i < kObjects; ++i) text += i == 0 ? R"({"a":[1]})" : R"(,{"a":[1]})";
  const std::clock_t start = std::clock();
  const Json json = parse_json(text + "]", "f");
  EXPECT_LT(static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC, 10);
  EXPECT_EQ(json.size(), kObjects);
  EXPECT_EQ(json.back(), (Json{{"a", {1}}}));
}

TEST(Json, ValuesAreThoseOfTheLibrary) {
  for (const char* text :
       {"0", "-1", "18446744073709551615", "-9223372036854775808", "1.5e-3", "true", "null",
        "\"\\u00e9\\ud83d\\ude00\"", "[]", "{}", "[[],{},[{}]]",
        " [1 , {\"a\" : [null, {\"b\": -0.0}]} ] ", "{\"b\":{\"a\":1,\"c\":[2,[3]]},\"a\":{}}"}) {
    const Json read = parse_json(text, "f"), expected = Json::parse(text);
    EXPECT_EQ(read, expected) << text;
    EXPECT_EQ(read.dump(), expected.dump()) << text;
    EXPECT_EQ(read.type(), expected.type()) << text;
  }
}

TEST(Json, ReadsAFile) {
  test::ScratchDir dir;
  test::write_file(dir / "a.json", "{\"x\": [1, 2.5, \"\\u00e9\"]}\n");
  EXPECT_EQ(read_json(dir / "a.json"), (Json{{"x", {1, 2.5, "é"}}}));
}

TEST(Json, SyntaxErrorsNameFileLineAndColumn) {
  PANGU_EXPECT_ERROR(parse_json("{\n \"a\": 1,\n oops\n}", "c.json"), FileError, "c.json", "line 3",
                     "column 2");
  for (const char* bad : {"", " ", "{", "[1,]", "{\"a\" 1}", "{} {}", "'a'", "nul", "1e999",
                          "\"\xff\"", "\"\\ud800\"", "// c\n1", "NaN"}) {
    PANGU_EXPECT_ERROR(parse_json(bad, "c.json"), FileError, "c.json", "Valid JSON was expected");
  }
}

TEST(Json, MessagesStayShortAndValidUtf8) {
  try {
    parse_json("\"" + std::string(100000, '\xc3'), "c.json");
    FAIL();
  } catch (const FileError& error) {
    EXPECT_LT(std::string_view(error.what()).size(), 2000u);
    EXPECT_NO_THROW(parse_json(Json(error.what()).dump(), "again"));
  }
}

TEST(Json, LimitsAreKept) {
  EXPECT_NO_THROW(parse_json(nested(64), "c.json"));
  PANGU_EXPECT_ERROR(parse_json(nested(65), "c.json"), FileError, "c.json", "64 levels");
  PANGU_EXPECT_ERROR(parse_json(std::string(10'000'000, '['), "c.json"), FileError, "64 levels");
  EXPECT_NO_THROW(parse_json(R"({"a":1,"b":{"c":2}})", "c.json", {.max_keys = 2}));
  PANGU_EXPECT_ERROR(parse_json(R"({"a":1,"b":2,"c":3})", "c.json", {.max_keys = 2}), FileError,
                     "more than 2 keys");
  EXPECT_NO_THROW(parse_json("[1,2,3]", "c.json", {.max_values = 4}));
  PANGU_EXPECT_ERROR(parse_json("[1,2,3]", "c.json", {.max_values = 3}), FileError,
                     "more than 3 values");
  PANGU_EXPECT_ERROR(parse_json("[1,2,3]", "c.json", {.max_bytes = 6}), FileError, "7 bytes",
                     "at most 6");
}

TEST(Json, KeysMayNotRepeatInOneObject) {
  EXPECT_NO_THROW(parse_json(R"({"a": {"a": 1}, "b": [{"a": 1}, {"a": 2}]})", "c.json"));
  PANGU_EXPECT_ERROR(parse_json(R"({"a": 1, "b": {}, "a": 2})", "c.json"), FileError, "c.json",
                     "'a'", "twice");
}

TEST(Json, RefusesWhatTheParserWouldNotSee) {
  PANGU_EXPECT_ERROR(parse_json(std::string_view("{}\0junk", 7), "c.json"), FileError,
                     "byte 2 is zero");
  PANGU_EXPECT_ERROR(parse_json("version https://git-lfs.github.com/spec/v1\noid", "c.json"),
                     FileError, "c.json", "git lfs pull");
}

class Getters : public testing::Test {
 protected:
  const Json json_ = Json::parse(R"({
    "int": 7, "negative": -7, "big": 18446744073709551615, "float": 1.5, "whole": 2.0, "text": "4096",
    "yes": true, "nothing": null, "list": [1, 2, 3], "mixed": [1, "x"], "empty": [],
    "inner": {"factor": "x", "deeper": {"n": 0}}})");
  const JsonObject object_{"c.json", json_};
};

TEST_F(Getters, ReturnValues) {
  EXPECT_EQ(object_.get_int("int", 7, 7), 7);
  EXPECT_EQ(object_.get_int("negative", -10, kMax), -7);
  EXPECT_EQ(object_.get_number("float", 0, 2), 1.5);
  EXPECT_EQ(object_.get_number("int", 0, 10), 7.0);
  EXPECT_EQ(object_.get_string("text"), "4096");
  EXPECT_TRUE(object_.get_bool("yes"));
  EXPECT_EQ(object_.get_ints("list", 1, 3), (std::vector<std::int64_t>{1, 2, 3}));
  EXPECT_EQ(object_.get_ints("int", 1, 9), (std::vector<std::int64_t>{7}));
  EXPECT_TRUE(object_.get_ints("empty", 1, 9).empty());
  EXPECT_EQ(object_.get_object("inner").get_object("deeper").get_int("n", 0, 0), 0);
}

TEST_F(Getters, FallBackOnMissingAndNull) {
  for (const char* key : {"absent", "nothing"}) {
    EXPECT_FALSE(object_.contains(key));
    EXPECT_EQ(object_.get_int_or(key, 3, 0, 9), 3);
    EXPECT_EQ(object_.get_number_or(key, 0.5, 0, 9), 0.5);
    EXPECT_EQ(object_.get_string_or(key, "d"), "d");
    EXPECT_FALSE(object_.get_bool_or(key, false));
    EXPECT_EQ(object_.find(key), nullptr);
  }
  EXPECT_EQ(object_.get_int_or("int", 3, 0, 9), 7);
  EXPECT_EQ(object_.get_number_or("float", 3, 0, 9), 1.5);
  EXPECT_EQ(object_.get_string_or("text", ""), "4096");
  EXPECT_TRUE(object_.get_bool_or("yes", false));
}

TEST_F(Getters, NameFileKeyFoundAndExpected) {
  PANGU_EXPECT_ERROR(object_.get_int("text", 1, 100), ConfigError, "c.json", "text",
                     "\"4096\" (a string)", "an integer from 1 to 100");
  PANGU_EXPECT_ERROR(object_.get_int("int", 8, kMax), ConfigError, "int is 7", "at least 8");
  PANGU_EXPECT_ERROR(object_.get_int("int", 0, 6), ConfigError, "int is 7", "from 0 to 6");
  PANGU_EXPECT_ERROR(object_.get_int("big", 0, kMax), ConfigError, "18446744073709551615");
  PANGU_EXPECT_ERROR(object_.get_int("whole", 0, 9), ConfigError, "2.0", "an integer");
  PANGU_EXPECT_ERROR(object_.get_int("absent", 0, 9), ConfigError, "absent is missing", "0 to 9");
  PANGU_EXPECT_ERROR(object_.get_int("nothing", 0, 9), ConfigError, "nothing is null");
  PANGU_EXPECT_ERROR(object_.get_number("float", 2, 3), ConfigError, "1.5", "from 2 to 3");
  PANGU_EXPECT_ERROR(object_.get_number("yes", 0, 3), ConfigError, "true (a boolean)");
  PANGU_EXPECT_ERROR(object_.get_string("int"), ConfigError, "int is 7", "a string");
  PANGU_EXPECT_ERROR(object_.get_bool("int"), ConfigError, "true or false");
  PANGU_EXPECT_ERROR(object_.get_int_or("text", 1, 0, 9), ConfigError, "a string");
  PANGU_EXPECT_ERROR(object_.get_ints("mixed", 0, 9), ConfigError, "mixed[1]", "\"x\"");
  PANGU_EXPECT_ERROR(object_.get_ints("text", 0, 9), ConfigError, "an array of such");
  PANGU_EXPECT_ERROR(object_.get_object("list"), ConfigError, "an array of 3", "an object");
  PANGU_EXPECT_ERROR(object_.get_object("inner").get_number("factor", 1, 9), ConfigError,
                     "inner.factor");
  PANGU_EXPECT_ERROR(object_.get_object("inner").get_object("deeper").get_int("n", 1, 9),
                     ConfigError, "inner.deeper.n is 0");
  PANGU_EXPECT_ERROR(object_.reject("int", "a prime below 7"), ConfigError, "a prime below 7");
  const Json list = Json::array();
  PANGU_EXPECT_ERROR(JsonObject("c.json", list), ConfigError, "c.json", "an array of 0");
}

TEST(Json, DescribeClipsLongTextAtACharacter) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "é";
  EXPECT_EQ(describe("x" + text).size(), std::string("\"x...\" (a string)").size() + 78);
  EXPECT_EQ(describe(Json::object()), "an object with 0 keys");
}

}  // namespace
}  // namespace pangu
