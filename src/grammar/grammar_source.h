// SPDX-License-Identifier: Apache-2.0
// A grammar in any of its notations, and what it compiles to without a vocabulary: enough to tell
// what is wrong with it before a model is loaded.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "grammar/machine/program.h"
#include "pangu/grammar.h"

namespace pangu::grammar {

// As the members of GrammarCompiler, and throw as they do.
Program compile_json_schema(std::string_view schema, const GrammarLimits& limits = {});
Program compile_regex(std::string_view expression, const GrammarLimits& limits = {});
Program compile_choices(std::span<const std::string> texts, const GrammarLimits& limits = {});
Program compile_gbnf(std::string_view source, const GrammarLimits& limits = {});

}  // namespace pangu::grammar
