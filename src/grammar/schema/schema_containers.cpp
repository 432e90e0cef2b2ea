// SPDX-License-Identifier: Apache-2.0
// Objects and arrays. What follows a member is a rule that ends with the closing bracket: calls at
// the end of a rule leave nothing on a parser's stack.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "base/clipped.h"
#include "base/utf8.h"
#include "grammar/schema/json_characters.h"
#include "grammar/schema/schema_compiler.h"
#include "grammar/schema/schema_keywords.h"

namespace pangu::grammar {
namespace {

bool is_false(const OrderedJson& schema) {
  return schema == OrderedJson(false);
}

}  // namespace

ExprId SchemaCompiler::compile_object(const OrderedJson& schema, const std::string& pointer) {
  const OrderedJson additional = schema.value("additionalProperties", OrderedJson(true));
  const std::vector<Member> members = members_of(schema, pointer, additional);
  std::optional<ExprId> extra;
  if (!is_false(additional)) {
    std::vector<std::string> names;
    for (const char* key : {"properties", "required"}) {
      if (!schema.contains(key)) continue;
      for (const auto& [index, value] : schema[key].items()) {
        names.push_back(schema[key].is_object() ? index : value.get<std::string>());
      }
    }
    const ExprId name =
        names.empty() ? value_of({{"type", "string"}}, pointer) : other_name(names, pointer);
    extra = rules_.sequence(
        {name, colon(), value_of(additional, pointer_to(pointer, "additionalProperties"))});
  }
  return object_of(members, extra, pointer);
}

/// Declared properties in their order, then required ones that are not declared.
std::vector<SchemaCompiler::Member> SchemaCompiler::members_of(const OrderedJson& schema,
                                                               const std::string& pointer,
                                                               const OrderedJson& additional) {
  std::vector<Member> members;
  const OrderedJson properties = schema.value("properties", OrderedJson::object());
  const OrderedJson required = schema.value("required", OrderedJson::array());
  const auto is_required = [&](const std::string& name) {
    return std::find(required.begin(), required.end(), name) != required.end();
  };
  const std::string at = pointer_to(pointer, "properties");
  for (const auto& [name, value] : properties.items()) {
    if (is_false(value) && !is_required(name)) continue;
    members.push_back({pair_of(name, value, pointer_to(at, name)), is_required(name)});
  }
  OrderedJson added = OrderedJson::object();
  for (const OrderedJson& name : required) {
    const auto& text = name.get_ref<const std::string&>();
    if (properties.contains(text) || added.contains(text)) continue;
    added[text] = true;
    if (is_false(additional)) {
      refuse_schema(
          pointer_to(pointer, "required"),
          fmt::format("'{}' is required, but no property, and additionalProperties is false",
                      clipped(text)));
    }
    members.push_back({pair_of(text, additional, pointer), true});
  }
  return members;
}

ExprId SchemaCompiler::pair_of(const std::string& name, const OrderedJson& schema,
                               const std::string& pointer) {
  return rules_.sequence({rules_.text(json_string_text(name)), colon(), value_of(schema, pointer)});
}

ExprId SchemaCompiler::object_of(const std::vector<Member>& members, std::optional<ExprId> extra,
                                 const std::string& pointer) {
  const ExprId close = rules_.text("}");
  // What may follow all members, behind one of them or as the first.
  ExprId more = close, first = close;
  if (extra) {
    more = rules_.sequence({rules_.repeat(rules_.sequence({comma(), *extra}), 0), close});
    more = rules_.call(rules_.add(pointer, more));
    first = rules_.either({rules_.sequence({*extra, more}), close});
  }
  for (std::size_t i = members.size(); i-- > 0;) {
    const auto& [pair, is_required] = members[i];
    const ExprId with = rules_.sequence({pair, more});
    const ExprId next = rules_.sequence({comma(), with});
    first = is_required ? with : rules_.either({with, first});
    more = is_required ? next : rules_.either({next, more});
    first = rules_.call(rules_.add(pointer, first));
    more = rules_.call(rules_.add(pointer, more));
  }
  return rules_.sequence({rules_.text("{"), first});
}

/// A text in quotes that is none of these, in its usual spelling: what is written decides.
ExprId SchemaCompiler::other_name(const std::vector<std::string>& names,
                                  const std::string& pointer) {
  struct Node {
    RuleId rule;
    bool is_name = false;
    std::map<char32_t, std::size_t> next = {};
  };
  std::vector<Node> nodes = {{rules_.declare(pointer)}};
  for (const std::string& name : names) {
    std::size_t at = 0;
    for (std::size_t i = 0; i < name.size();) {
      const auto [next, is_new] = nodes[at].next.try_emplace(utf8::next(name, i), nodes.size());
      at = next->second;
      if (is_new) nodes.push_back({rules_.declare(pointer)});
    }
    nodes[at].is_name = true;
  }
  const ExprId quote = rules_.text("\"");
  const ExprId rest =
      rules_.sequence({rules_.repeat(json_characters(rules_, CodePointSet::all()), 0), quote});
  const ExprId any = rules_.call(rules_.add(pointer, rest));
  for (const Node& node : nodes) {
    std::vector<ExprId> either;
    std::vector<CodePointRange> known;
    for (const auto& [c, next] : node.next) {
      known.push_back({c, c});
      either.push_back(rules_.sequence(
          {json_characters(rules_, CodePointSet::one(c)), rules_.call(nodes[next].rule)}));
    }
    const CodePointSet others = CodePointSet(known).complement();
    either.push_back(rules_.sequence({json_characters(rules_, others), any}));
    if (!node.is_name) either.push_back(quote);
    rules_.define(node.rule, rules_.either(std::move(either)));
  }
  return rules_.sequence({quote, rules_.call(nodes[0].rule)});
}

ExprId SchemaCompiler::compile_array(const OrderedJson& schema, const std::string& pointer) {
  const OrderedJson items = schema.value("items", OrderedJson(true));
  std::optional<ExprId> item;
  if (!is_false(items)) item = value_of(items, pointer_to(pointer, "items"));
  if (schema.contains("prefixItems")) return compile_tuple(schema, item, pointer);
  const auto [min, max] = counts_of(schema, "minItems", "maxItems", pointer);
  if (!item || max == 0) return min == 0 ? rules_.text("[]") : no_value();
  const ExprId more =
      rules_.repeat(rules_.sequence({comma(), *item}), std::max<std::int64_t>(min - 1, 0),
                    max == Expr::kNoLimit ? max : max - 1);
  const ExprId some = rules_.sequence({*item, more});
  return rules_.sequence(
      {rules_.text("["), min == 0 ? rules_.optional(some) : some, rules_.text("]")});
}

ExprId SchemaCompiler::compile_tuple(const OrderedJson& schema, std::optional<ExprId> item,
                                     const std::string& pointer) {
  const auto [min, max] = counts_of(schema, "minItems", "maxItems", pointer);
  const OrderedJson& first_items = schema["prefixItems"];
  const auto size = static_cast<std::int64_t>(first_items.size());
  const ExprId close = rules_.text("]");
  const auto may_have = [most = max](std::int64_t n) {
    return most == Expr::kNoLimit || n <= most;
  };
  // What may follow the first `size` elements, and then what may follow fewer.
  ExprId more = min <= size ? close : no_value();
  if (item && may_have(size)) {
    more = rules_.sequence(
        {rules_.repeat(rules_.sequence({comma(), *item}), std::max<std::int64_t>(min - size, 0),
                       max == Expr::kNoLimit ? max : max - size),
         close});
  }
  for (std::int64_t i = size; i-- > 0;) {
    const auto index = static_cast<std::size_t>(i);
    const ExprId element = value_of(
        first_items[index], pointer_to(pointer_to(pointer, "prefixItems"), std::to_string(i)));
    std::vector<ExprId> either;
    if (may_have(i + 1)) {
      either.push_back(i == 0 ? rules_.sequence({element, more})
                              : rules_.sequence({comma(), element, more}));
    }
    if (i >= min) either.push_back(close);
    more = rules_.call(rules_.add(pointer, rules_.either(std::move(either))));
  }
  return rules_.sequence({rules_.text("["), more});
}

}  // namespace pangu::grammar
