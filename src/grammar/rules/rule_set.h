// SPDX-License-Identifier: Apache-2.0
// A grammar as front ends build it: named rules, each an expression over characters, texts and
// other rules. What it compiles to is in machine/program.h.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "grammar/rules/code_points.h"
#include "grammar/rules/compile_budget.h"

namespace pangu::grammar {

using ExprId = std::int32_t;
using RuleId = std::int32_t;

struct Expr {
  enum class Kind : std::uint8_t {
    kText,        ///< these bytes
    kCharacters,  ///< one of these characters
    kChoices,     ///< one of these texts
    kSequence,    ///< the parts, one after the other
    kEither,      ///< one of the parts
    kRepeat,      ///< the only part, min to max times
    kCall         ///< what a rule stands for
  };
  static constexpr std::int64_t kNoLimit = -1;

  Kind kind;
  std::int32_t depth = 1;
  std::string text = {};
  CodePointSet characters = {};
  std::vector<std::string> choices = {};
  std::vector<ExprId> parts = {};
  std::int64_t min = 0, max = 0;
  RuleId rule = -1;
};

class RuleSet {
 public:
  /// The budget must outlive it.
  explicit RuleSet(CompileBudget& budget) : budget_(budget) {}

  ExprId text(std::string bytes);
  ExprId characters(CodePointSet set);
  ExprId choices(std::vector<std::string> texts);
  ExprId sequence(std::vector<ExprId> parts);
  ExprId either(std::vector<ExprId> parts);
  /// Throws InputError past the limit of repetitions, and where min exceeds max.
  ExprId repeat(ExprId part, std::int64_t min, std::int64_t max = Expr::kNoLimit);
  ExprId optional(ExprId part) { return repeat(part, 0, 1); }
  ExprId call(RuleId rule);
  ExprId nothing() { return sequence({}); }

  /// A rule whose expression comes later. Names are for messages.
  RuleId declare(std::string name);
  void define(RuleId rule, ExprId body) { rules_[index(rule)].body = body; }
  RuleId add(std::string name, ExprId body);
  bool is_defined(RuleId rule) const { return rules_[index(rule)].body >= 0; }

  const Expr& expr(ExprId id) const { return exprs_[index(id)]; }
  ExprId body(RuleId rule) const { return rules_[index(rule)].body; }
  const std::string& name(RuleId rule) const { return rules_[index(rule)].name; }
  std::int32_t exprs() const { return static_cast<std::int32_t>(exprs_.size()); }
  std::int32_t rules() const { return static_cast<std::int32_t>(rules_.size()); }
  CompileBudget& budget() const { return budget_; }

 private:
  struct Rule {
    std::string name;
    ExprId body = -1;
  };
  static std::size_t index(std::int32_t id) { return static_cast<std::size_t>(id); }
  ExprId add_expr(Expr expr);

  CompileBudget& budget_;
  std::vector<Expr> exprs_;
  std::vector<Rule> rules_;
};

/// Refuses left recursion, which a parser from left to right cannot follow, and a root that no
/// finite text follows. Every rule must be defined. Throws InputError naming the rules. Returns,
/// for each expression, whether it stands for some finite text.
std::vector<bool> check_rules(const RuleSet& rules, RuleId root);

}  // namespace pangu::grammar
