// SPDX-License-Identifier: Apache-2.0
// What is refused, as which error, naming what, and at which line; and the limits.
#include <gtest/gtest.h>

#include <string>

#include "jinja/render_for_test.h"
#include "pangu/error.h"
#include "tests/support/support.h"

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
      {"{% fro i in l %}{% endfor %}", "no tag 'fro'. Did you mean 'for'?"},
      {"{% trans %}a{% endtrans %}", "no tag 'trans'. Known: for, if, set, "},
      {"{{ l[1:2, 2] }}", "commas"},
      {"{{ '\\N{DASH}' }}", "\\N"},
      {"{{ 99999999999999999999 }}", "99999999999999999999"},
  });
}

TEST(Errors, TagsThatNeedOtherTemplatesFailWhenTheyAreReached) {
  expect_errors<Unsupported>({
      {"{% include 'x' %}", "tag 'include' asks for another template"},
      {"{% import 'x' as y %}", "tag 'import'"},
      {"{% from 'x' import y, z as w %}", "tag 'from'"},
      {"{% extends 'x' %}", "tag 'extends'"},
  });
  EXPECT_EQ(test::render("a{% if f %}{% include 'x' %}{% extends y %}{% endif %}b"), "ab");
}

TEST(Errors, UnknownFiltersTestsFunctionsAndMethodsAreNamed) {
  expect_errors<Unsupported>({
      {"{{ s | uper }}", "no filter 'uper'. Did you mean 'upper'?"},
      {"{{ s | foo.bar }}", "no filter 'foo.bar'. Known: abs, attr, "},
      {"{{ l | map('replce', 1) | list }}", "no filter 'replce'. Did you mean 'replace'?"},
      {"{{ s | urlize }}", "filter 'urlize' is not covered"},
      {"{{ l | random }}", "filter 'random' is not covered"},
      {"{{ s is sting }}", "no test 'sting'. Did you mean 'string'?"},
      {"{{ l | select('od') }}", "no test 'od'. Did you mean 'odd'?"},
      {"{{ objs | selectattr('n', 'zzzzzz') }}", "no test 'zzzzzz'. Known: defined, "},
      {"{{ rang(1) }}", "no function 'rang', and no macro of that name. Did you mean 'range'?"},
      {"{{ qqqqqq(1) }}",
       "no function 'qqqqqq', and no macro of that name. Known: raise_exception, "},
      {"{{ lipsum() }}", "function 'lipsum' is not covered"},
      {"{{ s.encode() }}", "'encode' of type str is not covered"},
      {"{{ s.upperr() }}", "type str has no method 'upperr'. Did you mean 'upper'?"},
      {"{{ l.apend(1) }}", "type list has no method 'apend'. Did you mean 'append'?"},
      {"{{ (1,).append(1) }}", "type tuple has no method 'append'. Known: index, count."},
      {"{{ d.itmes() }}", "type dict has no method 'itmes'. Did you mean 'items'?"},
      {"{{ d.fromkeys([]) }}", "'fromkeys' of type dict"},
      {"{{ i.real }}", "'real' of type int"},
      {"{{ n.foo() }}", "type none has no method 'foo'"},
      {"{{ s.split(foo=1) }}", "method 'split' has no argument 'foo'"},
      {"{{ l.sort(key=1) }}", "method 'sort' has no argument 'key'"},
      {"{{ l | tojson(foo=1) }}", "filter 'tojson' has no argument 'foo'"},
      {"{{ strftime_now('%Q') }}", "%Q"},
      {"{{ strftime_now('%') }}", "strftime_now"},
      {"{{ raise_exception }}", "printing a function"},
      {"{{ range }}", "printing a function"},
      {"{{ s.upper }}", "printing a function"},
      {"{{ l | select }}", "printing a generator"},
      {"{{ joiner() }}", "printing a joiner"},
      {"{{ '&hellip;' | striptags }}", "entity '&hellip;'"},
  });
}

TEST(Errors, WhatIsUnknownFailsWhereItIsReachedAndNowhereElse) {
  EXPECT_EQ(test::render("{% if f %}{{ s | nothing }}{{ s is nothing }}{{ nothing() }}"
                         "{{ s.nothing() }}{{ l | map('nothing') | list }}{% endif %}"
                         "{{ 1 if t else s | nothing }}"
                         "{% macro m() %}{{ s | nothing }}{% endmacro %}"
                         "{% for x in el %}{{ s | nothing }}{% endfor %}"),
            "1");
  PANGU_EXPECT_ERROR(test::render("{% macro m() %}\n{{ s | nothing }}{% endmacro %}\n{{ m() }}"),
                     Unsupported, "line 2", "'nothing'");
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
      {"{% for i in l %}{% call m() %}{% break %}{% endcall %}{% endfor %}", "'break'"},
      {"{% call m %}{% endcall %}", "'call' is followed by no call"},
      {"{% call m() %}", "endcall"},
      {"{% filter %}{% endfilter %}", "name of a filter"},
      {"{% filter upper %}", "endfilter"},
      {"{% with y %}{% endwith %}", "expected '='"},
      {"{% with y=1 %}", "endwith"},
      {"{% block %}{% endblock %}", "name of a variable"},
      {"{% block a %}{% endblock %}{% block a %}{% endblock %}", "'a' is there twice"},
      {"{% autoescape true %}", "endautoescape"},
      {"{% print %}", "expected an expression"},
      {"{% do %}", "expected an expression"},
      {"{{ m(**d, *l) }}", "'*' stands after another"},
      {"{{ m(*l, *l) }}", "'*' stands after another"},
      {"{{ m(**d, a=1) }}", "follows a '**'"},
      {"{{ l[1,] }}", "expected an expression"},
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
      {"{% macro m(a) %}{% endmacro %}{{ m(z=2) }}", "macro 'm' has no argument 'z'"},
      {"{% macro m() %}{% endmacro %}{% call m() %}{% endcall %}", "has no argument 'caller'"},
      {"{% macro m() %}{{ caller() }}{% endmacro %}{{ m() }}", "'caller' is undefined"},
      {"{{ range(*5) }}", "type int has no items"},
      {"{{ dict(**l) }}", "'**' in a call is of type list"},
      {"{{ dict(**{1: 2}) }}", "type int, expected a str"},
      {"{% for i in l %}{{ loop(l) }}{% endfor %}", "not marked 'recursive'"},
      {"{{ '%d' % 'a' }}", "'%d' in a format got a value of type str"},
      {"{{ '%x' % 1.5 }}", "expected an int"},
      {"{{ '%s %s' % 'a' }}", "more than one value"},
      {"{{ '%s %s' % ('a',) }}", "more values than there are"},
      {"{{ '%s' % ('a', 'b') }}", "not all values"},
      {"{{ 'a' % 1 }}", "not all values"},
      {"{{ '%(z)s' % d }}", "'z', which is not there"},
      {"{{ '%(z)s' % 1 }}", "wants a dict"},
      {"{{ '%(z' % d }}", "'(' has no ')'"},
      {"{{ '%y' % 1 }}", "'%y' is none"},
      {"{{ '%' % 1 }}", "ends within a '%'"},
      {"{{ '%c' % 'ab' }}", "one character"},
      {"{{ '%*d' % ('a', 1) }}", "'*' wants an int"},
      {"{{ '{}'.format() }}", "value 0, but got 0"},
      {"{{ '{a}'.format(b=1) }}", "asks for 'a'"},
      {"{{ '{} {0}'.format(1) }}", "follows '{}'"},
      {"{{ '{0} {}'.format(1) }}", "follows a field with a number"},
      {"{{ '{'.format(1) }}", "single brace"},
      {"{{ '}'.format(1) }}", "single brace"},
      {"{{ '{0'.format(1) }}", "'{' has no '}'"},
      {"{{ '{a{b}}'.format(1) }}", "within a name"},
      {"{{ '{!'.format(1) }}", "conversion has no end"},
      {"{{ '{!rx}'.format(1) }}", "after a conversion"},
      {"{{ '{!z}'.format(1) }}", "none of s, r and a"},
      {"{{ '{:{:{}}}'.format(1, 2, 3) }}", "more than two deep"},
      {"{{ '{:d}'.format('a') }}", "format 'd' does not fit a value of type str"},
      {"{{ '{:.2}'.format(1) }}", "does not fit a value of type int"},
      {"{{ '{:,x}'.format(1) }}", "does not fit"},
      {"{{ '{:5}'.format(none) }}", "type none"},
      {"{{ '{:5q5}'.format(1) }}", "'5q5' is no format"},
      {"{{ '{:.}'.format(1.5) }}", "'.' is no format"},
      {"{{ '{0.x.y}'.format(d) }}", "'x' is undefined"},
      {"{{ s.index('zz') }}", "not there"},
      {"{{ l.index(9) }}", "not in the list"},
      {"{{ l.remove(9) }}", "not in the list"},
      {"{{ el.pop() }}", "item -1 of a list of 0"},
      {"{{ d.pop('zz') }}", "not in the dict"},
      {"{{ {}.popitem() }}", "empty dict"},
      {"{{ d.setdefault([], 1) }}", "key of a dict"},
      {"{{ d.update([1]) }}", "type int"},
      {"{{ d.update([(1, 2, 3)]) }}", "3 parts, expected 2"},
      {"{{ s.center(9, 'ab') }}", "expected one character"},
      {"{{ s.partition('') }}", "empty separator"},
      {"{{ s.rsplit('', 1) }}", "empty separator"},
      {"{{ 'a'.maketrans('ab', 'c') }}", "different lengths"},
      {"{{ 'a'.translate(1) }}", "type int, expected a dict"},
      {"{{ 'a'.format_map(1) }}", "type int, expected a dict"},
      {"{{ 1.5.bit_length() }}", "a float has no 'bit_length'"},
      {"{{ cycler() }}", "'cycler' takes one value"},
      {"{{ cycler(1)() }}", "type cycler is called"},
      {"{{ '%s' | format(1, a=2) }}", "not both"},
      {"{{ s | truncate(2) }}", "expected at least 3"},
      {"{{ 5 | truncate }}", "type int, expected a str"},
      {"{{ 5 | indent }}", "type int, expected a str"},
      {"{{ missing | wordwrap }}", "'missing' is undefined"},
      {"{{ s | wordwrap(0) }}", "width of 0"},
      {"{{ 'a' | filesizeformat }}", "type str, expected a number"},
      {"{{ l | batch(0) }}", "filter 'batch' got 0"},
      {"{{ l | slice(-1) }}", "filter 'slice' got -1"},
      {"{{ l | urlencode }}", "type int"},
      {"{{ [(1, 2, 3)] | urlencode }}", "3 parts, expected pairs"},
      {"{{ {'a b': 1} | xmlattr }}", "name 'a b'"},
      {"{{ l | xmlattr }}", "expected a dict"},
      {"{{ ['a'] | sum(start='') }}", "start of type str"},
      {"{{ l | select | last }}", "got a generator"},
      {"{{ {(1, 2): 3} | tojson }}", "key of type tuple"},
      {"{{ s | map(1) }}", "name of a filter is of type int"},
      {"{% macro m(a) %}{% endmacro %}{{ m(1, a=2) }}", "'a' twice"},
      {"{{ s.split(1) }}", "argument 'sep' of method 'split' is of type int, expected str"},
      {"{{ s.split('') }}", "empty separator"},
      {"{{ s.replace('a') }}", "needs its argument 'new'"},
      {"{{ s.upper(1) }}", "at most 0 arguments"},
      {"{{ s.replace('a', 'b', old='c') }}", "'old' twice"},
      {"{{ ','.join(l) }}", "type int, expected a str"},
      {"{{ range(1, 2, 0) }}", "step of 'range' is 0"},
      {"{{ range('a') }}", "argument 'start'"},
      {"{{ namespace(1, 2) }}", "'namespace' takes one dict"},
      {"{{ namespace(l) }}", "type int has no items"},
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
  PANGU_EXPECT_ERROR(test::render("{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}"),
                     ConfigError, "more than 600 deep");
  PANGU_EXPECT_ERROR(
      test::render("{% macro m() %}{% call m() %}{% endcall %}{{ caller is defined }}"
                   "{% endmacro %}{{ m() }}"),
      ConfigError, "more than 600 deep");
  PANGU_EXPECT_ERROR(test::render("{% set ns = namespace(k=(1,)) %}{% for i in range(999) %}"
                                  "{% set ns.k = (ns.k,) %}{% endfor %}{{ {ns.k: 1} }}"),
                     ConfigError, "more than 600 deep");
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
      "{% for i in range(99999) %}{% set y = '{:9999}'.format(1) %}{% endfor %}",
      "{% for i in range(99999) %}{% set y = '%9999d' % 1 %}{% endfor %}",
      "{% for i in range(99999) %}{% set y = '{:.9999f}'.format(1.5) %}{% endfor %}",
      "{% set y = 'ab' * 40000 %}{% for i in range(99999) %}{% set z = y.casefold() %}{% endfor %}",
      "{% set y = 'ab' * 40000 %}{% for i in range(99999) %}{% set z = y.isalpha() %}{% endfor %}",
      "{% set y = 'ab' * 40000 %}{% for i in range(99999) %}{% set z = y.count('c') %}{% endfor %}",
      "{% set y = 'ab' * 40000 %}{% for i in range(99999) %}{% set z = y | wordcount %}{% endfor "
      "%}",
      "{% set y = 'ab ' * 40000 %}{% for i in range(99999) %}{% set z = y | wordwrap %}{% endfor "
      "%}",
      "{% set y = 'ab' * 40000 %}{% for i in range(99999) %}{% set z = y.rsplit('b', 9) %}{% "
      "endfor %}",
      "{% set y = {} %}{% for i in range(99999) %}{% do y.update({i: i}) %}{% do y.copy() %}{% "
      "endfor %}",
      "{% set y = range(9999) | list %}{% for i in range(99999) %}{% do y.insert(0, 1) %}{% endfor "
      "%}",
      "{% set y = [1] %}{% for i in range(99999) %}{% do y.extend(y) %}{% endfor %}",
      "{% macro m() %}{{ varargs }}{% endmacro %}{% set y = range(9999) | list %}{% for i in y %}"
      "{% set z = m(*y) %}{% endfor %}",
      "{% set ns = namespace(k=(1,)) %}{% for i in range(99) %}{% set ns.k = (ns.k, ns.k) %}"
      "{% set z = {ns.k: 1} %}{% endfor %}",
  };
  for (const char* source : endless) {
    SCOPED_TRACE(source);
    PANGU_EXPECT_ERROR(test::render_text(source, test::sample_variables(), {.steps = 1'000'000}),
                       ConfigError, " 1000000 steps");
  }
  PANGU_EXPECT_ERROR(test::render(endless[0]), ConfigError, " 10000000 steps");
}

TEST(Limits, WidthsAndCountsAreRefusedBeforeTheyAreMade) {
  const char* const wide[] = {
      "'{:99999999999}'.format('a')",
      "'{:99999999999d}'.format(1)",
      "'{:099999999999,}'.format(1)",
      "'{:.99999999999f}'.format(1.5)",
      "'{:>{}}'.format('a', 99999999999)",
      "'{:{}}'.format(1, '99999999999999999999999')",
      "'%99999999999d' % 1",
      "'%.99999999999d' % 1",
      "'%.99999999999f' % 1",
      "'%*s' % (99999999999, 'a')",
      "'%-99999999999s' % 'a'",
      "'a'.center(99999999999)",
      "'a' | center(99999999999)",
      "'a'.ljust(9223372036854775807)",
      "'a'.rjust(99999999999, '-')",
      "'a'.zfill(99999999999)",
      "'\\t'.expandtabs(99999999999)",
      "'a' | indent(99999999999, true)",
      "('a' * 40000) | replace('a', 'bb')",
      "('a' * 40000) | e ~ ('<' * 40000) | e",
      "'a'.join(range(999) | map('center', 999))",
  };
  for (const char* expression : wide) {
    SCOPED_TRACE(expression);
    const std::string source = "{{ " + std::string(expression) + " }}";
    PANGU_EXPECT_ERROR(
        test::render_text(source, test::sample_variables(), {.output_bytes = 1 << 16}), ConfigError,
        "past 65536 bytes");
  }
  PANGU_EXPECT_ERROR(test::evaluate("l | batch(999999999, 0) | list"), ConfigError, "100000");
  PANGU_EXPECT_ERROR(test::evaluate("l | slice(999999999) | list"), ConfigError, "100000");
  // A precision asks for no more than the text has.
  EXPECT_EQ(test::evaluate("'{:.99999999999}'.format('abc')"), "abc");
  EXPECT_EQ(test::evaluate("'%.99999999999s' % 'abc'"), "abc");
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
