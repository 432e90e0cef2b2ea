// SPDX-License-Identifier: Apache-2.0
// Tasks on numbers. Results are computed here in the meaning of the Python that is written; a test
// runs it.
#include "corpus/code_tasks.h"

#include <algorithm>

#include "corpus/code_parts.h"

namespace pangu::corpus {

CodeTask list_task(Draw& draw) {
  const Condition condition = draw_condition(draw);
  const Reduction& reduction = draw.pick(kReductions);
  // Counting does not look at what is counted.
  Change change = draw_change(draw);
  while (reduction.key == std::string_view("count") && change.key != "same") {
    change = draw_change(draw);
  }
  CodeTask task;
  task.key = fmt::format("list {} {} {}", condition.key, change.key, reduction.key);
  task.description = {
      fmt::format("{} {} in a list{}", reduction.told.en, condition.told.en, change.told.en),
      fmt::format("列表中{}{}{}", condition.told.zh, change.told.zh, reduction.told.zh)};
  task.parameters = "xs";
  const std::string list = fmt::format("[{} for x in xs{}{}]", change.code,
                                       condition.code.empty() ? "" : " if ", condition.code);
  task.plan = {fmt::format("value: {}; condition: {}; result: {}", change.code,
                           condition.code.empty() ? "none" : condition.code, reduction.key),
               fmt::format("值：{}；条件：{}；结果：{}", change.code,
                           condition.code.empty() ? "无" : condition.code, reduction.key)};
  write_list_task(task, list, condition, change.apply, reduction, draw);
  return task;
}

namespace {

struct Expression {
  const char* key;
  const char* parameters;
  const char* code;
  Word told;
  int (*value)(const Ints& v, int k, int m);
};

const std::vector<Expression> kExpressions = {
    {"xk+m",
     "x",
     "x * {k} + {m}",
     {"x times {k} plus {m}", "x乘{k}再加{m}"},
     [](const Ints& v, int k, int m) { return v[0] * k + m; }},
    {"(x+k)m",
     "x",
     "(x + {k}) * {m}",
     {"x plus {k}, all times {m}", "x加{k}后再乘{m}"},
     [](const Ints& v, int k, int m) { return (v[0] + k) * m; }},
    {"xx+k-m",
     "x",
     "x * x + {k} - {m}",
     {"the square of x plus {k} minus {m}", "x的平方加{k}减{m}"},
     [](const Ints& v, int k, int m) { return v[0] * v[0] + k - m; }},
    {"(x+y)k",
     "x, y",
     "(x + y) * {k}",
     {"the sum of x and y, times {k}", "x与y的和乘{k}"},
     [](const Ints& v, int k, int) { return (v[0] + v[1]) * k; }},
    {"(x-y)k+m",
     "x, y",
     "(x - y) * {k} + {m}",
     {"the difference of x and y, times {k}, plus {m}", "x与y的差乘{k}再加{m}"},
     [](const Ints& v, int k, int m) { return (v[0] - v[1]) * k + m; }},
    {"xy+k",
     "x, y",
     "x * y + {k}",
     {"the product of x and y plus {k}", "x与y的积加{k}"},
     [](const Ints& v, int k, int) { return v[0] * v[1] + k; }},
    {"xk+ym",
     "x, y",
     "x * {k} + y * {m}",
     {"x times {k} plus y times {m}", "x乘{k}加y乘{m}"},
     [](const Ints& v, int k, int m) { return v[0] * k + v[1] * m; }},
    {"xk-ym",
     "x, y",
     "x * {k} - y * {m}",
     {"x times {k} minus y times {m}", "x乘{k}减y乘{m}"},
     [](const Ints& v, int k, int m) { return v[0] * k - v[1] * m; }},
    {"(x+y+z)k-m",
     "x, y, z",
     "(x + y + z) * {k} - {m}",
     {"the sum of x, y and z, times {k}, minus {m}", "x、y、z的和乘{k}再减{m}"},
     [](const Ints& v, int k, int m) { return (v[0] + v[1] + v[2]) * k - m; }},
    {"xy+zk",
     "x, y, z",
     "x * y + z * {k}",
     {"the product of x and y plus z times {k}", "x与y的积加z乘{k}"},
     [](const Ints& v, int k, int) { return v[0] * v[1] + v[2] * k; }},
};

Gaps constants(int k, int m) {
  Gaps gaps;
  gaps.set("k", k).set("m", m);
  return gaps;
}

/// Three different lists of arguments.
std::vector<Ints> draw_arguments(Draw& draw, std::size_t count, int high) {
  std::vector<Ints> all;
  while (all.size() < kCallsPerTask) {
    Ints v(count);
    for (int& x : v) x = draw.between(1, high);
    if (std::ranges::find(all, v) == all.end()) all.push_back(std::move(v));
  }
  return all;
}

}  // namespace

CodeTask arithmetic_task(Draw& draw) {
  const Expression& e = draw.pick(kExpressions);
  const int k = draw.between(2, 9), m = draw.between(2, 9);
  const Gaps gaps = constants(k, m);
  CodeTask task;
  const bool has_m = std::string_view(e.code).find("{m}") != std::string_view::npos;
  task.key = has_m ? fmt::format("arithmetic {} {} {}", e.key, k, m)
                   : fmt::format("arithmetic {} {}", e.key, k);
  task.description = {gaps.fill(e.told.en), gaps.fill(e.told.zh)};
  task.parameters = e.parameters;
  const std::string code = gaps.fill(e.code);
  task.plan = {"value: " + code, "值：" + code};
  task.body = "    return " + code;
  const auto count = 1 + static_cast<std::size_t>(std::ranges::count(task.parameters, ','));
  for (const Ints& v : draw_arguments(draw, count, 12)) {
    std::string given = python(v);
    given = given.substr(1, given.size() - 2);
    task.calls.emplace_back(given, std::to_string(e.value(v, k, m)));
  }
  return task;
}

CodeTask choice_task(Draw& draw) {
  static const std::pair<const char*, const char*> kAnswers[] = {{"big", "small"}, {"yes", "no"},
                                                                 {"high", "low"},  {"hot", "cold"},
                                                                 {"win", "lose"},  {"new", "old"}};
  const auto& [first, second] = draw.pick(kAnswers);
  const int k = draw.between(3, 20);
  const int kind = draw.between(0, 2);
  const char* const sign = kind == 0 ? ">" : "<";
  std::string condition = fmt::format("x {} {}", sign, k);
  Told told = kind == 0 ? Told{fmt::format("x is above {}", k), fmt::format("x大于{}", k)}
                        : Told{fmt::format("x is below {}", k), fmt::format("x小于{}", k)};
  int divisor = 0;
  if (kind == 2) {
    divisor = draw.between(2, 15);
    condition = fmt::format("x % {} == 0", divisor);
    told = {fmt::format("x is a multiple of {}", divisor), fmt::format("x是{}的倍数", divisor)};
  }
  CodeTask task;
  task.key = fmt::format("choice {} {} {}", condition, first, second);
  task.description = {fmt::format("'{}' if {}, else '{}'", first, told.en, second),
                      fmt::format("：{}时为'{}'，否则为'{}'", told.zh, first, second)};
  task.plan = {fmt::format("condition: {}", condition), fmt::format("条件：{}", condition)};
  task.parameters = "x";
  task.body =
      fmt::format("    if {}:\n        return '{}'\n    return '{}'", condition, first, second);
  // Both answers occur.
  const auto holds = [&](int x) {
    return kind == 0 ? x > k : kind == 1 ? x < k : x % divisor == 0;
  };
  std::vector<int> given;
  while (given.size() < kCallsPerTask) {
    const int x = draw.between(1, 30);
    const bool wanted = given.size() % 2 == 0;
    if (holds(x) == wanted && std::ranges::find(given, x) == given.end()) given.push_back(x);
  }
  draw.shuffle(given);
  for (const int x : given) {
    task.calls.emplace_back(std::to_string(x), fmt::format("'{}'", holds(x) ? first : second));
  }
  return task;
}

CodeTask loop_task(Draw& draw) {
  const int start = draw.between(1, 5);
  const int k = draw.between(2, 5);
  const int m = draw.between(2, 5);
  const int kind = draw.between(0, 2);  // i, i * m, i + m
  const std::string term = kind == 0 ? "i" : fmt::format("i {} {}", kind == 1 ? "*" : "+", m);
  CodeTask task;
  task.key = fmt::format("loop {} {} {}", start, k, term);
  const Told each = kind == 0   ? Told{"", ""}
                    : kind == 1 ? Told{fmt::format(", each times {}", m), fmt::format("各乘{}", m)}
                                : Told{fmt::format(", each plus {}", m), fmt::format("各加{}", m)};
  task.description = {
      fmt::format("the sum of the multiples of {} from {} to n{}", k, start, each.en),
      fmt::format("从{}到n中{}的倍数{}的和", start, k, each.zh)};
  task.plan = {fmt::format("loop: {} to n; condition: i % {} == 0; add: {}", start, k, term),
               fmt::format("循环：{}到n；条件：i % {} == 0；加：{}", start, k, term)};
  task.parameters = "n";
  task.body = fmt::format(
      "    total = 0\n    for i in range({}, n + 1):\n        if i % {} == 0:\n            total "
      "+= {}\n"
      "    return total",
      start, k, term);
  for (const Ints& v : draw_arguments(draw, 1, 20)) {
    int total = 0;
    for (int i = start; i <= v[0]; ++i) {
      if (i % k == 0) total += kind == 0 ? i : kind == 1 ? i * m : i + m;
    }
    task.calls.emplace_back(std::to_string(v[0]), std::to_string(total));
  }
  return task;
}

}  // namespace pangu::corpus
