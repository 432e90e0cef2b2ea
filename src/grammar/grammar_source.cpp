// SPDX-License-Identifier: Apache-2.0
#include "grammar/grammar_source.h"

#include "base/error.h"
#include "base/utf8.h"
#include "grammar/gbnf/gbnf_parser.h"
#include "grammar/regex/regex_parser.h"
#include "grammar/schema/json_schema.h"

namespace pangu::grammar {
namespace {

/// `build` adds the rules and returns the one that a reply follows.
template <class Build>
Program compile_with(const GrammarLimits& limits, Build build) {
  CompileBudget budget(limits);
  RuleSet rules(budget);
  const RuleId root = build(rules);
  return compile_rules(rules, root);
}

}  // namespace

Program compile_json_schema(std::string_view schema, const GrammarLimits& limits) {
  return compile_with(limits, [&](RuleSet& rules) {
    rules.budget().check_size(schema.size(), "schema");
    return add_json_schema(schema, rules);
  });
}

Program compile_regex(std::string_view expression, const GrammarLimits& limits) {
  return compile_with(limits, [&](RuleSet& rules) {
    rules.budget().check_size(expression.size(), "regular expression");
    return rules.add("the regular expression", add_regex(expression, rules));
  });
}

Program compile_choices(std::span<const std::string> texts, const GrammarLimits& limits) {
  return compile_with(limits, [&](RuleSet& rules) {
    std::size_t bytes = 0;
    for (const std::string& text : texts) {
      bytes += text.size();
      if (text.empty()) {
        fail<InputError>(
            "[grammar] one of the choices is empty. Texts of a byte or more were expected.");
      }
      utf8::require_valid(text, "the choice");
    }
    if (texts.empty()) fail<InputError>("[grammar] there are no choices. Give one or more.");
    rules.budget().check_size(bytes, "list of choices");
    return rules.add("the choices", rules.choices({texts.begin(), texts.end()}));
  });
}

Program compile_gbnf(std::string_view source, const GrammarLimits& limits) {
  return compile_with(limits, [&](RuleSet& rules) {
    rules.budget().check_size(source.size(), "grammar");
    return add_gbnf(source, rules);
  });
}

}  // namespace pangu::grammar
