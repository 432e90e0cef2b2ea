// SPDX-License-Identifier: Apache-2.0
#include "corpus/code_compositions.h"

#include <algorithm>

#include "corpus/code_parts.h"

namespace pangu::corpus {
namespace {

/// Fewer numbers from 1 to 20 would make lists that meet both conditions rare.
constexpr int kFewestHits = 3;

int hits(const std::function<bool(int)>& holds) {
  int count = 0;
  for (int x = 1; x <= 20; ++x) count += holds(x);
  return count;
}

/// What is told first when two conditions meet: what a number is, then how large.
int place(const Condition& c) {
  if (c.key == "even" || c.key == "odd") return 0;
  return c.key.starts_with("multiple") ? 1 : 2;
}

std::string as_property(const Condition& c) {
  constexpr std::string_view kMultiple = "multiple ";
  return c.key.starts_with(kMultiple) ? "multiples of " + c.key.substr(kMultiple.size()) : c.key;
}

Condition both(const Condition& a, const Condition& b) {
  return {a.key + " and " + b.key,
          a.code + " and " + b.code,
          {a.told.en + " that are " + as_property(b), a.told.zh + "中" + b.told.zh},
          [a, b](int x) { return a.holds(x) && b.holds(x); }};
}

/// One condition, or two of which neither says what the other does.
Condition draw_conditions(Draw& draw, int count) {
  for (;;) {
    Condition a = draw_condition(draw);
    if (a.code.empty()) continue;
    if (count == 1) return a;
    Condition b = draw_condition(draw);
    if (b.code.empty()) continue;
    if (place(b) < place(a)) std::swap(a, b);
    const bool same_kind = a.key.substr(0, a.key.find(' ')) == b.key.substr(0, b.key.find(' '));
    if (same_kind || (place(a) == 0 && place(b) == 0)) continue;
    Condition c = both(a, b);
    const int met = hits(c.holds);
    if (met >= kFewestHits && met < hits(a.holds) && met < hits(b.holds)) return c;
  }
}

/// Changes of x, one after the other: (x + 3) * 4 - 2.
struct Changes {
  std::string key, code = "x";
  Told told;  ///< "plus 3, then times 4"
  std::function<int(int)> apply = [](int x) { return x; };
  bool is_sum = false;
  char last = ' ';

  void add(Draw& draw) {
    static constexpr std::pair<char, Word> kSigns[] = {
        {'+', {"plus", "加"}}, {'-', {"minus", "减"}}, {'*', {"times", "乘"}}};
    const auto* sign = &draw.pick(kSigns);
    while (sign->first == last) sign = &draw.pick(kSigns);
    last = sign->first;
    const int k = draw.between(2, 9);
    key += fmt::format(" {}{}", last, k);
    if (last == '*' && is_sum) code = "(" + code + ")";
    is_sum = last != '*';
    code += fmt::format(" {} {}", last, k);
    told.en += fmt::format("{}{} {}", told.en.empty() ? "" : ", then ", sign->second.en, k);
    told.zh += fmt::format("{}{}{}", told.zh.empty() ? "" : "再", sign->second.zh, k);
    apply = [before = apply, op = last, k](int x) {
      const int v = before(x);
      return op == '+' ? v + k : op == '-' ? v - k : v * k;
    };
  }
};

Changes draw_changes(Draw& draw, int count) {
  Changes changes;
  for (int i = 0; i < count; ++i) changes.add(draw);
  return changes;
}

const Reduction& draw_reduction(Draw& draw) {
  // Counting does not look at what is counted.
  for (;;) {
    const Reduction& r = draw.pick(kReductions);
    if (r.key != std::string_view("count")) return r;
  }
}

}  // namespace

CodeTask list_composition(const ListShape& shape, Draw& draw) {
  const Condition condition = draw_conditions(draw, shape.conditions);
  const Changes changes = draw_changes(draw, shape.changes);
  const Reduction& reduction = draw_reduction(draw);
  CodeTask task;
  task.key = fmt::format("list composition {}{} {}{}", condition.key, changes.key, reduction.key,
                         shape.has_helper ? " with helper" : "");
  const Told of = shape.has_helper ? Told{" {f} of", "的{f}"} : Told{"", ""};
  const Told each =
      shape.has_helper ? Told{"", ""} : Told{", each " + changes.told.en, "各" + changes.told.zh};
  task.description = {
      fmt::format("{}{} {} in a list{}", reduction.told.en, of.en, condition.told.en, each.en),
      fmt::format("列表中{}{}{}{}", condition.told.zh, of.zh, each.zh, reduction.told.zh)};
  task.parameters = "xs";
  std::string value = changes.code;
  if (shape.has_helper) {
    task.helper = {{"x " + changes.told.en, "x" + changes.told.zh + "的结果"},
                   "x",
                   "    return " + changes.code};
    value = "{f}(x)";
  }
  const std::string list = fmt::format("[{} for x in xs if {}]", value, condition.code);
  write_list_task(task, list, condition, changes.apply, reduction, draw);
  return task;
}

CodeTask number_composition(int count, Draw& draw) {
  const Changes changes = draw_changes(draw, count);
  CodeTask task;
  task.key = "number composition" + changes.key;
  task.description = {"x " + changes.told.en, "x" + changes.told.zh + "的结果"};
  task.parameters = "x";
  task.body = "    return " + changes.code;
  for (const std::size_t i : draw.distinct(kCallsPerTask, 12)) {
    const int x = static_cast<int>(i) + 1;
    task.calls.emplace_back(std::to_string(x), std::to_string(changes.apply(x)));
  }
  return task;
}

}  // namespace pangu::corpus
