// SPDX-License-Identifier: Apache-2.0
#include "grammar/schema/schema_merge.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/clipped.h"

namespace pangu::grammar {
namespace {

OrderedJson types_of(const OrderedJson& type) {
  return type.is_array() ? type : OrderedJson::array({type});
}

bool has(const OrderedJson& list, const OrderedJson& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

/// The types in both lists; a whole number is a number, too.
OrderedJson common_types(const OrderedJson& a, const OrderedJson& b) {
  OrderedJson out = OrderedJson::array();
  for (const OrderedJson& type : a) {
    if (has(b, type) || (type == "integer" && has(b, "number"))) out.push_back(type);
    if (type == "number" && !has(b, type) && has(b, "integer")) out.push_back("integer");
  }
  return out;
}

/// Properties that `other` declares and `object` does not are what additionalProperties of `object`
/// is about.
void restrict_properties(OrderedJson& properties, const OrderedJson& object) {
  const auto additional = object.find("additionalProperties");
  if (additional == object.end() || *additional == OrderedJson(true)) return;
  const auto own = object.find("properties");
  for (auto& [name, schema] : properties.items()) {
    if (own != object.end() && own->contains(name)) continue;
    schema =
        *additional == OrderedJson(false) ? OrderedJson(false) : both_schemas(schema, *additional);
  }
}

void merge_properties(OrderedJson& a, const OrderedJson& b) {
  OrderedJson mine = a.value("properties", OrderedJson::object());
  OrderedJson theirs = b.value("properties", OrderedJson::object());
  restrict_properties(mine, b);
  restrict_properties(theirs, a);
  for (const auto& [name, schema] : theirs.items()) {
    mine[name] = mine.contains(name) ? both_schemas(mine[name], schema) : schema;
  }
  if (!mine.empty()) a["properties"] = std::move(mine);
  if (!b.contains("additionalProperties")) return;
  const OrderedJson& additional = b["additionalProperties"];
  a["additionalProperties"] = a.contains("additionalProperties")
                                  ? both_schemas(a["additionalProperties"], additional)
                                  : additional;
}

void take_larger(OrderedJson& a, const OrderedJson& b) {
  if (a.get<double>() < b.get<double>()) a = b;
}

void take_smaller(OrderedJson& a, const OrderedJson& b) {
  if (a.get<double>() > b.get<double>()) a = b;
}

/// Each of one list with each of another.
OrderedJson products(const OrderedJson& a, const OrderedJson& b, CompileBudget& budget) {
  OrderedJson out = OrderedJson::array();
  for (const OrderedJson& x : a) {
    for (const OrderedJson& y : b) {
      budget.spend();
      out.push_back(both_schemas(x, y));
    }
  }
  return out;
}

}  // namespace

OrderedJson both_schemas(const OrderedJson& a, const OrderedJson& b) {
  if (a == b || b == OrderedJson(true) || a == OrderedJson(false)) return a;
  if (a == OrderedJson(true) || b == OrderedJson(false)) return b;
  return {{"allOf", OrderedJson::array({a, b})}};
}

bool speaks_of(const OrderedJson& s, std::string_view type) {
  const auto any = [&s](std::initializer_list<const char*> keys) {
    return std::any_of(keys.begin(), keys.end(), [&s](const char* key) { return s.contains(key); });
  };
  if (type == "object") {
    return any({"properties", "required", "additionalProperties", "propertyNames"});
  }
  if (type == "array") return any({"items", "prefixItems", "minItems", "maxItems", "uniqueItems"});
  if (type == "string") return any({"minLength", "maxLength", "pattern", "format"});
  return type == "number" && any({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"});
}

const OrderedJson& SchemaMerger::target_of(const OrderedJson& ref,
                                           const std::string& pointer) const {
  const std::string& text = ref.get_ref<const std::string&>();
  if (!text.starts_with('#')) {
    refuse_schema(pointer,
                  fmt::format("'{}' refers to another document, and none is read. Refer to a "
                              "part of this one: #/$defs/NAME",
                              clipped(text)));
  }
  const OrderedJson* at = nullptr;
  try {
    at = &root_.at(OrderedJson::json_pointer(text.substr(1)));
  } catch (const OrderedJson::exception&) {
  }
  if (!at || !schemas_.contains(at)) {
    refuse_schema(pointer, fmt::format("'{}' refers to no schema in this document", clipped(text)));
  }
  return *at;
}

OrderedJson SchemaMerger::simplified(const OrderedJson& schema, const std::string& pointer) {
  return simplify(schema, pointer, 0);
}

OrderedJson SchemaMerger::simplify(const OrderedJson& schema, const std::string& pointer,
                                   std::int64_t depth) {
  budget_.spend();
  if (depth > budget_.limits().max_depth) {
    refuse_schema(pointer, "its references and allOf lead round in circles, or too deep");
  }
  if (schema == OrderedJson(true)) return OrderedJson::object();
  if (schema.is_boolean()) return schema;
  OrderedJson out = OrderedJson::object();
  OrderedJson parts = OrderedJson::array();
  for (const auto& [key, value] : schema.items()) {
    if (key == "const") {
      parts.push_back({{"enum", OrderedJson::array({value})}});
    } else if (key == "oneOf" || key == "anyOf") {
      parts.push_back({{"anyOf", value}});
    } else if (key == "items" && value.is_array()) {
      out["prefixItems"] = value;
    } else if (key == "additionalItems") {
      out["items"] = value;
    } else if (is_constraint(key) && key != "$ref" && key != "allOf" && key != "nullable") {
      out[key] = key == "type" ? types_of(value) : value;
    }
  }
  for (const OrderedJson& part : parts) out = merged(std::move(out), part, pointer);
  if (schema.contains("allOf")) {
    for (const OrderedJson& part : schema["allOf"]) {
      out = merged(std::move(out), simplify(part, pointer, depth + 1), pointer);
    }
  }
  if (schema.contains("$ref")) {
    const OrderedJson& target = target_of(schema["$ref"], pointer_to(pointer, "$ref"));
    out = merged(std::move(out), simplify(target, pointer, depth + 1), pointer);
  }
  if (schema.value("nullable", false) && out.is_object()) {
    return {{"anyOf", OrderedJson::array({out, {{"type", "null"}}})}};
  }
  return out;
}

OrderedJson SchemaMerger::merged(OrderedJson a, const OrderedJson& b, const std::string& pointer) {
  budget_.spend();
  if (a == OrderedJson(false) || b == OrderedJson(true) || b.empty()) return a;
  if (!b.is_object() || a.empty()) return b;
  for (const auto& [key, value] : b.items()) merge_keyword(a, key, value, pointer);
  merge_properties(a, b);
  if (a.contains("type") && a["type"].empty()) return OrderedJson(false);
  if (a.contains("enum") && a["enum"].empty()) return OrderedJson(false);
  return a;
}

void SchemaMerger::merge_keyword(OrderedJson& a, const std::string& key, const OrderedJson& value,
                                 const std::string& pointer) {
  if (key == "properties" || key == "additionalProperties") return;  // merge_properties()
  const bool is_tuple = key == "prefixItems" || key == "items";
  if (is_tuple && (a.contains("prefixItems") || (key == "prefixItems" && a.contains("items")))) {
    refuse_schema(pointer, "schemas of tuples cannot be merged. Write one that says all");
  }
  if (!a.contains(key)) {
    a[key] = value;
    return;
  }
  OrderedJson& mine = a[key];
  if (mine == value) return;
  if (key == "type") {
    mine = common_types(mine, value);
  } else if (key == "enum") {
    OrderedJson both = OrderedJson::array();
    for (const OrderedJson& one : mine) {
      if (has(value, one)) both.push_back(one);
    }
    mine = std::move(both);
  } else if (key == "required") {
    for (const OrderedJson& name : value) {
      if (!has(mine, name)) mine.push_back(name);
    }
  } else if (key == "anyOf") {
    mine = products(mine, value, budget_);
  } else if (key == "items") {
    mine = both_schemas(mine, value);
  } else if (key.starts_with("min") || key == "exclusiveMinimum") {
    take_larger(mine, value);
  } else if (key.starts_with("max") || key == "exclusiveMaximum") {
    take_smaller(mine, value);
  } else if (key != "propertyNames" && key != "uniqueItems") {
    refuse_schema(pointer, fmt::format("two values of {} cannot both be enforced", key));
  }
}

}  // namespace pangu::grammar
