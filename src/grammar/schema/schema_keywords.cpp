// SPDX-License-Identifier: Apache-2.0
#include "grammar/schema/schema_keywords.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "base/clipped.h"

namespace pangu::grammar {
namespace {

/// What the value of a keyword must be.
enum class Form {
  kNote,        ///< anything: it is for people and tools
  kSchema,      ///< a schema
  kSchemas,     ///< an object of schemas
  kSchemaList,  ///< an array of schemas, with one or more
  kItems,       ///< a schema, or an array of them
  kTypes,       ///< a type, or an array of types
  kValues,      ///< an array of anything, with one or more
  kValue,       ///< anything
  kNames,       ///< an array of texts
  kText,
  kNumber,
  kCount,
  kBoolean
};

struct Keyword {
  std::string_view name;
  Form form;
};

constexpr Keyword kKeywords[] = {
    {"$schema", Form::kNote},
    {"$id", Form::kNote},
    {"$comment", Form::kNote},
    {"title", Form::kNote},
    {"description", Form::kNote},
    {"default", Form::kNote},
    {"examples", Form::kNote},
    {"example", Form::kNote},
    {"deprecated", Form::kNote},
    {"readOnly", Form::kNote},
    {"writeOnly", Form::kNote},
    {"$defs", Form::kSchemas},
    {"definitions", Form::kSchemas},
    {"$ref", Form::kText},
    {"type", Form::kTypes},
    {"nullable", Form::kBoolean},
    {"enum", Form::kValues},
    {"const", Form::kValue},
    {"anyOf", Form::kSchemaList},
    {"oneOf", Form::kSchemaList},
    {"allOf", Form::kSchemaList},
    {"properties", Form::kSchemas},
    {"required", Form::kNames},
    {"additionalProperties", Form::kSchema},
    {"propertyNames", Form::kSchema},
    {"items", Form::kItems},
    {"additionalItems", Form::kSchema},
    {"prefixItems", Form::kSchemaList},
    {"minItems", Form::kCount},
    {"maxItems", Form::kCount},
    {"uniqueItems", Form::kBoolean},
    {"minLength", Form::kCount},
    {"maxLength", Form::kCount},
    {"pattern", Form::kText},
    {"format", Form::kText},
    {"minimum", Form::kNumber},
    {"maximum", Form::kNumber},
    {"exclusiveMinimum", Form::kNumber},
    {"exclusiveMaximum", Form::kNumber},
};

constexpr std::array<std::string_view, 7> kTypes = {"object",  "array",   "string", "number",
                                                    "integer", "boolean", "null"};

const Keyword* keyword_named(std::string_view name) {
  const auto at = std::find_if(std::begin(kKeywords), std::end(kKeywords),
                               [name](const Keyword& k) { return k.name == name; });
  return at == std::end(kKeywords) ? nullptr : at;
}

class SchemaCheck {
 public:
  explicit SchemaCheck(CompileBudget& budget) : budget_(budget) {}

  void check(const OrderedJson& schema, const std::string& pointer, std::int64_t depth) {
    budget_.work();
    seen_.insert(&schema);
    if (depth > budget_.limits().max_depth) {
      refuse_schema(pointer,
                    fmt::format("schemas nest deeper than {} levels", budget_.limits().max_depth));
    }
    if (schema.is_boolean()) return;
    if (!schema.is_object())
      refuse_schema(pointer, "a schema, an object or a boolean, was expected");
    for (const auto& [name, value] : schema.items()) {
      const std::string at = pointer_to(pointer, name);
      const Keyword* keyword = keyword_named(name);
      if (!keyword) {
        refuse_schema(at,
                      "this keyword is not supported, and it would be wrong to ignore it. Leave it "
                      "out, or check it yourself when the answer is there");
      }
      check_value(keyword->form, value, at, depth);
    }
    check_special(schema, pointer);
  }

  std::unordered_set<const OrderedJson*> take() { return std::move(seen_); }

 private:
  void check_value(Form form, const OrderedJson& value, const std::string& at, std::int64_t depth) {
    const auto require = [&](bool holds, std::string_view expected) {
      if (!holds) refuse_schema(at, fmt::format("{} was expected", expected));
    };
    switch (form) {
      case Form::kNote:
      case Form::kValue:
        return;
      case Form::kSchema:
        return check(value, at, depth + 1);
      case Form::kSchemas:
        require(value.is_object(), "an object of schemas");
        for (const auto& [name, one] : value.items()) check(one, pointer_to(at, name), depth + 1);
        return;
      case Form::kItems:
        if (!value.is_array()) return check(value, at, depth + 1);
        [[fallthrough]];
      case Form::kSchemaList:
        require(value.is_array() && !value.empty(), "an array of one or more schemas");
        for (std::size_t i = 0; i < value.size(); ++i) {
          check(value[i], pointer_to(at, std::to_string(i)), depth + 1);
        }
        return;
      case Form::kTypes:
        return check_types(value, at);
      case Form::kValues:
        return require(value.is_array() && !value.empty(), "an array of one or more values");
      case Form::kNames:
        return require(value.is_array() && std::all_of(value.begin(), value.end(),
                                                       [](const auto& v) { return v.is_string(); }),
                       "an array of names");
      case Form::kText:
        return require(value.is_string(), "a text");
      case Form::kNumber:
        return require(value.is_number(), "a number");
      case Form::kCount:
        return require(value.is_number_unsigned() &&
                           value.get<std::uint64_t>() <=
                               static_cast<std::uint64_t>(budget_.limits().max_repetitions),
                       fmt::format("a whole number up to {}", budget_.limits().max_repetitions));
      case Form::kBoolean:
        return require(value.is_boolean(), "true or false");
    }
  }

  static void check_types(const OrderedJson& value, const std::string& at) {
    const auto is_type = [](const OrderedJson& v) {
      return v.is_string() && std::find(kTypes.begin(), kTypes.end(),
                                        v.get_ref<const std::string&>()) != kTypes.end();
    };
    const bool fits = value.is_array()
                          ? !value.empty() && std::all_of(value.begin(), value.end(), is_type)
                          : is_type(value);
    if (fits) return;
    refuse_schema(at, fmt::format("{} was found; one of {}, or an array of them, was expected",
                                  clipped(value.dump()), fmt::join(kTypes, ", ")));
  }

  /// Keywords that are known in some uses only.
  static void check_special(const OrderedJson& schema, const std::string& pointer) {
    const auto at = [&](const char* key) { return schema.find(key); };
    const auto given = [&](const char* key) { return at(key) != schema.end(); };
    if (given("uniqueItems") && at("uniqueItems")->get<bool>()) {
      refuse_schema(pointer_to(pointer, "uniqueItems"),
                    "elements that all differ cannot be enforced. Leave it out");
    }
    if (given("propertyNames")) {
      const OrderedJson& names = *at("propertyNames");
      if (names != OrderedJson(true) && names != OrderedJson({{"type", "string"}})) {
        refuse_schema(pointer_to(pointer, "propertyNames"),
                      "only {\"type\": \"string\"} is supported here");
      }
    }
    if (given("items") && at("items")->is_array() && given("prefixItems")) {
      refuse_schema(pointer_to(pointer, "items"),
                    "an array of schemas here and prefixItems say the same: leave one out");
    }
    if (given("additionalItems") && !(given("items") && at("items")->is_array())) {
      refuse_schema(
          pointer_to(pointer, "additionalItems"),
          "it belongs to an array of schemas in items; items itself speaks of what follows "
          "prefixItems");
    }
  }

  CompileBudget& budget_;
  std::unordered_set<const OrderedJson*> seen_;
};

}  // namespace

bool is_constraint(std::string_view keyword) {
  const Keyword* known = keyword_named(keyword);
  return known && known->form != Form::kNote && keyword != "$defs" && keyword != "definitions";
}

std::unordered_set<const OrderedJson*> check_schema(const OrderedJson& schema,
                                                    CompileBudget& budget) {
  SchemaCheck check(budget);
  check.check(schema, "#", 0);
  return check.take();
}

std::string pointer_to(const std::string& pointer, std::string_view key) {
  std::string out = pointer + "/";
  for (const char c : key) {
    if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else {
      out += c;
    }
  }
  return out;
}

void refuse_schema(const std::string& pointer, std::string_view reason) {
  fail<InputError>("[schema] {}: {}.", clipped(pointer, 300), reason);
}

}  // namespace pangu::grammar
