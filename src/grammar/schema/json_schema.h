// SPDX-License-Identifier: Apache-2.0
// JSON schemas as grammars of the documents that satisfy them: docs/structured-output.md.
#pragma once

#include <string_view>

#include "grammar/rules/rule_set.h"

namespace pangu::grammar {

/// Adds the rules of a schema, a JSON text, and returns that of a whole document. Throws InputError
/// naming the JSON pointer of what is wrong or not supported.
RuleId add_json_schema(std::string_view schema, RuleSet& rules);

}  // namespace pangu::grammar
