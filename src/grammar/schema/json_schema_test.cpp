// SPDX-License-Identifier: Apache-2.0
// Grammars of JSON schemas against a validator: what is drawn from the masks is JSON that satisfies
// the schema, and documents that satisfy it are accepted.
#include "grammar/schema/json_schema.h"

#include <gmock/gmock.h>

#include <random>

#include "grammar/testing/mask_check.h"
#include "grammar/testing/schema_validator.h"
#include "pangu/grammar.h"
#include "tests/support/support.h"

namespace pangu::grammar {
namespace {

std::shared_ptr<const Tokenizer> json_words() {
  static const auto words =
      std::make_shared<WordsTokenizer>(std::vector<std::string>{"{\"",
                                                                "\":",
                                                                "\": ",
                                                                "\", \"",
                                                                ", \"",
                                                                "\"}",
                                                                "}}",
                                                                "\"]",
                                                                "]}",
                                                                "],",
                                                                "[[",
                                                                "[{",
                                                                "[\"",
                                                                "{}",
                                                                "[]",
                                                                "true",
                                                                "false",
                                                                "null",
                                                                "nul",
                                                                "name",
                                                                "\"name",
                                                                "\"name\": ",
                                                                "nä",
                                                                "\xC3",
                                                                "\xA4me",
                                                                "12",
                                                                "-1",
                                                                "0.",
                                                                ".5",
                                                                "125",
                                                                "00",
                                                                "e+",
                                                                "\\\"",
                                                                "\\n",
                                                                "\\u00",
                                                                "\\ud8",
                                                                "的",
                                                                "\xE7\x9A",
                                                                "😀",
                                                                "\xF0\x9F",
                                                                "red",
                                                                "green\"",
                                                                "items\":[",
                                                                "a\",",
                                                                "}, {",
                                                                " ",
                                                                "  ",
                                                                "aaaaaaaa",
                                                                std::string(36, 'a'),
                                                                std::string(33, ' ')});
  return words;
}

TestGrammar schema_grammar(const OrderedJson& schema) {
  return TestGrammar(json_words(),
                     [&](RuleSet& rules) { return add_json_schema(schema.dump(), rules); });
}

bool schema_accepts(const OrderedJson& schema, std::string_view text) {
  return accepts(*schema_grammar(schema).grammar, text);
}

/// A text drawn from the masks, which comes to an end by a liking for what closes; empty if it does
/// not within some hundred tokens.
std::string drawn_text(const TestGrammar& test, std::mt19937_64& rng) {
  const auto constraint = test.grammar->begin();
  std::string text;
  for (int step = 0; step < 600; ++step) {
    const auto mask = constraint->allowed();
    std::vector<TokenId> all;
    for (TokenId id = 0; id < test.tokenizer->vocab_size(); ++id) {
      if (has_token(mask, id)) all.push_back(id);
    }
    if (constraint->may_end() && (all.empty() || rng() % 4 == 0)) return text;
    if (all.empty()) {
      ADD_FAILURE() << "nothing goes on from " << text;
      return {};
    }
    TokenId id = all[rng() % all.size()];
    for (const char close : {'"', '}', ']'}) {
      if (rng() % 3 == 0 && has_token(mask, close)) id = close;
    }
    EXPECT_TRUE(constraint->push(id));
    text += test.tokenizer->bytes(id);
  }
  return {};
}

void expect_drawn_texts_fit(const OrderedJson& schema, std::mt19937_64& rng, int draws,
                            int& whole) {
  const TestGrammar test = schema_grammar(schema);
  const SchemaValidator validator(schema);
  for (int draw = 0; draw < draws; ++draw) {
    const std::string text = drawn_text(test, rng);
    if (text.empty()) continue;
    ++whole;
    const OrderedJson document = OrderedJson::parse(text, nullptr, false);
    ASSERT_FALSE(document.is_discarded()) << schema << "\n" << text;
    ASSERT_TRUE(validator.is_valid(document)) << schema << "\n" << text;
  }
}

/// As people write it, with a blank behind commas and colons, or without.
std::string written(const OrderedJson& value, bool has_blanks) {
  const char* blank = has_blanks ? " " : "";
  if (!value.is_structured()) return value.dump();
  std::string out;
  for (const auto& [name, member] : value.items()) {
    if (!out.empty()) out += std::string(",") + blank;
    if (value.is_object()) out += OrderedJson(name).dump() + ":" + blank;
    out += written(member, has_blanks);
  }
  return value.is_object() ? "{" + out + "}" : "[" + out + "]";
}

TEST(JsonSchema, RandomSchemasHoldWhatIsDrawnAndTakeWhatIsValid) {
  std::mt19937_64 rng(test::seed());
  SchemaDraw draw(rng);
  const auto rounds = test::number_from("PANGU_TEST_GRAMMARS", test::takes_fewer() ? 15 : 120);
  int whole = 0;
  for (std::int64_t round = 0; round < rounds; ++round) {
    const OrderedJson schema = draw.schema(3);
    expect_drawn_texts_fit(schema, rng, 4, whole);
    const TestGrammar test = schema_grammar(schema);
    const SchemaValidator validator(schema);
    for (int i = 0; i < 10; ++i) {
      const OrderedJson document = draw.document(schema);
      ASSERT_TRUE(validator.is_valid(document)) << schema << "\n" << document;
      ASSERT_TRUE(accepts(*test.grammar, written(document, i % 2 == 0))) << schema << "\n"
                                                                         << document;
    }
    if (testing::Test::HasFailure()) return;
  }
  EXPECT_GT(whole, rounds * 2);  // or little was tested
}

const OrderedJson kTree = OrderedJson::parse(R"({
  "$schema": "https://json-schema.org/draft/2020-12/schema", "title": "A tree",
  "$defs": {"node": {"type": "object", "description": "One of them",
    "properties": {"value": {"type": "integer", "minimum": -5, "maximum": 120},
                   "kind": {"enum": ["leaf", "branch"]},
                   "children": {"type": "array", "items": {"$ref": "#/$defs/node"}, "maxItems": 40}},
    "required": ["value", "children"], "additionalProperties": false}},
  "$ref": "#/$defs/node"})");

TEST(JsonSchema, SchemasThatReferToThemselves) {
  std::mt19937_64 rng(test::seed());
  int whole = 0;
  expect_drawn_texts_fit(kTree, rng, 10, whole);
  EXPECT_GT(whole, 5);
  EXPECT_TRUE(schema_accepts(kTree, R"({"value": 3, "kind": "leaf", "children": []})"));
  EXPECT_TRUE(schema_accepts(kTree, R"({"value": 3,"children": [{"value":120,"children":[]}]})"));
  EXPECT_FALSE(schema_accepts(kTree, R"({"value": 121, "children": []})"));
  EXPECT_FALSE(schema_accepts(kTree, R"({"children": [], "value": 1})"));
}

TEST(JsonSchema, MasksAreThoseOfEveryTokenTried) {
  std::mt19937_64 rng(test::seed());
  const OrderedJson schemas[] = {
      kTree,
      {{"type", "string"}, {"minLength", 2}, {"maxLength", 80}},
      {{"type", "array"}, {"items", {{"type", "string"}, {"maxLength", 5}}}, {"maxItems", 50}},
      {{"properties", {{"name", true}, {"nam", {{"type", "null"}}}}},
       {"additionalProperties", {{"type", "integer"}}}},
  };
  for (const OrderedJson& schema : schemas) {
    SCOPED_TRACE(schema.dump());
    TestGrammar test = schema_grammar(schema);
    for (int walk = 0; walk < (test::takes_fewer() ? 1 : 2); ++walk)
      check_masks_on_a_walk(test, rng, 8);
    if (testing::Test::HasFailure()) return;
  }
}

TEST(JsonSchema, SaysWhatTheKeywordsSay) {
  struct Case {
    const char* schema;
    std::vector<const char*> fits, does_not;
  };
  const Case cases[] = {
      {R"({"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a", "b"]})",
       {R"({"a": 1, "b": [2]})", R"({"a": 1, "b": null, "c": {}})"},
       {R"({"a": 1})", R"({"b": 1, "a": 1})", R"({"a": 1, "b": 2, "a": "x"})"}},
      {R"({"allOf": [{"properties": {"a": {"type": "integer"}}, "required": ["a"]},
                     {"properties": {"b": {"type": "null"}}, "additionalProperties": {"maximum": 5}}]})",
       {R"({"a": 4, "b": null})", R"({"a": 5})"},
       {R"({"a": 6})", R"({"b": null})"}},
      {R"({"type": "string", "pattern": "^a\\.\"[0-9]+$"})",
       {R"("a.\"42")"},
       {R"("a.42")", R"("a.\"4 ")"}},
      {R"({"type": "string", "pattern": "b+"})", {R"("abc")", R"("\nb")"}, {R"("ac")"}},
      {R"({"type": "string", "format": "date"})",
       {R"("2024-02-29")", R"("2023-12-31")"},
       {R"("2023-02-29")", R"("1900-02-29")", R"("2024-13-01")", R"("2024-04-31")"}},
      {R"({"type": "string", "format": "date-time"})",
       {R"("2024-02-29T23:59:59.5Z")", R"("2024-01-01T00:00:00+01:00")"},
       {R"("2024-02-29 23:59:59Z")", R"("2024-02-29T24:00:00Z")"}},
      {R"({"type": "string", "format": "uuid"})",
       {R"("123e4567-e89b-12d3-a456-426614174000")"},
       {R"("123e4567e89b12d3a456426614174000")"}},
      {R"({"type": "string", "format": "email"})",
       {R"("a.b+c@mail.example.org")"},
       {R"("a@b")", R"("a b@c.de")"}},
      {R"({"const": {"a": [1, "x"]}})",
       {R"({"a": [1, "x"]})", R"({"a":[1,"x"]})"},
       {R"({"a": [1]})"}},
      {R"({"type": "string", "enum": ["a", 1, "ab"]})", {R"("a")", R"("ab")"}, {"1"}},
      {R"({"type": ["integer", "null"]})", {"null", "-12", "0"}, {"1.5", "-0", "01"}},
      {R"({"type": "number"})", {"-0.5", "1e10", "12"}, {".5", "1.", "+1"}},
      {R"({"type": "string", "nullable": true})", {"null", R"("")"}, {"1"}},
      {R"({"type": "integer", "format": "int32"})", {"2147483647", "-2147483648"}, {"2147483648"}},
      {R"({"type": "array", "items": [{"type": "null"}], "additionalItems": false, "minItems": 1})",
       {"[null]"},
       {"[]", "[null, 1]"}},
      {R"({"type": "array", "prefixItems": [{"const": 1}, {"const": 2}], "maxItems": 1})",
       {"[]", "[1]"},
       {"[1, 2]"}},
      {R"({"anyOf": [{"required": ["a"]}, {"required": ["b"]}], "type": "object",
           "properties": {"a": {"const": 1}, "b": {"const": 2}}, "additionalProperties": false})",
       {R"({"a": 1})", R"({"b": 2})", R"({"a": 1, "b": 2})"},
       {"{}"}},
      {R"({"type": "object", "properties": {"a": false, "b": true}, "additionalProperties": false})",
       {R"({"b": 1})", "{}"},
       {R"({"a": 1})"}},
      {R"({"type": "object", "properties": {"ab": {"const": 1}}})",
       {R"({"ab": 1, "a": 2, "abc": 3})", R"({"": 0})"},
       {R"({"x": 1, "ab": 2})", R"({"\u0061b": 2})"}},
      {R"({"type": "object", "propertyNames": {"type": "string"}, "additionalProperties": {"type": "integer"}})",
       {R"({"x": 1})"},
       {R"({"x": "1"})"}},
      {"true", {"1", R"([{"a": "\ud83d\ude00"}])"}, {R"("\ud83d")", "tru", ""}},
      {R"({"properties": {"a": {"$ref": "#/properties/b"}, "b": {"type": "null"}}})",
       {R"({"a": null})"},
       {"1"}},
  };
  for (const Case& c : cases) {
    const OrderedJson schema = OrderedJson::parse(c.schema);
    for (const char* text : c.fits)
      EXPECT_TRUE(schema_accepts(schema, text)) << schema << "\n" << text;
    for (const char* text : c.does_not)
      EXPECT_FALSE(schema_accepts(schema, text)) << schema << "\n" << text;
  }
}

TEST(JsonSchema, RefusesWhatItCannotEnforceAndNamesThePlace) {
  const GrammarCompiler compiler(json_words());
  const std::pair<const char*, const char*> cases[] = {
      {R"({"properties": {"a/b": {"not": {}}}})",
       "#/properties/a~1b/not: this keyword is not supported"},
      {R"({"if": {}})", "#/if"},
      {R"({"type": "number", "multipleOf": 2})", "#/multipleOf"},
      {R"({"patternProperties": {}})", "#/patternProperties"},
      {R"({"items": {"contains": {}}})", "#/items/contains"},
      {R"({"anyOf": [{}, {"minProperties": 1}]})", "#/anyOf/1/minProperties"},
      {R"({"$defs": {"a": {"unevaluatedProperties": false}}})", "#/$defs/a/unevaluatedProperties"},
      {R"({"uniqueItems": true})", "#/uniqueItems"},
      {R"({"propertyNames": {"pattern": "a"}})", "#/propertyNames"},
      {R"({"type": "strnig"})", "#/type: \"strnig\" was found"},
      {R"({"type": []})", "#/type"},
      {R"({"properties": []})", "#/properties: an object of schemas"},
      {R"({"required": [1]})", "#/required: an array of names"},
      {R"({"minItems": -1})", "#/minItems: a whole number"},
      {R"({"maxLength": 100001})", "#/maxLength: a whole number up to 100000"},
      {R"({"minimum": "1"})", "#/minimum: a number"},
      {R"({"exclusiveMinimum": true})", "#/exclusiveMinimum: a number"},
      {R"({"items": 3})", "#/items: a schema"},
      {R"({"enum": []})", "#/enum"},
      {R"({"$ref": "other.json#/a"})", "#/$ref: 'other.json#/a' refers to another document"},
      {R"({"$ref": "#/$defs/x"})", "refers to no schema"},
      {R"({"properties": {"type": {"type": "null"}}, "$ref": "#/properties"})",
       "refers to no schema"},
      {R"({"$ref": "#"})", "round in circles"},
      {R"({"anyOf": [{"$ref": "#"}, {"type": "null"}]})", "begins with itself"},
      {R"({"type": "object", "properties": {"a": {"$ref": "#"}}, "required": ["a"]})",
       "no text follows #"},
      {"false", "no text follows #"},
      {R"({"allOf": [{"type": "string"}, {"type": "null"}]})", "no text follows #"},
      {R"({"type": "string", "format": "hostname"})", "#/format: 'hostname' is not supported"},
      {R"({"type": "integer", "format": "date"})", "#/format: 'date' is not supported for numbers"},
      {R"({"type": "string", "pattern": "a", "maxLength": 3})", "cannot be enforced together"},
      {R"({"type": "string", "pattern": "a(?=b)c"})", "pattern of #/pattern, character 2"},
      {R"({"type": "string", "minLength": 3, "maxLength": 2})",
       "minLength is 3 and maxLength is 2"},
      {R"({"type": "array", "minItems": 3, "maxItems": 2})", "nothing satisfies both"},
      {R"({"type": "number", "minimum": 3, "maximum": 2})", "no number lies"},
      {R"({"type": "integer", "minimum": 0.2, "maximum": 0.8})", "no number lies"},
      {R"({"type": "number", "minimum": 1e300})", "#/minimum: numbers have up to 16 digits"},
      {R"({"type": "number", "minimum": 1e-30})", "#/minimum: bounds may have up to 16 digits"},
      {R"({"enum": ["a"], "minLength": 3})", "minLength beside enum"},
      {R"({"required": ["a"], "additionalProperties": false})", "'a' is required"},
      {R"({"allOf": [{"pattern": "a"}, {"pattern": "b"}]})", "two values of pattern"},
      {R"({"allOf": [{"prefixItems": [true]}, {"items": false}]})", "tuples cannot be merged"},
      {R"({"additionalItems": false})", "#/additionalItems"},
      {R"({"items": [true], "prefixItems": [true]})", "say the same"},
      {R"({"type": "string", "type": "null"})", "appears twice"},
      {R"({"type": )", "the schema"},
      {"[]", "#: a schema, an object or a boolean"},
  };
  for (const auto& [schema, words] : cases) {
    SCOPED_TRACE(schema);
    PANGU_EXPECT_ERROR(compiler.json_schema(schema), InputError, words);
  }
  std::string deep = "true";
  for (int i = 0; i < 65; ++i) deep = R"({"items":)" + deep + "}";
  PANGU_EXPECT_ERROR(compiler.json_schema(deep), InputError, "nest deeper than 64");
}

}  // namespace
}  // namespace pangu::grammar
