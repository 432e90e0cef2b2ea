// SPDX-License-Identifier: Apache-2.0
// Blocks, scopes, macros and whitespace control, with the results Python's Jinja gives when set up
// as Hugging Face does.
#include <gtest/gtest.h>

#include <initializer_list>
#include <utility>

#include "jinja/render_for_test.h"

namespace pangu::jinja {
namespace {

using test::expect_text;

TEST(Statements, Loops) {
  expect_text({
      {"{% for i in l %}{{ i }},{% endfor %}", "3,1,2,"},
      {"{% for i in el %}x{% else %}none{% endfor %}", "none"},
      {"{% for i in missing %}x{% else %}none{% endfor %}", "none"},
      {"{% for i in l if i > 1 %}{{ loop.index }}/{{ loop.length }}:{{ i }} {% endfor %}",
       "1/2:3 2/2:2 "},
      {"{% for i in l if i > 9 %}x{% else %}none{% endfor %}", "none"},
      {"{% for k, v in d.items() %}{{ k }}={{ v }};{{ loop.first }}{{ loop.last }} {% endfor %}",
       "b=1;TrueFalse a=x;FalseFalse items=5;FalseTrue "},
      {"{% for k in d %}{{ k }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }} {% endfor "
       "%}",
       "b032 a121 items210 "},
      {"{% for i in l %}{{ loop.previtem }}<{{ i }}>{{ loop.nextitem is defined }}{{ "
       "loop.cycle('a', 'b') }} {% endfor %}",
       "<3>Truea 3<1>Trueb 1<2>Falsea "},
      {"{% for i in l %}{% for j in l %}{{ loop.depth }}{{ loop.index }}{% endfor %}{{ loop.index "
       "}} {% endfor %}",
       "1112131 1112132 1112133 "},
      {"{% for c in cn[:2] %}{{ c }},{% endfor %}", "系,统,"},
      {"{% for a, (b, c) in [(1, (2, 3))] %}{{ a }}{{ b }}{{ c }}{% endfor %}", "123"},
      {"{% for (a, b) in [(1, 2)] %}{{ a }}{{ b }}{% endfor %}", "12"},
      {"{% for i in l[::-1] %}{{ i }}{% endfor %}", "213"},
      {"{% for i in l | reverse %}{{ i }}{% endfor %}", "213"},
      {"{% for i in 1, 2 %}{{ i }}{% endfor %}", "12"},
      {"{% set g = l | select('odd') %}{% for i in g %}{{ i }}{% endfor %}|{% for i in g %}{{ i "
       "}}{% endfor %}",
       "31|"},
  });
}

TEST(Statements, BreakAndContinue) {
  expect_text({
      {"{% for i in l %}{% if i == 1 %}{% continue %}{% endif %}{{ i }}{% endfor %}", "32"},
      {"{% for i in l %}{% if i == 1 %}{% break %}{% endif %}{{ i }}{% else %}none{% endfor %}",
       "3"},
      {"{% for i in l %}{% for j in l %}{% if j == 1 %}{% break %}{% endif %}{{ j }}{% endfor %}{{ "
       "i }} {% endfor %}",
       "33 31 32 "},
      {"{% for i in l %}{% for j in [] %}{% else %}{% continue %}{% endfor %}{{ i }}{% endfor %}",
       ""},
  });
}

TEST(Statements, Conditions) {
  expect_text({
      {"{% if f %}a{% elif t %}b{% else %}c{% endif %}", "b"},
      {"{% if f %}a{% elif z %}b{% else %}c{% endif %}", "c"},
      {"{% if f %}a{% endif %}", ""},
      {"{% if missing %}a{% else %}b{% endif %}", "b"},
      {"{% if l is not string and l is iterable %}y{% endif %}", "y"},
  });
}

TEST(Statements, SetAndScopes) {
  expect_text({
      {"{% set x = 1 %}{% for i in l %}{% set x = x + i %}{{ x }} {% endfor %}{{ x }}", "4 2 3 1"},
      {"{% set ns = namespace(x=0) %}{% for i in l %}{% set ns.x = ns.x + i %}{% endfor %}{{ ns.x "
       "}}{{ ns.y is defined }}",
       "6False"},
      {"{% set a, b = 1, 2 %}{{ a }}{{ b }}", "12"},
      {"{% set a = 1, 2 %}{{ a }}", "(1, 2)"},
      {"{% set x %}abc {{ i }}{% endset %}[{{ x }}]{{ x is string }}", "[abc 7]True"},
      {"{% if f %}{% set y = 1 %}{% else %}{% set y = 2 %}{% endif %}{{ y }}", "2"},
      {"{% set y = 3 %}{% set y %}a{% set y = 4 %}{{ y }}{% endset %}{{ y }}", "a4"},
      {"{% for i in l %}{% if loop.first %}{% set w = i %}{% endif %}{{ w }}{% endfor %}", "3"},
      {"{% for i in l %}{% set l = [9] %}{{ l }}{% endfor %}{{ l }}", "[9][9][9][3, 1, 2]"},
      {"{% set y = 5 if f else 6 %}{{ y }}", "6"},
      {"{% generation %}hi {{ i }}{% endgeneration %}", "hi 7"},
      {"{% generation %}{% set y = 3 %}{% endgeneration %}{{ y }}", ""},
  });
}

TEST(Statements, Macros) {
  expect_text({
      {"{% macro m(a, b=2, c='x') %}{{ a }}{{ b }}{{ c }}{% endmacro %}{{ m(1) }}|{{ m(1, c=5) "
       "}}|{{ m(b=3, a=4) }}|{{ m() }}",
       "12x|125|43x|2x"},
      {"{% macro f(n) %}{% if n > 0 %}{{ n }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(5) }}",
       "54321"},
      {"{% macro m() %}{{ y }}{% endmacro %}{% set y = 5 %}{{ m() }}", "5"},
      {"{% for i in l %}{% macro m() %}{{ i }}{% endmacro %}{{ m() }}{% endfor %}", "312"},
      {"{% macro m(a, b=a) %}{{ a }}{{ b }}{% endmacro %}{{ m(3) }}", "33"},
      {"{% macro m(a) %}{{ a }}{% endmacro %}{{ m('x') | upper }}{{ m('x') is string }}", "XTrue"},
      {"{% macro m() %}{% for i in l %}{{ i }}{% endfor %}{% endmacro %}{% for i in l %}{{ m() }} "
       "{% endfor %}",
       "312 312 312 "},
  });
}

TEST(Statements, Whitespace) {
  expect_text({
      {"a\n{% if t %}\nb\n{% endif %}\nc\n", "a\nb\nc"},
      {"a\n  {% if t %}\n  b\n  {% endif %}  \nc\n\n", "a\n  b\n  \nc\n"},
      {"{%- if t -%}\n b \n{%- endif -%}\n x", "bx"},
      {"  {{ i }}  \n y", "  7  \n y"},
      {"  {{- i -}}  \n y", "7y"},
      {"  {%+ if t +%}\n b\n  {%+ endif %}\n", "  \n b\n  "},
      {"a\r\nb\rc\n\n", "a\nb\nc\n"},
      {"{% for i in l %}\n{{ i }}\n{% endfor %}\n", "3\n1\n2\n"},
      {"{% for i in l -%}\n{{ i }}\n{%- endfor %}\n", "312"},
      {"a{{ i }}\nb\n{{ i }}\n", "a7\nb\n7"},
      {"{% if t %}  {% endif %}  {% if t %}x{% endif %}\n", "    x"},
      {" {% set y = 1 %} {{ y }} {% set y = 2 %} ", " 1  "},
      {"\n\n{% set y = 1 %}\n\n", "\n\n"},
      {"\t{% if t %}x{% endif %}\t\n", "x\t"},
      {"{%if t%}a{%endif%}", "a"},
      {"{%- set y = [1,\n2] -%}\n{{ y }}", "[1, 2]"},
      {"{{-1}}|{{ -1 }}|{{- -1 -}}|", "1|-1|-1|"},
      {"{{ i }}\n\n", "7\n"},
      {"{% if t %}x{% endif -%}\n\n  y", "xy"},
  });
}

TEST(Statements, CommentsAndRaw) {
  expect_text({
      {"x {#- c -#} y", "xy"},
      {"x\n  {# c #}\n y", "x\n y"},
      {"x\n  {#+ c +#}\n y", "x\n  \n y"},
      {"{# {{ x #}y", "y"},
      {"{#-#}x", "x"},
      {"a{#-\n-#}\n b", "ab"},
      {"{% raw %}{{ x }}{% endraw %}", "{{ x }}"},
      {"a\n {% raw %}\n {{ x }} {% endraw %}\n b", "a\n\n {{ x }}  b"},
      {"a {%- raw -%}\n {{ x }}\n {%- endraw -%} b", "a{{ x }}b"},
      {"{% raw %}\n  {% if %}\n  {% endraw %}\n z", "\n  {% if %}\n z"},
      {"{% raw %}{% endfor %}{# #}{% endraw %}", "{% endfor %}{# #}"},
  });
}

}  // namespace
}  // namespace pangu::jinja
