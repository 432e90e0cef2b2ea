// SPDX-License-Identifier: Apache-2.0
#include "grammar/rules/rule_set.h"

#include <algorithm>
#include <utility>

namespace pangu::grammar {
namespace {

/// Functions that walk expressions recurse this deep.
constexpr std::int32_t kMaxExprDepth = 1000;

}  // namespace

ExprId RuleSet::add_expr(Expr expr) {
  budget_.spend();
  for (const ExprId part : expr.parts) {
    expr.depth = std::max(expr.depth, this->expr(part).depth + 1);
  }
  if (expr.depth > kMaxExprDepth) {
    fail<InputError>(
        "[grammar] expressions nest deeper than {} levels. Flatter ones were expected.",
        kMaxExprDepth);
  }
  exprs_.push_back(std::move(expr));
  return static_cast<ExprId>(exprs_.size()) - 1;
}

ExprId RuleSet::text(std::string bytes) {
  budget_.spend(std::ssize(bytes));
  return add_expr({.kind = Expr::Kind::kText, .text = std::move(bytes)});
}

ExprId RuleSet::characters(CodePointSet set) {
  return add_expr({.kind = Expr::Kind::kCharacters, .characters = std::move(set)});
}

ExprId RuleSet::choices(std::vector<std::string> texts) {
  return add_expr({.kind = Expr::Kind::kChoices, .choices = std::move(texts)});
}

ExprId RuleSet::sequence(std::vector<ExprId> parts) {
  return add_expr({.kind = Expr::Kind::kSequence, .parts = std::move(parts)});
}

ExprId RuleSet::either(std::vector<ExprId> parts) {
  if (parts.size() == 1) return parts.front();
  return add_expr({.kind = Expr::Kind::kEither, .parts = std::move(parts)});
}

ExprId RuleSet::repeat(ExprId part, std::int64_t min, std::int64_t max) {
  const std::int64_t most = budget_.limits().max_repetitions;
  if (min > most || max > most) {
    fail<InputError>("[grammar] a repetition of {} was asked for; at most {} may be counted.",
                     std::max(min, max), most);
  }
  if (min < 0 || (max != Expr::kNoLimit && max < min)) {
    fail<InputError>("[grammar] a repetition of at least {} and at most {} cannot be.", min, max);
  }
  return add_expr({.kind = Expr::Kind::kRepeat, .parts = {part}, .min = min, .max = max});
}

ExprId RuleSet::call(RuleId rule) {
  return add_expr({.kind = Expr::Kind::kCall, .rule = rule});
}

RuleId RuleSet::declare(std::string name) {
  budget_.spend();
  rules_.push_back({std::move(name)});
  return static_cast<RuleId>(rules_.size()) - 1;
}

RuleId RuleSet::add(std::string name, ExprId body) {
  const RuleId rule = declare(std::move(name));
  define(rule, body);
  return rule;
}

}  // namespace pangu::grammar
