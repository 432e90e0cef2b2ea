// SPDX-License-Identifier: Apache-2.0
// Builds the rules of a JSON schema. Equal schemas share a rule, wherever they stand: what a parser
// finds out about one is known of all of them.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "grammar/rules/rule_set.h"
#include "grammar/schema/decimal_range.h"
#include "grammar/schema/schema_merge.h"
#include "io/ordered_json.h"

namespace pangu::grammar {

class SchemaCompiler {
 public:
  /// The schema must outlive it.
  SchemaCompiler(const OrderedJson& root, RuleSet& rules)
      : rules_(rules), root_(root), merger_(root, rules.budget()) {}

  RuleId compile();

 private:
  struct Waiting {
    RuleId rule;
    OrderedJson schema;
    std::string pointer;
  };
  struct Member {
    ExprId pair;
    bool is_required;
  };

  // schema_compiler.cpp: whatever a schema says.
  ExprId value_of(const OrderedJson& schema, const std::string& pointer);
  RuleId rule_of(const OrderedJson& schema, const std::string& pointer);
  ExprId compile_schema(const OrderedJson& schema, const std::string& pointer);
  ExprId compile_alternatives(OrderedJson schema, const std::string& pointer);
  ExprId compile_values(const OrderedJson& schema, const std::string& pointer);
  ExprId compile_type(std::string_view type, const OrderedJson& schema, const std::string& pointer);
  ExprId literal(const OrderedJson& value);
  ExprId no_value() { return rules_.either({}); }
  ExprId comma() { return rules_.sequence({rules_.text(","), blank()}); }
  ExprId colon() { return rules_.sequence({rules_.text(":"), blank()}); }
  ExprId blank() { return rules_.optional(rules_.text(" ")); }

  // schema_containers.cpp: objects and arrays.
  ExprId compile_object(const OrderedJson& schema, const std::string& pointer);
  std::vector<Member> members_of(const OrderedJson& schema, const std::string& pointer,
                                 const OrderedJson& additional);
  ExprId pair_of(const std::string& name, const OrderedJson& schema, const std::string& pointer);
  ExprId object_of(const std::vector<Member>& members, std::optional<ExprId> extra,
                   const std::string& pointer);
  ExprId other_name(const std::vector<std::string>& names, const std::string& pointer);
  ExprId compile_array(const OrderedJson& schema, const std::string& pointer);
  ExprId compile_tuple(const OrderedJson& schema, std::optional<ExprId> item,
                       const std::string& pointer);

  // schema_scalars.cpp: texts and numbers.
  ExprId compile_string(const OrderedJson& schema, const std::string& pointer);
  ExprId compile_number(const OrderedJson& schema, bool is_whole, const std::string& pointer);
  NumberBounds bounds_of(const OrderedJson& schema, const std::string& pointer);
  void add_bound(const OrderedJson& schema, const char* key, NumberBounds& bounds,
                 const std::string& pointer);

  RuleSet& rules_;
  const OrderedJson& root_;
  SchemaMerger merger_;
  std::unordered_map<std::string, RuleId> known_;  ///< by the text of the schema
  std::deque<Waiting> waiting_;
};

/// minItems and maxItems, and the like: the largest bound is Expr::kNoLimit. Throws InputError if
/// they leave nothing.
std::pair<std::int64_t, std::int64_t> counts_of(const OrderedJson& schema, const char* min,
                                                const char* max, const std::string& pointer);

}  // namespace pangu::grammar
