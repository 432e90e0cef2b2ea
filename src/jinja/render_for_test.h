// SPDX-License-Identifier: Apache-2.0
// Renders small templates with a fixed set of variables, for tests.
#pragma once

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "jinja/template.h"

namespace pangu::jinja::test {

inline Json sample_variables() {
  return Json::parse(R"({
    "s": "Hello, Wörld! ", "cn": "系统：你好\n世界", "q": "it's \"q\"\n\t\\", "z": "",
    "l": [3, 1, 2], "ss": ["b", "A", "c", "a"], "el": [],
    "d": {"b": 1, "a": "x", "items": 5},
    "n": null, "t": true, "f": false, "i": 7, "x": 1.5,
    "objs": [{"n": "a", "v": 2, "k": {"z": 1}}, {"n": "b", "v": 1}, {"n": "A", "v": 2, "k": {"z": 3}}]
  })");
}

inline Text render_text(std::string_view source, const Json& values = sample_variables(),
                        const Limits& limits = {}) {
  std::vector<Variable> variables;
  for (const auto& [name, value] : values.items()) variables.push_back({name, value});
  return Template::parse(source, "test", limits).render(variables, 1700000000);
}

inline std::string render(std::string_view source, const Json& values = sample_variables()) {
  return render_text(source, values).bytes();
}

/// What {{ expression }} prints.
inline std::string evaluate(std::string_view expression) {
  return render("{{ " + std::string(expression) + " }}");
}

using Rows = std::initializer_list<std::pair<const char*, const char*>>;

/// Each expression must print its text.
inline void expect(Rows rows) {
  for (const auto& [expression, text] : rows) EXPECT_EQ(evaluate(expression), text) << expression;
}

/// Each template must give its text.
inline void expect_text(Rows rows) {
  for (const auto& [source, text] : rows) EXPECT_EQ(render(source), text) << source;
}

}  // namespace pangu::jinja::test
