// SPDX-License-Identifier: Apache-2.0
// Regular expressions, as far as they are regular: docs/structured-output.md has the list.
#pragma once

#include <string_view>

#include "grammar/rules/rule_set.h"

namespace pangu::grammar {

/// How the characters of a match are written down.
enum class RegexSpelling {
  kPlain,      ///< as they are
  kJsonString  ///< within the quotes of a JSON string, with the escapes that it needs
};

/// Where a match may lie.
enum class RegexMatch {
  kWhole,    ///< it is all of the text
  kAnywhere  ///< text may stand before and behind it, where the expression has no ^ and $
};

/// Adds what an expression matches. Throws InputError naming the place of what is wrong or
/// unsupported; `what` names the expression.
ExprId add_regex(std::string_view expression, RuleSet& rules,
                 RegexSpelling spelling = RegexSpelling::kPlain,
                 RegexMatch match = RegexMatch::kWhole,
                 std::string_view what = "the regular expression");

}  // namespace pangu::grammar
