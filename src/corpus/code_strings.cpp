// SPDX-License-Identifier: Apache-2.0
// Tasks on strings: take a part or turn it round, then repeat it or put something beside it.
#include <algorithm>
#include <functional>
#include <iterator>

#include "corpus/code_tasks.h"

namespace pangu::corpus {
namespace {

constexpr const char* kTexts[] = {"apple",  "river",  "stone",  "music", "garden",
                                  "window", "yellow", "table",  "paper", "orange",
                                  "horse",  "silver", "Berlin", "Monday"};
constexpr const char* kMarks[] = {"!", "?", "-", "+", "#", "*", "a", "e", "x", "ok", "no", "end"};

/// One step of the way from s to the result; code has {s} where the text so far stands.
struct StringStep {
  enum Kind { kTurn, kCase, kCut, kFrame };
  Kind kind;
  std::string code;
  Told told;
  std::function<std::string(const std::string&)> apply;
};

std::string reversed(std::string s) {
  std::ranges::reverse(s);
  return s;
}
std::string mapped(std::string s, int (*change)(int)) {
  for (char& c : s) c = static_cast<char>(change(static_cast<unsigned char>(c)));
  return s;
}
int upper(int c) {
  return c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c;
}
int lower(int c) {
  return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

StringStep draw_part(Draw& draw) {
  const int kind = draw.between(0, 6);
  const auto k = static_cast<std::size_t>(draw.between(1, 4));
  const auto K = std::to_string(k);
  if (kind == 0) {
    return {StringStep::kTurn, "{s}[::-1]", {"reversed", "反转"}, reversed};
  }
  if (kind == 1) {
    return {StringStep::kCase, "{s}.upper()", {"in upper case", "变成大写"}, [](auto& s) {
              return mapped(s, upper);
            }};
  }
  if (kind == 2) {
    return {StringStep::kCase, "{s}.lower()", {"in lower case", "变成小写"}, [](auto& s) {
              return mapped(s, lower);
            }};
  }
  if (kind <= 4) {
    return {StringStep::kCut,
            "{s}[:" + K + "]",
            {"cut to its first " + K + " letters", "取前" + K + "个字母"},
            [k](auto& s) { return s.substr(0, k); }};
  }
  if (kind == 5) {
    return {StringStep::kCut,
            "{s}[-" + K + ":]",
            {"cut to its last " + K + " letters", "取后" + K + "个字母"},
            [k](auto& s) { return s.substr(s.size() - k); }};
  }
  return {StringStep::kCut,
          "{s}[" + K + ":]",
          {"without its first " + K + " letters", "去掉前" + K + "个字母"},
          [k](auto& s) { return s.substr(k); }};
}

StringStep draw_frame(Draw& draw) {
  const int kind = draw.between(0, 3);
  if (kind == 0) {
    const int k = draw.between(2, 5);
    return {StringStep::kFrame,
            fmt::format("{{s}} * {}", k),
            {fmt::format("repeated {} times", k), fmt::format("重复{}次", k)},
            [k](const std::string& s) {
              std::string out;
              for (int i = 0; i < k; ++i) out += s;
              return out;
            }};
  }
  const std::string mark = draw.pick(kMarks);
  if (kind == 1) {
    return {StringStep::kFrame,
            "'" + mark + "' + {s}",
            {"with '" + mark + "' in front", "前面加'" + mark + "'"},
            [mark](const std::string& s) { return mark + s; }};
  }
  if (kind == 2) {
    return {StringStep::kFrame,
            "{s} + '" + mark + "'",
            {"with '" + mark + "' at the end", "后面加'" + mark + "'"},
            [mark](const std::string& s) { return s + mark; }};
  }
  return {StringStep::kFrame,
          "'" + mark + "' + {s} + '" + mark + "'",
          {"between two '" + mark + "'", "两边加'" + mark + "'"},
          [mark](const std::string& s) { return mark + s + mark; }};
}

/// `count` different kinds of steps, at most three: with one cut there is always a letter left, and
/// nothing is turned twice.
std::vector<StringStep> draw_parts(Draw& draw, int count) {
  std::vector<StringStep> parts;
  while (std::ssize(parts) < count) {
    StringStep next = draw_part(draw);
    if (std::ranges::find(parts, next.kind, &StringStep::kind) == parts.end()) {
      parts.push_back(std::move(next));
    }
  }
  return parts;
}

CodeTask string_steps(const std::vector<StringStep>& steps, Draw& draw) {
  CodeTask task;
  std::string code = "s";
  Told told{"the text s", "字符串s"};
  for (std::size_t i = 0; i < steps.size(); ++i) {
    code = Gaps().set("s", code).fill(steps[i].code);
    told.en += (i == 0 ? " " : ", ") + steps[i].told.en;
    told.zh += (i == 0 ? "" : "，再") + steps[i].told.zh;
  }
  task.key = "string " + code;
  task.description = {told.en, told.zh + "的结果"};
  task.plan = {"value: " + code, "值：" + code};
  task.parameters = "s";
  task.body = "    return " + code;
  for (const std::size_t i : draw.distinct(kCallsPerTask, std::size(kTexts))) {
    std::string text = kTexts[i];
    std::string given = "'" + text + "'";
    for (const StringStep& step : steps) text = step.apply(text);
    task.calls.emplace_back(std::move(given), "'" + text + "'");
  }
  return task;
}

}  // namespace

CodeTask string_task(Draw& draw) {
  std::vector<StringStep> steps{draw_part(draw)};
  steps.push_back(draw_frame(draw));
  return string_steps(steps, draw);
}

CodeTask string_composition(int parts, Draw& draw) {
  std::vector<StringStep> steps = draw_parts(draw, parts);
  steps.push_back(draw_frame(draw));
  return string_steps(steps, draw);
}

}  // namespace pangu::corpus
