// SPDX-License-Identifier: Apache-2.0
// Whether a document satisfies a schema, straight from the specification; and documents that do,
// drawn at random. Knows the keywords that grammars are made of, and nothing of grammars.
#pragma once

#include <algorithm>
#include <cmath>
#include <random>
#include <regex>
#include <string>

#include "base/utf8.h"
#include "io/ordered_json.h"

namespace pangu::grammar {

class SchemaValidator {
 public:
  explicit SchemaValidator(const OrderedJson& root) : root_(root) {}

  bool is_valid(const OrderedJson& doc) const { return satisfies(root_, doc); }

  bool satisfies(const OrderedJson& s, const OrderedJson& doc) const {
    if (s.is_boolean()) return s.get<bool>();
    if (s.contains("$ref") && !satisfies(target(s["$ref"]), doc)) return false;
    if (s.value("nullable", false) && doc.is_null()) return true;
    if (s.contains("type") && !has_type(s["type"], doc)) return false;
    if (s.contains("const") && s["const"] != doc) return false;
    if (s.contains("enum") &&
        std::find(s["enum"].begin(), s["enum"].end(), doc) == s["enum"].end()) {
      return false;
    }
    const auto fits = [&](const OrderedJson& part) { return satisfies(part, doc); };
    for (const char* key : {"anyOf", "oneOf"}) {
      if (s.contains(key) && std::none_of(s[key].begin(), s[key].end(), fits)) return false;
    }
    if (s.contains("allOf") && !std::all_of(s["allOf"].begin(), s["allOf"].end(), fits))
      return false;
    if (doc.is_object()) return object_fits(s, doc);
    if (doc.is_array()) return array_fits(s, doc);
    if (doc.is_string()) return text_fits(s, doc.get<std::string>());
    return !doc.is_number() || number_fits(s, doc.get<double>());
  }

 private:
  const OrderedJson& target(const OrderedJson& ref) const {
    return root_.at(OrderedJson::json_pointer(ref.get<std::string>().substr(1)));
  }

  static bool has_type(const OrderedJson& type, const OrderedJson& doc) {
    if (type.is_array()) {
      return std::any_of(type.begin(), type.end(),
                         [&](const OrderedJson& one) { return has_type(one, doc); });
    }
    if (type == "integer") {
      return doc.is_number() && std::floor(doc.get<double>()) == doc.get<double>();
    }
    return type == doc.type_name();
  }

  bool object_fits(const OrderedJson& s, const OrderedJson& doc) const {
    const OrderedJson properties = s.value("properties", OrderedJson::object());
    const OrderedJson additional = s.value("additionalProperties", OrderedJson(true));
    for (const auto& name : s.value("required", OrderedJson::array())) {
      if (!doc.contains(name.get<std::string>())) return false;
    }
    for (const auto& [name, value] : doc.items()) {
      if (!satisfies(properties.contains(name) ? properties[name] : additional, value))
        return false;
    }
    return true;
  }

  bool array_fits(const OrderedJson& s, const OrderedJson& doc) const {
    if (doc.size() < s.value("minItems", std::size_t{0})) return false;
    if (doc.size() > s.value("maxItems", doc.size())) return false;
    const OrderedJson first = s.value("prefixItems", OrderedJson::array());
    const OrderedJson rest = s.value("items", OrderedJson(true));
    for (std::size_t i = 0; i < doc.size(); ++i) {
      if (!satisfies(i < first.size() ? first[i] : rest, doc[i])) return false;
    }
    return true;
  }

  static bool text_fits(const OrderedJson& s, const std::string& text) {
    std::size_t size = 0;
    for (std::size_t at = 0; at < text.size(); ++size) utf8::next(text, at);
    if (size < s.value("minLength", std::size_t{0}) || size > s.value("maxLength", size))
      return false;
    return !s.contains("pattern") ||
           std::regex_search(text, std::regex(s["pattern"].get<std::string>()));
  }

  static bool number_fits(const OrderedJson& s, double x) {
    return x >= s.value("minimum", x) && x <= s.value("maximum", x) &&
           x > s.value("exclusiveMinimum", x - 1) && x < s.value("exclusiveMaximum", x + 1);
  }

  const OrderedJson& root_;
};

/// Draws schemas, and documents that satisfy them.
class SchemaDraw {
 public:
  explicit SchemaDraw(std::mt19937_64& rng) : rng_(rng) {}

  OrderedJson schema(int depth) {
    switch (below(depth > 0 ? 12 : 7)) {
      case 0:
        return {{"type", "string"}, {"title", "a text"}};
      case 1: {
        const int least = below(3);
        return {{"type", "string"}, {"minLength", least}, {"maxLength", least + below(40)}};
      }
      case 2:
        return {{"type", "integer"}};
      case 3: {
        const int least = below(300) - 150;
        return {{"type", "integer"}, {"minimum", least}, {"maximum", least + below(500)}};
      }
      case 4: {
        const double least = (below(300) - 150) / 8.0;
        return {{"type", "number"}, {"minimum", least}, {"exclusiveMaximum", least + 1.25}};
      }
      case 5:
        return {{"type", OrderedJson::array({"boolean", "null"})}};
      case 6:
        return {{"enum", OrderedJson::array({"red", "green", 5, nullptr, "re\"d\n"})}};
      case 7: {
        OrderedJson s = {{"type", "array"}, {"items", schema(depth - 1)}};
        if (below(2) == 0) s["minItems"] = below(3);
        if (below(2) == 0) s["maxItems"] = 3 + below(4);
        return s;
      }
      case 8:
        return {{"type", "array"},
                {"prefixItems", OrderedJson::array({schema(depth - 1), schema(depth - 1)})},
                {"items", below(2) == 0 ? OrderedJson(false) : schema(depth - 1)},
                {"minItems", below(3)}};
      case 9:
        return {{"anyOf", OrderedJson::array({schema(depth - 1), schema(depth - 1)})}};
      default:
        return object_schema(depth);
    }
  }

  /// Not for documents of `enum` and the like that the schema refers to: for what schema() draws.
  OrderedJson document(const OrderedJson& s) {
    if (s.is_boolean())
      return below(2) == 0 ? OrderedJson(below(9)) : OrderedJson({{"x", nullptr}});
    if (s.contains("anyOf")) return document(s["anyOf"][static_cast<std::size_t>(below(2))]);
    if (s.contains("enum")) return s["enum"][static_cast<std::size_t>(below(5))];
    if (s["type"].is_array()) return below(2) == 0 ? OrderedJson(true) : OrderedJson();
    if (s["type"] == "object") return object(s);
    if (s["type"] == "array") return array(s);
    if (s["type"] == "integer") {
      const int least = s.value("minimum", -1000);
      return least + below(s.value("maximum", 1000) - least + 1);
    }
    if (s["type"] == "number") return s["minimum"].get<double>() + below(10) * 0.125;
    return text(s);
  }

 private:
  int below(int n) { return static_cast<int>(rng_() % static_cast<unsigned>(n)); }

  OrderedJson object_schema(int depth) {
    static const char* const kNames[] = {"a", "name", "näme", "b\"c", "ab", "items"};
    OrderedJson s = {{"type", "object"}, {"properties", OrderedJson::object()}};
    OrderedJson required = OrderedJson::array();
    for (const char* name : kNames) {
      if (below(2) == 0) continue;
      s["properties"][name] = schema(depth - 1);
      if (below(2) == 0) required.push_back(name);
    }
    if (!required.empty()) s["required"] = required;
    const int kind = below(3);
    if (kind != 0) s["additionalProperties"] = kind == 1 ? OrderedJson(false) : schema(0);
    return s;
  }

  OrderedJson object(const OrderedJson& s) {
    OrderedJson out = OrderedJson::object();
    const OrderedJson required = s.value("required", OrderedJson::array());
    for (const auto& [name, one] : s["properties"].items()) {
      const bool must = std::find(required.begin(), required.end(), name) != required.end();
      if (must || below(2) == 0) out[name] = document(one);
    }
    const OrderedJson additional = s.value("additionalProperties", OrderedJson(true));
    if (additional == OrderedJson(false)) return out;
    for (const char* name : {"nam", "names", "", "b\"", "\\"}) {
      if (below(3) == 0) out[name] = document(additional);
    }
    return out;
  }

  OrderedJson array(const OrderedJson& s) {
    OrderedJson out = OrderedJson::array();
    const OrderedJson first = s.value("prefixItems", OrderedJson::array());
    const int least = s.value("minItems", 0);
    int most = s.value("maxItems", least + 3);
    if (s["items"] == OrderedJson(false)) most = static_cast<int>(first.size());
    const int size = least + below(most - least + 1);
    for (int i = 0; i < size; ++i) {
      const auto at = static_cast<std::size_t>(i);
      out.push_back(document(at < first.size() ? first[at] : s["items"]));
    }
    return out;
  }

  std::string text(const OrderedJson& s) {
    static const char* const kParts[] = {"a",    "Z", " ",  "\"", "\\", "\n",
                                         "\x01", "ä", "的", "😀",  "/"};
    const int least = s.value("minLength", 0);
    const int size = least + below(s.value("maxLength", least + 12) - least + 1);
    std::string out;
    for (int i = 0; i < size; ++i) out += kParts[below(static_cast<int>(std::size(kParts)))];
    return out;
  }

  std::mt19937_64& rng_;
};

}  // namespace pangu::grammar
