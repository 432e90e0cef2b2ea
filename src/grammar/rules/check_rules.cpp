// SPDX-License-Identifier: Apache-2.0
// Which rules can be followed at all: fixpoints over all rules, then a walk over what they begin
// with.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/clipped.h"
#include "grammar/rules/rule_set.h"

namespace pangu::grammar {
namespace {

/// Which expressions have a property: that they stand for the empty text, or for any finite text.
class Property {
 public:
  enum class Question : std::uint8_t { kFinite, kEmpty };

  Property(const RuleSet& rules, Question question)
      : rules_(rules),
        asks_empty_(question == Question::kEmpty),
        of_(static_cast<std::size_t>(rules.exprs()), false) {
    // Parts come before what they are parts of, so that only calls take more than one round.
    for (bool changed = true; changed;) {
      changed = false;
      for (ExprId id = 0; id < rules.exprs(); ++id) {
        rules.budget().work();
        if (holds(id) || !follows(rules.expr(id))) continue;
        of_[static_cast<std::size_t>(id)] = changed = true;
      }
    }
  }

  bool holds(ExprId id) const { return of_[static_cast<std::size_t>(id)]; }
  std::vector<bool> take() { return std::move(of_); }

 private:
  /// From what is known of the parts.
  bool follows(const Expr& e) const {
    const auto part_holds = [this](ExprId part) { return holds(part); };
    switch (e.kind) {
      case Expr::Kind::kText:
        return !asks_empty_ || e.text.empty();
      case Expr::Kind::kCharacters:
        return !asks_empty_ && !e.characters.empty();
      case Expr::Kind::kChoices:
        return std::any_of(e.choices.begin(), e.choices.end(), [this](const std::string& text) {
          return !asks_empty_ || text.empty();
        });
      case Expr::Kind::kSequence:
        return std::all_of(e.parts.begin(), e.parts.end(), part_holds);
      case Expr::Kind::kEither:
        return std::any_of(e.parts.begin(), e.parts.end(), part_holds);
      case Expr::Kind::kRepeat:
        return e.min == 0 || holds(e.parts[0]);
      case Expr::Kind::kCall:
        return holds(rules_.body(e.rule));
    }
    return false;
  }

  const RuleSet& rules_;
  bool asks_empty_;
  std::vector<bool> of_;
};

/// The rules that an expression may begin with.
void add_first_rules(const RuleSet& rules, const Property& empty, ExprId id,
                     std::vector<RuleId>& out) {
  const Expr& e = rules.expr(id);
  if (e.kind == Expr::Kind::kCall) out.push_back(e.rule);
  for (const ExprId part : e.parts) {
    add_first_rules(rules, empty, part, out);
    if (e.kind == Expr::Kind::kSequence && !empty.holds(part)) break;
  }
}

[[noreturn]] void refuse_left_recursion(const RuleSet& rules, const std::vector<RuleId>& path,
                                        RuleId again) {
  std::string names;
  for (auto at = std::find(path.begin(), path.end(), again); at != path.end(); ++at) {
    names += clipped(rules.name(*at)) + " -> ";
  }
  fail<InputError>(
      "[grammar] a rule begins with itself: {}. Rules that read something before they come back to "
      "themselves were expected.",
      clipped(names + rules.name(again), 400));
}

/// Depth first, without recursion: chains of rules may be long.
void refuse_cycles(const RuleSet& rules, const std::vector<std::vector<RuleId>>& first) {
  enum class Mark : std::uint8_t { kNew, kOpen, kDone };
  std::vector<Mark> marks(first.size(), Mark::kNew);
  for (std::size_t start = 0; start < first.size(); ++start) {
    std::vector<RuleId> path;
    std::vector<std::size_t> next;
    const auto open = [&](RuleId rule) {
      Mark& mark = marks[static_cast<std::size_t>(rule)];
      if (mark == Mark::kOpen) refuse_left_recursion(rules, path, rule);
      if (mark == Mark::kDone) return;
      mark = Mark::kOpen;
      path.push_back(rule);
      next.push_back(0);
    };
    open(static_cast<RuleId>(start));
    while (!path.empty()) {
      const auto& begun_by = first[static_cast<std::size_t>(path.back())];
      if (next.back() < begun_by.size()) {
        open(begun_by[next.back()++]);
        continue;
      }
      marks[static_cast<std::size_t>(path.back())] = Mark::kDone;
      path.pop_back();
      next.pop_back();
    }
  }
}

}  // namespace

std::vector<bool> check_rules(const RuleSet& rules, RuleId root) {
  const Property empty(rules, Property::Question::kEmpty);
  std::vector<std::vector<RuleId>> first(static_cast<std::size_t>(rules.rules()));
  for (RuleId r = 0; r < rules.rules(); ++r) {
    add_first_rules(rules, empty, rules.body(r), first[static_cast<std::size_t>(r)]);
  }
  refuse_cycles(rules, first);
  Property finite(rules, Property::Question::kFinite);
  if (!finite.holds(rules.body(root))) {
    fail<InputError>(
        "[grammar] no text follows {}: whatever is written needs something more. A grammar that "
        "can "
        "end was expected.",
        clipped(rules.name(root)));
  }
  return finite.take();
}

}  // namespace pangu::grammar
