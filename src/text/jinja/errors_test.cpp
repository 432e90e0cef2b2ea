// SPDX-License-Identifier: Apache-2.0
// What is refused, as which error, naming what, and at which line; and the limits.
#include <gtest/gtest.h>

#include <string>

#include "pangu/error.h"
#include "tests/support/support.h"
#include "text/jinja/render_for_test.h"

namespace pangu::jinja {
namespace {

/// A template that must fail on its third line, with these words in the message.
struct Row {
  const char* source;
  const char* words;
};

template <class E>
void expect_errors(std::initializer_list<Row> rows) {
  for (const auto& [source, words] : rows) {
    SCOPED_TRACE(source);
    const std::string third_line = "\n\n" + std::string(source);
    PANGU_EXPECT_ERROR(test::render(third_line), E, "[chat template] test, line 3: ", words);
  }
}

TEST(Errors, UnknownTagsAreNamed) {
  expect_errors<Unsupported>({
      {"{% include 'x' %}", "tag 'include'"},
      {"{% import 'x' as y %}", "tag 'import'"},
      {"{% from 'x' import y %}", "tag 'from'"},
      {"{% extends 'x' %}", "tag 'extends'"},
      {"{% block x %}{% endblock %}", "tag 'block'"},
      {"{% call m() %}{% endcall %}", "tag 'call'"},
      {"{% filter upper %}a{% endfilter %}", "tag 'filter'"},
      {"{% with y=1 %}{% endwith %}", "tag 'with'"},
      {"{% do l.append(1) %}", "tag 'do'"},
      {"{% autoescape true %}{% endautoescape %}", "tag 'autoescape'"},
      {"{% for i in l recursive %}{% endfor %}", "'recursive'"},
      {"{% set y | upper %}a{% endset %}", "filter on a 'set' block"},
      {"{{ m(*l) }}", "'*'"},
      {"{{ m(**d) }}", "'**'"},
      {"{{ l[1, 2] }}", "commas"},
      {"{{ '\\N{DASH}' }}", "\\N"},
      {"{{ 99999999999999999999 }}", "99999999999999999999"},
  });
}

TEST(Errors, UnknownFiltersTestsFunctionsAndMethodsAreNamed) {
  expect_errors<Unsupported>({
      {"{{ s | groupby('v') }}", "filter 'groupby'"},
      {"{% if f %}{{ s | foo.bar }}{% endif %}", "filter 'foo.bar'"},
      {"{{ l | map('foo') | list }}", "filter 'foo'"},
      {"{{ s is sameas s }}", "test 'sameas'"},
      {"{{ l | select('foo') }}", "test 'foo'"},
      {"{{ objs | selectattr('n', 'foo') }}", "test 'foo'"},
      {"{{ foo(1) }}", "function 'foo'"},
      {"{{ s.format(1) }}", "method 'format' of type str"},
      {"{{ l.index(1) }}", "method 'index' of type list"},
      {"{{ d.foo() }}", "method 'foo' of type dict"},
      {"{{ d.update({}) }}", "method 'update'"},
      {"{{ d.pop }}", "method 'pop'"},
      {"{{ i.bit_length() }}", "method 'bit_length' of type int"},
      {"{% for i in l %}{{ loop.changed(i) }}{% endfor %}", "loop.changed"},
      {"{{ s.split(foo=1) }}", "method 'split' has no argument 'foo'"},
      {"{{ l | tojson(foo=1) }}", "filter 'tojson' has no argument 'foo'"},
      {"{{ '%s' % 1 }}", "'%'"},
      {"{{ strftime_now('%Q') }}", "%Q"},
      {"{{ strftime_now('%') }}", "strftime_now"},
      {"{{ range }}", "printing a function"},
      {"{{ s.upper }}", "printing a function"},
      {"{{ range(2) }}", "printing a range"},
      {"{{ d.items() }}", "printing a view"},
      {"{{ l | select }}", "printing a view or generator"},
      {"{{ namespace() }}", "printing a namespace"},
  });
}

TEST(Errors, MalformedTemplates) {
  expect_errors<ConfigError>({
      {"{{ s", "no end. Close it with '}}'"},
      {"{% if t", "no end. Close it with '%}'"},
      {"{# c", "no end. Close it with '#}'"},
      {"{% raw %}{% endra %}", "'raw' block"},
      {"{{ 'a }}", "string opened here has no end"},
      {"{% if t %}", "endif"},
      {"{% for i in l %}{% else %}", "endfor"},
      {"{% set y %}", "endset"},
      {"{% macro m() %}", "endmacro"},
      {"{% generation %}", "endgeneration"},
      {"{% endif %}", "'endif' closes"},
      {"{% if t %}{% endfor %}", "'endfor' closes"},
      {"{% else %}", "'else' closes"},
      {"{% break %}", "'break' stands outside"},
      {"{% for i in l %}{% macro m() %}{% continue %}{% endmacro %}{% endfor %}", "'continue'"},
      {"{{ 1 + }}", "found '}}', expected an expression"},
      {"{{}}", "expected an expression"},
      {"{% %}", "expected the word of a tag"},
      {"{{ (1 }}", "'}' closes nothing"},
      {"{{ ) }}", "')' closes nothing"},
      {"{{ (1] }}", "']' closes nothing"},
      {"{{ a b }}", "found 'b'"},
      {"{{ a 'b' }}", "found a string"},
      {"{{ $ }}", "character '$'"},
      {"{{ a ! b }}", "character '!'"},
      {"{{ and }}", "found 'and'"},
      {"{{ a. }}", "name of an attribute"},
      {"{{ a | }}", "name of a filter"},
      {"{{ a is }}", "name of a test"},
      {"{% for in l %}{% endfor %}", "'in' is a reserved word"},
      {"{% for i l %}{% endfor %}", "expected 'in'"},
      {"{% set true = 1 %}", "'true' is a reserved word"},
      {"{% macro m(a=1, b) %}{% endmacro %}", "'b'"},
      {"{{ m(a=1, 2) }}", "argument without a name"},
      {"{% if t %}{% endif x %}", "expected '%}'"},
  });
}

TEST(Errors, WhileRendering) {
  expect_errors<ConfigError>({
      {"{{ missing.x }}", "'missing' is undefined"},
      {"{{ d.foo.bar }}", "'foo' is undefined"},
      {"{{ missing[0] }}", "'missing' is undefined"},
      {"{{ missing[1:] }}", "'missing' is undefined"},
      {"{{ l[9].x }}", "'[9]' is undefined"},
      {"{{ missing + 1 }}", "'missing' is undefined"},
      {"{{ -missing }}", "'missing' is undefined"},
      {"{{ missing < 1 }}", "'missing' is undefined"},
      {"{{ missing | tojson }}", "'missing' is undefined"},
      {"{{ missing | int }}", "'missing' is undefined"},
      {"{{ [1 if f].0.x }}", "inline 'if' without 'else'"},
      {"{{ 'a' + 1 }}", "types str and int"},
      {"{{ 'a' - 'b' }}", "types str and str"},
      {"{{ -s }}", "type str"},
      {"{{ 1 / 0 }}", "divides by zero"},
      {"{{ 1 % 0 }}", "divides by zero"},
      {"{{ 1.5 // 0 }}", "divides by zero"},
      {"{{ 0 ** -1 }}", "divides by zero"},
      {"{{ (0 - 8) ** 0.5 }}", "no real number"},
      {"{{ 2 ** 63 }}", "64-bit"},
      {"{{ 9223372036854775807 + 1 }}", "64-bit"},
      {"{{ -(-9223372036854775807 - 1) }}", "64-bit"},
      {"{{ (-9223372036854775807 - 1) // -1 }}", "64-bit"},
      {"{{ 1e300 | int }}", "64-bit"},
      {"{{ '99999999999999999999' | int }}", "64-bit"},
      {"{{ 1 < 'a' }}", "types int and str"},
      {"{{ ['a', 1] | sort }}", "no order"},
      {"{{ 1 in 'a' }}", "type int in a str"},
      {"{{ 1 in 5 }}", "type int"},
      {"{{ l in d }}", "key of a dict"},
      {"{{ {[1]: 2} }}", "key of a dict"},
      {"{{ n[1:] }}", "type none"},
      {"{{ l[::0] }}", "step of a slice is 0"},
      {"{{ l['a':] }}", "type str, expected an int"},
      {"{{ s() }}", "type str is called"},
      {"{{ n | length }}", "type none has no length"},
      {"{{ (l | select) | length }}", "type generator has no length"},
      {"{{ 5 | list }}", "type int"},
      {"{% for i in n %}{% endfor %}", "type none"},
      {"{% for a, b in [(1, 2, 3)] %}{% endfor %}", "3 values cannot be given to 2"},
      {"{% set d.x = 1 %}", "'d' is no namespace"},
      {"{% set e.x = 1 %}", "'e' is no namespace"},
      {"{% macro m(a) %}{% endmacro %}{{ m(1, 2) }}", "at most 1 arguments but got 2"},
      {"{% macro m(a) %}{% endmacro %}{{ m(z=2) }}", "named argument it does not have"},
      {"{% macro m(a) %}{% endmacro %}{{ m(1, a=2) }}", "'a' twice"},
      {"{{ s.split(1) }}", "argument 'sep' of method 'split' is of type int, expected str"},
      {"{{ s.split('') }}", "empty separator"},
      {"{{ s.replace('a') }}", "needs its argument 'new'"},
      {"{{ s.upper(1) }}", "at most 0 arguments"},
      {"{{ s.replace('a', 'b', old='c') }}", "'old' twice"},
      {"{{ ','.join(l) }}", "type int, expected a str"},
      {"{{ range(1, 2, 0) }}", "step of 'range' is 0"},
      {"{{ range('a') }}", "argument 'start'"},
      {"{{ namespace(l) }}", "'namespace' takes one dict"},
      {"{{ range | tojson }}", "no JSON form"},
      {"{{ l | tojson(separators='x') }}", "expected two strings"},
      {"{{ 'a' | abs }}", "expected a number"},
      {"{{ 1 | round(1, 'up') }}", "method 'up'"},
      {"{{ '1' | int(0, 99) }}", "base of filter 'int' is 99"},
      {"{{ l | dictsort }}", "filter 'dictsort'"},
      {"{{ l | items }}", "filter 'items'"},
      {"{{ [l] | unique }}", "filter 'unique'"},
      {"{{ objs | selectattr }}", "name of an attribute"},
      {"{{ objs | map }}", "needs its argument 'attribute'"},
      {"{{ objs | map(attribute=none) }}", "type none, expected a str or int"},
      {"{{ l | select(1) }}", "name of a test"},
      {"{{ 's' | indent(none) }}", "indentation"},
      {"{% for i in l %}{{ loop.cycle() }}{% endfor %}", "loop.cycle"},
  });
}

TEST(Errors, RaiseExceptionIsAnInputError) {
  expect_errors<InputError>({{"{{ raise_exception('No ' ~ i) }}", "conversation: No 7"}});
}

TEST(Errors, TheLineIsThatOfTheExpression) {
  PANGU_EXPECT_ERROR(test::render("{{ s }}\n{{ 'a\nb' ~\n missing.x }}"), ConfigError, "line 4");
  PANGU_EXPECT_ERROR(test::render("{% macro m() %}\n\n{{ n.x.y }}{% endmacro %}\n{{ m() }}"),
                     ConfigError, "line 3");
  PANGU_EXPECT_ERROR(test::render("{% if t %}\n{% for i in l %}\n"), ConfigError, "line 2");
}

TEST(Errors, SourceMustBeUtf8AndOfReasonableSize) {
  PANGU_EXPECT_ERROR(test::render("a\n\xFF"), ConfigError, "line 2", "UTF-8 at byte 2");
  PANGU_EXPECT_ERROR(test::render(std::string((1 << 20) + 1, 'a')), ConfigError, "1048577",
                     "1048576");
  EXPECT_EQ(test::render(std::string(1 << 20, 'a')).size(), std::size_t{1} << 20);
}

std::string repeat(std::string_view text, int n) {
  std::string out;
  for (int i = 0; i < n; ++i) out += text;
  return out;
}

TEST(Limits, NestingOfTheSource) {
  EXPECT_EQ(test::evaluate(repeat("(", 90) + "1" + repeat(")", 90)), "1");
  EXPECT_EQ(test::evaluate("1" + repeat(" + 1", 150)), "151");
  EXPECT_EQ(test::evaluate("'a'" + repeat(" ~ 'a'", 5000)).size(), 5001u);
  const std::string deep[] = {
      "{{ " + repeat("(", 100'000) + "1" + repeat(")", 100'000) + " }}",
      "{{ " + repeat("[", 100'000) + repeat("]", 100'000) + " }}",
      "{{ " + repeat("not ", 100'000) + "1 }}",
      "{{ " + repeat("-", 100'000) + "1 }}",
      "{{ 1" + repeat(" + 1", 100'000) + " }}",
      "{{ 1" + repeat(" and 1", 100'000) + " }}",
      "{{ s" + repeat(".a", 100'000) + " }}",
      "{{ s" + repeat("[0]", 100'000) + " }}",
      "{{ s" + repeat("()", 100'000) + " }}",
      "{{ s" + repeat("|trim", 100'000) + " }}",
      "{{ s" + repeat(" is string", 50'000) + " }}",
      "{{ 1" + repeat(" if 1", 100'000) + " }}",
      "{{ 1" + repeat(" if 1 else 1", 50'000) + " }}",
      repeat("{% if 1 %}", 50'000),
      "{% for " + repeat("(", 100'000) + repeat(")", 100'000) + " %}",
  };
  for (const std::string& source : deep) {
    PANGU_EXPECT_ERROR(test::render(source), ConfigError, "more than 200 deep");
  }
}

TEST(Limits, DepthOfEvaluation) {
  PANGU_EXPECT_ERROR(test::render("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}"), ConfigError,
                     "more than 600 deep");
  for (const char* use : {"l", "l == m", "l | string", "l < m"}) {
    SCOPED_TRACE(use);
    PANGU_EXPECT_ERROR(
        test::render("{% set m = [1] %}{% set _ = l.append(l) %}{% set _ = m.append(l) %}"
                     "{% set l2 = [3, 1, 2] %}{% set _ = l2.append(l2) %}{% set m = l2 %}{{ " +
                     std::string(use) + " }}"),
        ConfigError, "more than 600 deep");
  }
  PANGU_EXPECT_ERROR(test::render("{% set _ = l.append(l) %}{{ l | tojson }}"), ConfigError,
                     "more than 600 deep");
}

TEST(Limits, LongChainsOfValuesAreFreedWithoutRecursion) {
  EXPECT_EQ(test::render("{% set ns = namespace(v=[]) %}{% for i in range(90000) %}"
                         "{% set ns.v = [ns.v] %}{% endfor %}{{ ns.v | length }}"),
            "1");
}

TEST(Limits, Steps) {
  const char* const endless[] = {
      "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
      "{% for i in range(99999) %}{% set y = range(99999) %}{% endfor %}",
      "{% set y = 'ab' * 4000000 %}{% for i in range(99999) %}{% set z = y | upper %}{% endfor %}",
      "{% set y = 'ab' * 4000000 %}{% for i in range(99999) %}{% set z = 'c' in y %}{% endfor %}",
      "{% set y = 'ab' * 4000000 %}{% for i in range(99999) %}{% set z = y.split('b') %}"
      "{% endfor %}",
      "{% set ns = namespace(v=[1]) %}{% for i in range(99) %}{% set ns.v = ns.v + ns.v %}"
      "{% endfor %}",
      "{% set y = range(99999) | list %}{% for i in y %}{% set z = i in y %}{% endfor %}",
      "{% set y = range(99999) | list %}{% for i in y %}{% set z = y | sort %}{% endfor %}",
      "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(40) }}",
  };
  for (const char* source : endless) {
    SCOPED_TRACE(source);
    PANGU_EXPECT_ERROR(test::render_text(source, test::sample_variables(), {.steps = 1'000'000}),
                       ConfigError, " 1000000 steps");
  }
  PANGU_EXPECT_ERROR(test::render(endless[0]), ConfigError, " 10000000 steps");
}

TEST(Limits, SizeOfTextAndRanges) {
  const std::string too_long = "past 16777216 bytes";
  PANGU_EXPECT_ERROR(test::evaluate("'a' * 16777217"), ConfigError, too_long);
  PANGU_EXPECT_ERROR(test::evaluate("'' | indent(99999999, true)"), ConfigError, too_long);
  PANGU_EXPECT_ERROR(test::render("{% set y = 'a' * 9000000 %}{{ y }}{{ y }}"), ConfigError,
                     too_long);
  PANGU_EXPECT_ERROR(test::render("{% set y = 'a' * 9000 %}{{ y.replace('a', y) }}"), ConfigError,
                     too_long);
  PANGU_EXPECT_ERROR(test::evaluate("range(100001)"), ConfigError, "100001 items", "100000");
  PANGU_EXPECT_ERROR(test::evaluate("range(-9223372036854775807, 9223372036854775807)"),
                     ConfigError, "18446744073709551614 items");
  EXPECT_EQ(test::evaluate("range(-9223372036854775807, 9223372036854775807, 6148914691236517205)"
                           " | list"),
            "[-9223372036854775807, -3074457345618258602, 3074457345618258603]");
  PANGU_EXPECT_ERROR(test::evaluate("[1, 2] * 50001"), ConfigError, "100000 items");
  PANGU_EXPECT_ERROR(test::evaluate("strftime_now('" + repeat("%c", 200) + "')"), ConfigError,
                     "400 bytes");
}

TEST(Limits, LongNeedlesTakeLinearTime) {
  EXPECT_EQ(test::render("{% set y = 'a' * 1000000 %}{{ ('a' * 500000 ~ 'b') in y }}"), "False");
}

}  // namespace
}  // namespace pangu::jinja
