// SPDX-License-Identifier: Apache-2.0
// Whatever filters, tests and methods are given, they answer or say what is wrong.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "jinja/filters.h"
#include "jinja/method_tables.h"
#include "jinja/render_for_test.h"
#include "pangu/error.h"
#include "tests/support/support.h"

namespace pangu::jinja {
namespace {

constexpr std::string_view kAnything[] = {"s",
                                          "z",
                                          "cn",
                                          "l",
                                          "el",
                                          "ss",
                                          "d",
                                          "n",
                                          "t",
                                          "i",
                                          "x",
                                          "missing",
                                          "objs",
                                          "range(3)",
                                          "(1, 2)",
                                          "joiner()",
                                          "-1",
                                          "10000000",
                                          "cycler(1)",
                                          "d.keys()",
                                          "s.upper",
                                          "('<' | e)",
                                          "range",
                                          "none",
                                          "[[1]]",
                                          "'{0}%s'",
                                          "(l | select)",
                                          "1e300",
                                          "namespace(a=1)",
                                          "dict",
                                          "{1: 2}",
                                          "[none]"};

/// Expressions with `name` between what it is applied to and what it is given.
class Calls {
 public:
  std::string with(std::string_view before, std::string_view name) {
    std::string out = any() + std::string(before) + std::string(name) + "(";
    const std::size_t n = below(4);
    for (std::size_t i = 0; i < n; ++i) out += (i > 0 ? ", " : "") + any();
    return out + ")";
  }

 private:
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(rng_() % n); }
  std::string any() { return std::string(kAnything[below(std::size(kAnything))]); }

  std::mt19937_64 rng_{pangu::test::seed()};
};

void expect_answer(const std::string& expression) {
  const Limits limits{.steps = 20'000, .output_bytes = 1 << 16, .range_items = 1000};
  try {
    test::render_text("{% set r = " + expression + " %}{{ r | string | length }}",
                      test::sample_variables(), limits);
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("line 1"), std::string::npos)
        << expression << ": " << error.what();
  }
}

TEST(Robustness, FiltersTakeAnything) {
  Calls calls;
  for (const auto table : {text_filters(), layout_filters(), markup_filters(), number_filters(),
                           sequence_filters(), grouping_filters(), selection_filters()}) {
    for (const Filter& filter : table) {
      for (int i = 0; i < 25; ++i) expect_answer(calls.with(" | ", filter.name));
    }
  }
}

TEST(Robustness, MethodsTakeAnything) {
  Calls calls;
  for (const auto table : {string_methods(), string_form_methods(), list_methods(), tuple_methods(),
                           dict_methods(), number_methods()}) {
    for (const Method& method : table) {
      for (int i = 0; i < 30; ++i) expect_answer(calls.with(".", method.name));
    }
  }
}

TEST(Robustness, TestsAndFunctionsTakeAnything) {
  Calls calls;
  for (const char* name : {"in", "sameas", "eq", "lt", "divisibleby", "odd", "filter", "callable",
                           "upper", "escaped", "sequence"}) {
    for (int i = 0; i < 25; ++i) expect_answer(calls.with(" is ", name));
  }
  for (const char* name : {"range", "dict", "namespace", "cycler", "joiner", "strftime_now"}) {
    for (int i = 0; i < 25; ++i) expect_answer(calls.with(" ~ ", name));
  }
  for (int i = 0; i < 250; ++i) expect_answer(calls.with(" % ", ""));
}

}  // namespace
}  // namespace pangu::jinja
