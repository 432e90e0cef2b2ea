// SPDX-License-Identifier: Apache-2.0
// The rules that random templates are made by, for tests. A '$' and a letter stand for something of
// a kind: S text, I integer, P small integer that is not negative, Z integer that is not 0, F
// float, B bool, L list of texts, N list of integers, D dict, A anything, T part of a template.
#pragma once

#include <string_view>

namespace pangu::jinja::test {

/// Rules of one kind, one a line; those of `leaves` hold no others. ⏎ is a line end.
struct Rules {
  char kind;
  std::string_view leaves;
  std::string_view rules;
};

inline constexpr Rules kRules[] = {
    {'S', R"('abc'
'Hello World'
'a,b,,c'
' pad	'
'Straße ÄÖ ß'
'系统：你好'
'<b>"x" & y</b>'
''
'line1\nline2\r\nline3'
'100%'
"it's"
'-42'
'3.75'
'ǆ ﬁ ΣΑΣ İ'
'x-ray well-known end'
(v | default('?') | string)
(x | default('!') | string)
messages[0].role
(messages[-1].content | default('') | string)
(messages[0]['content'] | string)
bos_token)",
     R"(($S ~ $A)
($S ~ $A ~ $S)
($S + $S)
($S * $P)
($P * $S)
$S[$I]
$S[$I:$I]
$S[::$Z]
$S[$I:]
($S if $B else $S)
($S or $S)
($S and $S)
($S | upper)
($S | lower)
($S | capitalize)
($S | title)
($S | trim)
($S | trim('a '))
($S | string)
($S | replace($S, $S))
($S | replace('a', $S, $P))
($S | reverse)
($S | center(12))
($S | indent)
($S | indent($P, true))
($S | indent('> ', first=$B, blank=$B))
($S | truncate(7))
($S | truncate(8, true, '..', $P))
($S | wordwrap(6))
($S | wordwrap(4, $B, '|', $B))
($S | e | string)
($S | escape)
($S | safe)
($S | forceescape)
($S | urlencode)
($D | urlencode)
($S | default($S, true))
($A | tojson)
($A | tojson(indent=$P))
($A | tojson(ensure_ascii=true))
($A | pprint)
([$A, $D, $S, $S] | pprint)
(($S * 4) | pprint)
($A | string)
($I | filesizeformat)
($I | filesizeformat(true))
($L | join)
($L | join($S))
($L | first | default('-'))
($L | last | default('-'))
($L | min | default('-'))
($L | max | default('-'))
('%s-%s' | format($S, $A))
('%d %05d %-5d|' | format($I, $I, $I))
('%(a)s %(b)r' | format(a=$S, b=$A))
('%s|%6s|%-6s|%.2s' % ($S, $S, $S, $S))
('%r' % [$A])
('%5.2f %e %g %+d % d %x %o %X %#x' % ($F, $F, $F, $I, $I, $P, $P, $P, $P))
('%(a)s%%' % {'a': $A})
('%c' % 65)
'{} {}'.format($S, $A)
'{1}{0}{1}'.format($S, $S)
'{a} {b!r:>8}'.format(a=$S, b=$S)
'{:>8}|{:<8}|{:^9}|{:*^7}|{:.2}'.format($S, $S, $S, $S, $S)
'{:d} {:5d} {:<5d}| {:05d} {:+d} {:,} {:_} {:x} {:#b} {:o}'.format($I, $I, $I, $I, $I, $I, $I, $P, $P, $P)
'{:.2f} {:8.3f} {:e} {:g} {} {:%} {:,.1f} {:08.2f} {:+.1e}'.format($F, $F, $F, $F, $F, $F, $F, $F, $F)
'{:{}}|{:>{w}}'.format($S, 6, $S, w=7)
'{0[0]} {1[a]}'.format(['q', 'r'], {'a': $A})
'{x}'.format_map({'x': $A})
$S.upper()
$S.lower()
$S.title()
$S.capitalize()
$S.swapcase()
messages[0].role.casefold()
$S.strip()
$S.strip('ab ')
$S.lstrip()
$S.rstrip()
$S.lstrip('a')
$S.rstrip('c')
$S.center(9)
$S.center(8, '*')
$S.ljust(7)
$S.rjust(7, '.')
$S.zfill(6)
$S.expandtabs(4)
$S.replace($S, $S)
$S.replace('a', $S, $P)
messages[0].role.removeprefix('us')
messages[0].role.removesuffix('er')
$S.join($L)
$S.translate({97: 'A', 98: none})
$S.translate($S.maketrans('ab', 'ba'))
$S.partition(',')[0]
$S.rpartition(' ')[2]
($L[0] if $L else '')
(cycler('a', 'b').next())
(namespace(a=$S).a)
(dict(a=$S)['a'])
($D | dictsort | string)
($D | items | list | string)
($D | xmlattr))"},
    {'I', R"(0
1
2
3
-1
7
10
-5
255
1234567
(messages | length)
(tools | default([]) | length))",
     R"(($I + $I)
($I - $I)
($I * $P)
($I // $Z)
($I % $Z)
(-$I)
($P ** $P)
($S | length)
($L | count)
($S | wordcount)
($S | int)
($S | int($I))
($F | int)
($I | abs)
($N | sum)
($N | first | default(0))
($N | last | default(0))
($N | min | default(0))
($N | max | default(0))
($N | sum(start=$I))
$S.find($S)
$S.rfind('a')
$S.find('a', $P)
$S.count('a')
$S.count('l', $P, 5)
$L.count('a')
$I.bit_length()
($I if $B else $I)
(namespace(a=$I).a)
($D | length))"},
    {'P', "0\n1\n2\n3\n4", "0\n1\n2\n3"},
    {'Z', "1\n2\n3\n-1\n-2\n5", "1\n-1\n2"},
    {'F', "0.0\n1.5\n-2.25\n3.14159\n1e16\n1e-7\n0.1\n2.5\n-0.5\n123456.789",
     R"(($F + $I)
($F - $F)
($F * $F)
($I / $Z)
($F | round)
($F | round($P))
($F | round($P, 'floor'))
($F | round(1, 'ceil'))
($S | float)
($S | float($F))
($F // 0.5)
($F % 1.5)
(-$F)
($F | abs)
($F if $B else $F))"},
    {'B', R"(true
false
(v is defined)
(add_generation_prompt is true)
(tools is none))",
     R"(($S == $S)
($S != $S)
($S < $S)
($I < $I)
($I <= $F)
($I >= $I)
($I < $I < $I)
($S in $S)
($S not in $S)
($S in $L)
($I in $N)
('a' in $D)
($A is string)
($A is number)
($A is integer)
($A is float)
($A is boolean)
($A is mapping)
($A is sequence)
($A is iterable)
($A is none)
($A is not none)
($A is escaped)
($A is callable)
($A is true)
($A is false)
($S is upper)
($S is lower)
($I is odd)
($I is even)
($I is divisibleby $Z)
($I is eq $I)
($I is ne $I)
($I is gt $I)
($I is ge $I)
($I is lt $I)
($I is le $I)
($S is in $L)
($B is sameas $B)
(none is sameas none)
('upper' is filter)
('nothing' is filter)
('odd' is test)
('nothing' is test)
(not $B)
($B and $B)
($B or $B)
($A == $A)
$S.startswith($S)
$S.endswith('c')
$S.startswith(('a', 'H'))
$S.startswith('l', $P)
$S.isalpha()
$S.isalnum()
$S.isdigit()
$S.isdecimal()
$S.isnumeric()
$S.isspace()
$S.isascii()
$S.isprintable()
$S.islower()
$S.isupper()
$S.istitle()
$S.isidentifier()
$F.is_integer()
($L | select | list | length > 1))"},
    {'L', R"(['a', 'B', 'c']
['x']
[]
['b', 'A', 'a', 'c', 'B']
('p', 'q')
(messages | map(attribute='role') | list))",
     R"($S.split()
$S.split(',')
$S.split('l', $P)
$S.rsplit(none, $P)
$S.rsplit('l', 1)
$S.splitlines()
$S.splitlines(true)
($S | list)
($L | list)
($L | sort)
($L | sort(reverse=$B, case_sensitive=$B))
($L | unique | list)
($L | unique(true) | list)
($L | map('upper') | list)
($L | map('replace', 'a', $S) | list)
($L | select('string') | list)
($L | reject('in', $S) | list)
($L | select('==', 'a') | list)
($L | reverse | list)
($L | batch(2) | map('join') | list)
($L | batch(2, '-') | map('join', '+') | list)
($L | slice(2) | map('join') | list)
($L | slice(3, '-') | map('join') | list)
($L | groupby('0') | map(attribute='grouper') | map('string') | list)
([$S, $S] | map('center', 5) | list)
$L[$I:]
$L[::$Z]
(($L | list) + ($L | list))
(($L | list) * $P)
($D.keys() | map('string') | list)
($D | list | map('string') | list)
(messages | selectattr('role', 'equalto', 'user') | map(attribute='role') | list)
(messages | rejectattr('content') | map(attribute='role') | list)
(messages | map(attribute='content', default='none') | map('string') | list)
(messages | groupby('role') | map(attribute='list') | map('length') | map('string') | list))"},
    {'N', "[1, 2, 3]\n[3, 1, 2]\n[]\n[10, -5, 0, 10]\nrange(4)",
     R"((range($P) | list)
(range($I, 5, $Z) | list | batch(6) | first | default([]))
($N | list)
($N | sort)
($N | sort(reverse=true) | list)
($N | select('odd') | list)
($N | reject('gt', 1) | list)
($N | unique | list)
($N | reverse | list)
($L | map('length') | list)
(($N | list) + ($N | list))
[$I, $I, $I])"},
    {'D', R"({'a': 1, 'b': 'x'}
{}
messages[0]
{'z': none, 'A': true, 'b': 2.5}
dict(k='v'))",
     R"({'a': $A, 'b': $A}
dict(a=$A)
dict($D, c=$I)
dict([('a', $I)])
{1: $S, 'q': $B}
($D if $B else $D)
$D.copy())"},
    {'A', "none\n1\n'text'\ntrue\n[]\n(1, 2)\nmessages[0]",
     R"($S
$S
$S
$I
$I
$F
$F
$B
$L
$N
$D
none
[$A, $A]
($A, $A)
{'k': $A}
$D.get('a')
$D.get('nothing', $A)
$D['a']
$D.a
($A if $B)
($A | default($A, $B))
($A or $A)
($D | attr('nothing'))
($L | groupby('0'))
$D.values()
$D.keys()
$D.items()
range($P)
(namespace(a=1, b=$I)))"},
    {'T', R"(text
 - 
{{ v }}
{# note #}

 {% raw %}{{ v }}{% endraw %}
{{ 1 }})",
     R"({{ $A }}
{{ $S }}
{{ $S }}
{{ $A }}⏎{{ $S }}
{{ $A, $A }}
{% if $B %}$T{% endif %}
{% if $B %}$T{% elif $B %}$T{% else %}$T{% endif %}
{% for v in $L %}[{{ v }}]$T{% endfor %}
{% for v in $L %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.previtem }}{{ loop.nextitem }}{% else %}$T{% endfor %}
{% for v in $L if v != $S %}$T{{ loop.cycle('o', 'e') }}{% else %}none{% endfor %}
{% for v in $N %}{{ loop.changed(v) }}{% if $B %}{% break %}{% endif %}$T{% endfor %}
{% for v in $L %}{% if v == 'a' %}{% continue %}{% endif %}{{ v }}$T{% endfor %}
{% for v, w in $D.items() %}{{ v }}={{ w }};$T{% endfor %}
{% for v, w in $D | dictsort %}{{ v }}={{ w }};{% endfor %}
{% for v in ['a', ['b', ['c', 'd']], 'e'] recursive %}{{ loop.depth }}{% if v is string %}{{ v }}{% else %}<{{ loop(v) }}>{% endif %}{% endfor %}
{% for m in messages %}⏎{{ m.role }}: {{ m.content }}$T⏎{% endfor %}⏎
{% for m in messages if m.role != 'system' %}  {{- m['role'] | upper -}}  {% endfor %}
{% set x = $A %}$T{{ x }}
{% set x %}$T{% endset %}{{ x }}{{ x | length }}
{% set x | upper | trim %}$T{% endset %}[{{ x }}]
{% set x, y = $S, $I %}{{ y }}{{ x }}
{% set ns = namespace(n=0) %}{% for v in $L %}{% set ns.n = ns.n + loop.index %}{% endfor %}{{ ns.n }}
{% with v = $A, w = $S %}{{ v }}{{ w }}$T{% endwith %}{{ v }}
{% filter upper %}$T{% endfilter %}
{% filter replace('a', $S) | trim %}$T{% endfilter %}
{% macro mac(a, b=$S) %}({{ a }},{{ b }}$T){% endmacro %}{{ mac($A) }}{{ mac($S, $I) }}{{ mac(b=$S, a=$I) }}
{% macro mac() %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ mac($A, $I, k=$S) }}{{ mac(*$L) }}{{ mac(**dict(q=$A)) }}
{% macro mac(a) %}<{{ caller(a) }}|{{ caller($S) }}>{% endmacro %}{% call(v) mac($S) %}{{ v }}$T{% endcall %}
{% macro mac() %}{{ mac.name }}{{ mac.arguments }}{{ caller is defined }}{% endmacro %}{{ mac() }}{{ mac }}
{% set c = cycler('a', 'b', 'c') %}{{ c.next() }}{{ c.next() }}{{ c.current }}{% do c.reset() %}{{ c.current }}
{% set j = joiner('; ') %}{% for v in $L %}{{ j() }}{{ v }}{% endfor %}
{% set l = [1] %}{% do l.append($I) %}{% do l.extend($N) %}{{ l }}{{ l.pop() }}{{ l.index(1) }}
{% set l = $N | list %}{% do l.insert(1, $I) %}{% do l.sort() %}{% do l.reverse() %}{{ l }}{{ l.copy() }}
{% set d = {'a': 1} %}{% do d.update({'b': $A}) %}{{ d.pop('a') }}{{ d.setdefault('c', $I) }}{{ d.popitem() }}{{ d }}
{% autoescape true %}{{ $S }}{{ $S | safe }}{{ $S | e }}{{ bos_token ~ $S }}{{ $L | join($S) }}{{ [$S, $S | e] | join }}{% set x %}{{ $S }}{% endset %}{{ x }}{{ $A }}{% endautoescape %}
{% block part %}$T{% endblock %}
{% block parts scoped %}{{ v }}{% endblock %}
{% print $S, $I %}
⏎  {% if $B -%}⏎   $T⏎  {%- else +%}⏎   $T⏎  {% endif %}⏎
$T$T
$T⏎$T
 {# a⏎ b -#} $T ⏎ $T
$T {{ $S }} $T)"},
};

}  // namespace pangu::jinja::test
