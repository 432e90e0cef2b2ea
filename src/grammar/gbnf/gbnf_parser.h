// SPDX-License-Identifier: Apache-2.0
// Grammars in the notation of llama.cpp (GBNF): docs/structured-output.md has an example.
// Source: ggml-org/llama.cpp, grammars/README.md.
#pragma once

#include <string_view>

#include "grammar/rules/rule_set.h"

namespace pangu::grammar {

/// Adds the rules of a grammar and returns `root`. Throws InputError naming the place of what is
/// wrong, and rules that are missing or defined twice.
RuleId add_gbnf(std::string_view source, RuleSet& rules);

}  // namespace pangu::grammar
