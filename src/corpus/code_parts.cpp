// SPDX-License-Identifier: Apache-2.0
#include "corpus/code_parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace pangu::corpus {

std::string python(const Ints& values) {
  std::string text = "[";
  for (const int v : values) text += (text.size() > 1 ? ", " : "") + std::to_string(v);
  return text + "]";
}

Condition draw_condition(Draw& draw) {
  const int kind = draw.between(0, 9);
  if (kind == 0) return {"all", "", {"all numbers", "所有数"}, [](int) { return true; }};
  if (kind == 1) {
    return {"even", "x % 2 == 0", {"the even numbers", "偶数"}, [](int x) { return x % 2 == 0; }};
  }
  if (kind == 2) {
    return {"odd", "x % 2 == 1", {"the odd numbers", "奇数"}, [](int x) { return x % 2 == 1; }};
  }
  if (kind <= 5) {
    const int k = draw.between(1, 15);
    return {fmt::format("above {}", k),
            fmt::format("x > {}", k),
            {fmt::format("the numbers above {}", k), fmt::format("大于{}的数", k)},
            [k](int x) { return x > k; }};
  }
  if (kind <= 8) {
    const int k = draw.between(5, 20);
    return {fmt::format("below {}", k),
            fmt::format("x < {}", k),
            {fmt::format("the numbers below {}", k), fmt::format("小于{}的数", k)},
            [k](int x) { return x < k; }};
  }
  const int k = draw.between(3, 5);
  return {fmt::format("multiple {}", k),
          fmt::format("x % {} == 0", k),
          {fmt::format("the multiples of {}", k), fmt::format("{}的倍数", k)},
          [k](int x) { return x % k == 0; }};
}

Change draw_change(Draw& draw) {
  const int kind = draw.between(0, 8);
  if (kind == 0) return {"same", "x", {"", ""}, [](int x) { return x; }};
  if (kind == 1)
    return {"square", "x * x", {", each squared", "各自平方"}, [](int x) { return x * x; }};
  const int k = draw.between(2, 9);
  if (kind <= 4) {
    return {fmt::format("plus {}", k),
            fmt::format("x + {}", k),
            {fmt::format(", each plus {}", k), fmt::format("各加{}", k)},
            [k](int x) { return x + k; }};
  }
  if (kind <= 6) {
    return {fmt::format("times {}", k),
            fmt::format("x * {}", k),
            {fmt::format(", each times {}", k), fmt::format("各乘{}", k)},
            [k](int x) { return x * k; }};
  }
  return {fmt::format("minus {}", k),
          fmt::format("x - {}", k),
          {fmt::format(", each minus {}", k), fmt::format("各减{}", k)},
          [k](int x) { return x - k; }};
}

const std::vector<Reduction> kReductions = {
    {"list", "", {"the list of", "的列表"}, [](const Ints& v) { return python(v); }},
    {"sum",
     "sum",
     {"the sum of", "的和"},
     [](const Ints& v) { return std::to_string(std::accumulate(v.begin(), v.end(), 0)); }},
    {"count",
     "len",
     {"the count of", "的个数"},
     [](const Ints& v) { return std::to_string(v.size()); }},
    {"max",
     "max",
     {"the largest of", "的最大值"},
     [](const Ints& v) { return std::to_string(*std::ranges::max_element(v)); }},
    {"min",
     "min",
     {"the smallest of", "的最小值"},
     [](const Ints& v) { return std::to_string(*std::ranges::min_element(v)); }},
    {"sorted",
     "sorted",
     {"the sorted list of", "排序后的列表"},
     [](const Ints& v) {
       Ints sorted = v;
       std::ranges::sort(sorted);
       return python(sorted);
     }},
};

Ints draw_list(Draw& draw, const std::function<bool(int)>& holds) {
  for (;;) {
    Ints list(static_cast<std::size_t>(draw.between(4, 5)));
    for (int& x : list) x = draw.between(1, 20);
    if (std::ranges::any_of(list, holds)) return list;
  }
}

void write_list_task(CodeTask& task, const std::string& list, const Condition& condition,
                     const std::function<int(int)>& change, const Reduction& reduction,
                     Draw& draw) {
  const bool reduces = *reduction.function != '\0';
  task.body = "    return " + (reduces ? fmt::format("{}({})", reduction.function, list) : list);
  for (int i = 0; i < kCallsPerTask; ++i) {
    const Ints given = draw_list(draw, condition.holds);
    Ints kept;
    for (const int x : given) {
      if (condition.holds(x)) kept.push_back(change(x));
    }
    task.calls.emplace_back(python(given), reduction.apply(kept));
  }
}

}  // namespace pangu::corpus
