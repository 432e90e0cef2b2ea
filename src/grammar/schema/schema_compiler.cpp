// SPDX-License-Identifier: Apache-2.0
#include "grammar/schema/schema_compiler.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/error.h"
#include "grammar/schema/json_characters.h"
#include "grammar/schema/json_schema.h"
#include "grammar/schema/schema_keywords.h"

namespace pangu::grammar {
namespace {

constexpr std::size_t kMaxSchemaValues = 20'000;

constexpr std::string_view kAllTypes[] = {"object", "array", "string", "number", "boolean", "null"};

/// The types that a schema allows. Where it names none, those that its keywords speak of, or all.
std::vector<std::string> types_allowed(const OrderedJson& schema) {
  std::vector<std::string> types;
  if (schema.contains("type")) {
    for (const OrderedJson& type : schema["type"]) {
      const bool is_number =
          type == "integer" &&
          std::find(schema["type"].begin(), schema["type"].end(), "number") != schema["type"].end();
      if (!is_number) types.push_back(type.get<std::string>());
    }
    return types;
  }
  for (const std::string_view type : kAllTypes) {
    if (speaks_of(schema, type)) types.emplace_back(type);
  }
  if (types.empty()) types.assign(std::begin(kAllTypes), std::end(kAllTypes));
  return types;
}

bool is_of_type(const OrderedJson& value, std::string_view type) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_boolean();
  if (type == "null") return value.is_null();
  if (type == "number") return value.is_number();
  return value.is_number_integer() ||
         (value.is_number_float() && value.get<double>() == std::floor(value.get<double>()));
}

}  // namespace

RuleId SchemaCompiler::compile() {
  const RuleId root = rule_of(root_, "#");
  while (!waiting_.empty()) {
    const Waiting next = std::move(waiting_.front());
    waiting_.pop_front();
    rules_.define(next.rule, compile_schema(next.schema, next.pointer));
  }
  return root;
}

ExprId SchemaCompiler::value_of(const OrderedJson& schema, const std::string& pointer) {
  return rules_.call(rule_of(schema, pointer));
}

RuleId SchemaCompiler::rule_of(const OrderedJson& schema, const std::string& pointer) {
  std::string text = schema == OrderedJson(true) ? "{}" : schema.dump();
  rules_.budget().work(std::ssize(text));
  const auto [known, is_new] = known_.try_emplace(std::move(text), -1);
  if (is_new) {
    known->second = rules_.declare(pointer);
    waiting_.push_back({known->second, schema, pointer});
  }
  return known->second;
}

ExprId SchemaCompiler::compile_schema(const OrderedJson& schema, const std::string& pointer) {
  OrderedJson simple = merger_.simplified(schema, pointer);
  if (simple.is_boolean()) return no_value();
  if (simple.contains("anyOf")) return compile_alternatives(std::move(simple), pointer);
  if (simple.contains("enum")) return compile_values(simple, pointer);
  std::vector<ExprId> either;
  for (const std::string& type : types_allowed(simple)) {
    either.push_back(compile_type(type, simple, pointer));
  }
  return rules_.either(std::move(either));
}

ExprId SchemaCompiler::compile_alternatives(OrderedJson schema, const std::string& pointer) {
  const OrderedJson list = schema["anyOf"];
  schema.erase("anyOf");
  std::vector<ExprId> either;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::string at = pointer_to(pointer_to(pointer, "anyOf"), std::to_string(i));
    // One that stands alone keeps its reference, and with it the rule that others refer to.
    const OrderedJson& one = list[i];
    const OrderedJson both =
        schema.empty() ? one : merger_.merged(schema, merger_.simplified(one, at), at);
    either.push_back(value_of(both, at));
  }
  return rules_.either(std::move(either));
}

ExprId SchemaCompiler::compile_values(const OrderedJson& schema, const std::string& pointer) {
  for (const auto& [key, value] : schema.items()) {
    if (key != "enum" && key != "type") {
      refuse_schema(pointer, fmt::format("{} beside enum or const is not supported", key));
    }
  }
  const std::vector<std::string> types = types_allowed(schema);
  std::vector<std::string> texts;
  std::vector<ExprId> either;
  for (const OrderedJson& value : schema["enum"]) {
    const bool fits = std::any_of(types.begin(), types.end(),
                                  [&](const std::string& type) { return is_of_type(value, type); });
    if (!fits) continue;
    if (value.is_structured()) {
      either.push_back(literal(value));
    } else {
      texts.push_back(value.dump());
    }
  }
  if (!texts.empty()) either.push_back(rules_.choices(std::move(texts)));
  return rules_.either(std::move(either));
}

ExprId SchemaCompiler::literal(const OrderedJson& value) {
  if (!value.is_structured()) return rules_.text(value.dump());
  std::vector<ExprId> parts = {rules_.text(value.is_object() ? "{" : "[")};
  for (const auto& [name, member] : value.items()) {
    if (parts.size() > 1) parts.push_back(comma());
    if (value.is_object()) {
      parts.push_back(rules_.text(json_string_text(name)));
      parts.push_back(colon());
    }
    parts.push_back(literal(member));
  }
  parts.push_back(rules_.text(value.is_object() ? "}" : "]"));
  return rules_.sequence(std::move(parts));
}

ExprId SchemaCompiler::compile_type(std::string_view type, const OrderedJson& schema,
                                    const std::string& pointer) {
  if (type == "null") return rules_.text("null");
  if (type == "boolean") return rules_.choices({"true", "false"});
  if (type == "string") return compile_string(schema, pointer);
  if (type == "object") return compile_object(schema, pointer);
  if (type == "array") return compile_array(schema, pointer);
  return compile_number(schema, type == "integer", pointer);
}

std::pair<std::int64_t, std::int64_t> counts_of(const OrderedJson& schema, const char* min,
                                                const char* max, const std::string& pointer) {
  const std::int64_t least = schema.value(min, std::int64_t{0});
  const std::int64_t most = schema.value(max, Expr::kNoLimit);
  if (most != Expr::kNoLimit && most < least) {
    refuse_schema(pointer, fmt::format("{} is {} and {} is {}: nothing satisfies both", min, least,
                                       max, most));
  }
  return {least, most};
}

RuleId add_json_schema(std::string_view schema, RuleSet& rules) {
  const GrammarLimits& limits = rules.budget().limits();
  OrderedJson root;
  try {
    root = parse_ordered_json(schema, "the schema",
                              {.max_bytes = limits.max_bytes,
                               .max_depth = static_cast<std::size_t>(3 * limits.max_depth),
                               .max_values = kMaxSchemaValues});
  } catch (const FileError& error) {
    throw InputError(error.what());
  }
  return SchemaCompiler(root, rules).compile();
}

}  // namespace pangu::grammar
