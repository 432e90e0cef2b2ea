// SPDX-License-Identifier: Apache-2.0
// Which keywords of JSON schemas are known, and what their values must be.
// Source: JSON Schema 2020-12 (json-schema.org/draft/2020-12), with the forms of draft 7 for tuples
// and definitions, and `nullable` of OpenAPI 3.0.
#pragma once

#include <string>
#include <string_view>
#include <unordered_set>

#include "grammar/rules/compile_budget.h"
#include "io/ordered_json.h"

namespace pangu::grammar {

/// Whether the keyword says something about a value, rather than to people or tools.
bool is_constraint(std::string_view keyword);

/// Looks through a schema and all within it. Throws InputError naming the JSON pointer of what is
/// unknown, not supported or of the wrong type, and past limits. Returns all that are schemas.
std::unordered_set<const OrderedJson*> check_schema(const OrderedJson& schema,
                                                    CompileBudget& budget);

/// "#/properties/a~1b" for the key "a/b" of "#/properties".
std::string pointer_to(const std::string& pointer, std::string_view key);

/// Throws InputError: "[schema] POINTER: REASON".
[[noreturn]] void refuse_schema(const std::string& pointer, std::string_view reason);

}  // namespace pangu::grammar
