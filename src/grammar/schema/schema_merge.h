// SPDX-License-Identifier: Apache-2.0
// Schemas that say several things at once ($ref, allOf, const, draft 7 tuples) as one that says the
// same with fewer keywords.
#pragma once

#include <string>
#include <string_view>
#include <unordered_set>

#include "grammar/rules/compile_budget.h"
#include "grammar/schema/schema_keywords.h"
#include "io/ordered_json.h"

namespace pangu::grammar {

class SchemaMerger {
 public:
  /// Checks `root` (check_schema); it and the budget must outlive the merger.
  SchemaMerger(const OrderedJson& root, CompileBudget& budget)
      : root_(root), budget_(budget), schemas_(check_schema(root, budget)) {}

  /// A schema without notes, $ref, allOf, const, nullable and arrays in `items`; false where
  /// nothing satisfies it. What is within it is left as it is. `pointer` is for messages. Throws
  /// InputError for references that lead nowhere or round in circles, and for what cannot be
  /// merged.
  OrderedJson simplified(const OrderedJson& schema, const std::string& pointer);

  /// Both at once, of simplified schemas.
  OrderedJson merged(OrderedJson a, const OrderedJson& b, const std::string& pointer);

 private:
  OrderedJson simplify(const OrderedJson& schema, const std::string& pointer, std::int64_t depth);
  const OrderedJson& target_of(const OrderedJson& ref, const std::string& pointer) const;
  void merge_keyword(OrderedJson& a, const std::string& key, const OrderedJson& value,
                     const std::string& pointer);

  const OrderedJson& root_;
  CompileBudget& budget_;
  std::unordered_set<const OrderedJson*> schemas_;  ///< all within the root
};

/// One schema for what must satisfy both.
OrderedJson both_schemas(const OrderedJson& a, const OrderedJson& b);

/// Whether a schema says anything about objects, arrays, texts or numbers, one of which `type` is.
bool speaks_of(const OrderedJson& simplified, std::string_view type);

}  // namespace pangu::grammar
