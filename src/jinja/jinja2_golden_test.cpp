// SPDX-License-Identifier: Apache-2.0
// Renderings that Jinja2 3.1.2 gave, set up as oracle_for_test.h does it.
#include <gtest/gtest.h>

#include "jinja/render_for_test.h"

namespace pangu::jinja {
namespace {

using test::expect;
using test::expect_text;

TEST(Jinja2Golden, PercentFormat) {
  expect({
      {"'%s and %r' % (s, s)", "Hello, Wörld!  and 'Hello, Wörld! '"},
      {"'%5d|%-5d|%05d|%+d|% d' % (i, i, i, i, i)", "    7|7    |00007|+7| 7"},
      {"'%x %X %o %#x %#o' % (255, 255, 8, 255, 8)", "ff FF 10 0xff 0o10"},
      {"'%5.2f|%-8.1f|%08.3f|%.0f' % (x, x, x, 2.5)", " 1.50|1.5     |0001.500|2"},
      {"'%e %E %g %G' % (12345.678, 0.00012, 1e10, 1e-5)", "1.234568e+04 1.200000E-04 1e+10 1E-05"},
      {"'%s' % l", "[3, 1, 2]"},
      {"'%s %s' % (1, [2])", "1 [2]"},
      {"'%(a)s is %(b)05.1f' % {'a': 'x', 'b': 2.25}", "x is 002.2"},
      {"'%c%c' % (65, 'b')", "Ab"},
      {"'100%%' % ()", "100%"},
      {"'%.3s|%5.1s|' % (s, s)", "Hel|    H|"},
      {"'%*d|%-*d|' % (5, 42, 4, 7)", "   42|7   |"},
      {"'%a' % ('é',)", "'\\xe9'"},
      {"'%d' % 3.99", "3"},
      {"'%d' % true", "1"},
      {"'%i %u' % (1, 2)", "1 2"},
      {"'%s' % missing", ""},
      {"'%5s|%-5s|' % (none, true)", " None|True |"},
      {"'%f' % 1e16", "10000000000000000.000000"},
      {"'%05d %+05d %-05d|' % (-3, 3, 3)", "-0003 +0003 3    |"},
      {"'%.5d' % 42", "00042"},
      {"'%s, %s!' | format('a', 'b')", "a, b!"},
      {"'%(x)s' | format(x=1)", "1"},
      {"'%010.3e' % x", "01.500e+00"},
      {"'%g' % 100000.0", "100000"},
      {"'%g' % 1000000.0", "1e+06"},
      {"'%#g' % 1.0", "1.00000"},
      {"'%f %F' % (('inf' | float), ('nan' | float))", "inf NAN"},
  });
}

TEST(Jinja2Golden, BraceFormat) {
  expect({
      {"'{}'.format(s)", "Hello, Wörld! "},
      {"'{} {} {}'.format(1, 'a', none)", "1 a None"},
      {"'{1} {0}'.format('a', 'b')", "b a"},
      {"'{a} {b}'.format(a=1, b='x')", "1 x"},
      {"'{0[1]} {1[a]}'.format(l, d)", "1 x"},
      {"'{!r} {!s} {!a}'.format('é', 'é', 'é')", "'é' é '\\xe9'"},
      {"'{{}} {}'.format(1)", "{} 1"},
      {"'{:>5}|{:<5}|{:^5}|{:*^7}|'.format('a', 'b', 'c', 'd')", "    a|b    |  c  |***d***|"},
      {"'{:5}|{:.2}|{:6.2}|'.format('abc', 'abc', 'abc')", "abc  |ab|ab    |"},
      {"'{:5d}|{:<5d}|{:05d}|{:+d}|{: d}|'.format(42, 42, 42, 42, 42)",
       "   42|42   |00042|+42| 42|"},
      {"'{:x} {:X} {:o} {:b} {:#x} {:#b} {:c}'.format(255, 255, 8, 5, 255, 5, 65)",
       "ff FF 10 101 0xff 0b101 A"},
      {"'{:,} {:_} {:,.2f}'.format(1234567, 1234567, 1234567.891)",
       "1,234,567 1_234_567 1,234,567.89"},
      {"'{:08,d} {:012,.2f} {:07,}'.format(1234, 1234.5, 1234)", "0,001,234 0,001,234.50 001,234"},
      {"'{:.2f} {:e} {:g} {:%} {:.1%}'.format(x, x, x, x, 0.256)",
       "1.50 1.500000e+00 1.5 150.000000% 25.6%"},
      {"'{} {:5} {:.3} {:.1}'.format(1.0, 2.5, 3.14159, 25.0)", "1.0   2.5 3.14 2e+01"},
      {"'{:{}}|{:>{w}}|'.format('a', 4, 'b', w=3)", "a   |  b|"},
      {"'{:=+8d} {:0=8d} {:x<8d}'.format(42, -42, 42)", "+     42 -0000042 42xxxxxx"},
      {"'{:10}|{:<10}|'.format(i, i)", "         7|7         |"},
      {"'{:s} {:d}'.format('a', true)", "a 1"},
      {"'{}'.format(true)", "True"},
      {"'{:5}|'.format(true)", "    1|"},
      {"'{:z.1f} {:.1f}'.format(-0.01, -0.01)", "0.0 -0.0"},
      {"'{0} {0!r}'.format(ss)", "['b', 'A', 'c', 'a'] ['b', 'A', 'c', 'a']"},
      {"'{a[b]}'.format_map({'a': {'b': 3}})", "3"},
      {"'{:é^7}'.format('a')", "éééaééé"},
      {"'{:05}|{:<05}|'.format('ab', 12)", "ab000|12000|"},
      {"'{:.0f} {:.0f} {:.0f}'.format(0.5, 1.5, 2.5)", "0 2 2"},
      {"'{:n} {:n}'.format(1234, 1.5)", "1234 1.5"},
      {"'{:#.3g} {:#x}'.format(1.0, 0)", "1.00 0x0"},
      {"'{:e} {:g}'.format(0, 0)", "0.000000e+00 0"},
      {"'{:.3} {:.10}'.format(1e10, 123456789.0)", "1e+10 123456789.0"},
      {"'{:+} {:+.1f}'.format(1.5, -1.5)", "+1.5 -1.5"},
      {"'{:_x} {:_b}'.format(1048576, 255)", "10_0000 1111_1111"},
  });
}

TEST(Jinja2Golden, MoreStringMethods) {
  expect({
      {"'a,b,c'.rsplit(',', 1)", "['a,b', 'c']"},
      {"' a b  c '.rsplit()", "['a', 'b', 'c']"},
      {"' a b  c '.rsplit(none, 1)", "[' a b', 'c']"},
      {"'aXbXc'.rsplit('X')", "['a', 'b', 'c']"},
      {"'abcabc'.removeprefix('abc')", "abc"},
      {"'abcabc'.removesuffix('bc')", "abca"},
      {"'abc'.removeprefix('x')", "abc"},
      {"'a-b-c'.partition('-')", "('a', '-', 'b-c')"},
      {"'a-b-c'.rpartition('-')", "('a-b', '-', 'c')"},
      {"'abc'.partition('x')", "('abc', '', '')"},
      {"'abc'.rpartition('x')", "('', '', 'abc')"},
      {"'abcabc'.count('bc')", "2"},
      {"'aaa'.count('aa')", "1"},
      {"'abc'.count('')", "4"},
      {"'abcabc'.find('c', 3)", "5"},
      {"'abcabc'.find('c', -2)", "5"},
      {"'abcabc'.find('a', 1, 3)", "-1"},
      {"'abcabc'.rfind('b')", "4"},
      {"'abc'.find('', 3)", "3"},
      {"'abc'.find('', 4)", "-1"},
      {"'系统：你好'.index('你')", "3"},
      {"'abcabc'.rindex('a')", "3"},
      {"'abc'.startswith('b', 1)", "True"},
      {"'abc'.endswith('b', 0, 2)", "True"},
      {"'abc'.startswith('', 4)", "False"},
      {"'ab'.center(7, '*')", "***ab**"},
      {"'abc'.center(6)", " abc  "},
      {"'ab'.center(5)", "  ab "},
      {"'ab'.ljust(5) ~ '|'", "ab   |"},
      {"'ab'.rjust(5, '.')", "...ab"},
      {"'-42'.zfill(6)", "-00042"},
      {"'+1'.zfill(4)", "+001"},
      {"'a\\tbc\\td'.expandtabs()", "a       bc      d"},
      {"'a\\tbc\\td'.expandtabs(4)", "a   bc  d"},
      {"'Hello'.swapcase()", "hELLO"},
      {"'Straße'.casefold()", "strasse"},
      {"'ΑΣ ΑΣΑ Σ'.lower()", "ας ασα σ"},
      {"'ﬁn ǆ ŉ'.upper()", "FIN Ǆ ʼN"},
      {"'ﬁn ǆ ŉ'.title()", "Fin ǅ ʼN"},
      {"'ßa'.capitalize()", "Ssa"},
      {"'İI'.lower()", "i̇i"},
      {"'ԱԲև'.lower()", "աբև"},
      {"'abc'.isalpha() ~ 'a1'.isalpha() ~ ''.isalpha() ~ '你'.isalpha()", "TrueFalseFalseTrue"},
      {"'a1'.isalnum() ~ 'a_'.isalnum()", "TrueFalse"},
      {"'12'.isdigit() ~ '²'.isdigit() ~ '½'.isdigit() ~ '٣'.isdigit()", "TrueTrueFalseTrue"},
      {"'12'.isdecimal() ~ '²'.isdecimal() ~ '٣'.isdecimal()", "TrueFalseTrue"},
      {"'½'.isnumeric() ~ '三'.isnumeric() ~ 'a'.isnumeric()", "TrueTrueFalse"},
      {"' \\t'.isspace() ~ ''.isspace()", "TrueFalse"},
      {"'abc'.isascii() ~ 'é'.isascii() ~ ''.isascii()", "TrueFalseTrue"},
      {"'a\\n'.isprintable() ~ 'é'.isprintable() ~ ''.isprintable()", "FalseTrueTrue"},
      {"'ab'.islower() ~ 'aB'.islower() ~ '1'.islower() ~ 'ªa'.islower()", "TrueFalseFalseTrue"},
      {"'AB'.isupper() ~ 'ǅ'.isupper() ~ 'A1'.isupper()", "TrueFalseTrue"},
      {"'Ab Cd'.istitle() ~ 'Ab cd'.istitle() ~ 'ABc'.istitle()", "TrueFalseFalse"},
      {"'a_1'.isidentifier() ~ '1a'.isidentifier() ~ 'é'.isidentifier()", "TrueFalseTrue"},
      {"'abc'.translate({97: 'X', 98: none, 99: 100})", "Xd"},
      {"'hello'.translate('a'.maketrans('el', 'ip'))", "hippo"},
      {"'hello'.translate('a'.maketrans('el', 'ip', 'o'))", "hipp"},
      {"'a'.maketrans({'a': 'b'})", "{97: 'b'}"},
      {"'a b'.split(' ', 0)", "['a b']"},
      {"'a\\x1cb\\x0bc'.splitlines()", "['a', 'b', 'c']"},
      {"'abc'[::-2]", "ca"},
      {"'%s'.join(['a', 'b'])", "a%sb"},
  });
}

TEST(Jinja2Golden, MoreContainers) {
  expect({
      {"[l.extend([4, 5]), l]", "[None, [3, 1, 2, 4, 5]]"},
      {"[l.insert(1, 'x'), l.insert(-1, 'y'), l.insert(99, 'z'), l]",
       "[None, None, None, [3, 'x', 1, 'y', 2, 'z']]"},
      {"[l.pop(), l.pop(0), l]", "[2, 3, [1]]"},
      {"[l.remove(1), l]", "[None, [3, 2]]"},
      {"[l.reverse(), l]", "[None, [2, 1, 3]]"},
      {"[l.sort(), l]", "[None, [1, 2, 3]]"},
      {"[l.sort(reverse=true), l]", "[None, [3, 2, 1]]"},
      {"[l.index(2), l.index(2, 1), l.count(3), (1, 2, 1).count(1), (1, 2).index(2)]",
       "[2, 2, 1, 2, 1]"},
      {"[l.copy(), l.clear(), l]", "[[3, 1, 2], None, []]"},
      {"[d.pop('b'), d.pop('zz', 9), d]", "[1, 9, {'a': 'x', 'items': 5}]"},
      {"[d.popitem(), d]", "[('items', 5), {'b': 1, 'a': 'x'}]"},
      {"[d.setdefault('a', 1), d.setdefault('q', 2), d]",
       "['x', 2, {'b': 1, 'a': 'x', 'items': 5, 'q': 2}]"},
      {"[d.update({'b': 2}, c=3), d]", "[None, {'b': 2, 'a': 'x', 'items': 5, 'c': 3}]"},
      {"[d.update([('x', 1), ('b', 0)]), d]", "[None, {'b': 0, 'a': 'x', 'items': 5, 'x': 1}]"},
      {"[d.copy(), d.clear(), d]", "[{'b': 1, 'a': 'x', 'items': 5}, None, {}]"},
      {"dict([('a', 1), ['b', 2]])", "{'a': 1, 'b': 2}"},
      {"dict(d, **{'z': 1})", "{'b': 1, 'a': 'x', 'items': 5, 'z': 1}"},
      {"{(1, 2): 'a'}[1, 2]", "a"},
      {"{(1, 'x'): 'a', (): 'b'}", "{(1, 'x'): 'a', (): 'b'}"},
      {"(1, 2) in {(1, 2): 3}", "True"},
      {"(1, [2]) in {(1, 2): 3} if false else 1", "1"},
      {"[(1, 2), (1, 2), (2, 1)] | unique | list", "[(1, 2), (2, 1)]"},
      {"d.keys()", "dict_keys(['b', 'a', 'items'])"},
      {"d.values()", "dict_values([1, 'x', 5])"},
      {"d.items()", "dict_items([('b', 1), ('a', 'x'), ('items', 5)])"},
      {"range(3)", "range(0, 3)"},
      {"range(0, 10, 3)", "range(0, 10, 3)"},
      {"range(5)[1:3]", "range(1, 3)"},
      {"range(9).stop ~ range(2, 9, 3).step", "93"},
      {"dict", "<class 'dict'>"},
      {"namespace", "<class 'jinja2.utils.Namespace'>"},
      {"namespace(a=1, b='x')", "<Namespace {'a': 1, 'b': 'x'}>"},
      {"range(3) == range(3)", "True"},
      {"d.keys() == {'items': 1, 'a': 2, 'b': 3}.keys()", "True"},
      {"d.items() == d.items()", "True"},
      {"d.values() == d.values()", "False"},
      {"(3).bit_length() ~ (-8).bit_length() ~ (2.0).is_integer()", "24True"},
      {"l[0, 1] is defined", "False"},
      {"cycler(1, 2).next()", "1"},
      {"cycler(1, 2).current", "1"},
      {"cycler(1, 2).items", "(1, 2)"},
      {"joiner('|')()", ""},
      {"joiner().sep", ", "},
  });
}

TEST(Jinja2Golden, MoreFilters) {
  expect({
      {"'<a href=\"x\">&\\'</a>' | e", "&lt;a href=&#34;x&#34;&gt;&amp;&#39;&lt;/a&gt;"},
      {"'<a>' | escape | e", "&lt;a&gt;"},
      {"'<a>' | e | forceescape", "&amp;lt;a&amp;gt;"},
      {"'<a>' | safe | e", "<a>"},
      {"'a & b' | urlencode", "a%20%26%20b"},
      {"'ü/ä?' | urlencode", "%C3%BC/%C3%A4%3F"},
      {"{'a b': 'c/d', 'e': 1} | urlencode", "a+b=c%2Fd&e=1"},
      {"[('a', 'ü'), ('b', 2)] | urlencode", "a=%C3%BC&b=2"},
      {"{'class': 'a b', 'id': none, 'x': '<'} | xmlattr", " class=\"a b\" x=\"&lt;\""},
      {"{'a': 1} | xmlattr(false)", "a=\"1\""},
      {"'<p>Hello &amp; <b>you</b>\\n&#65;&lt;</p><!-- no -->' | striptags", "Hello & you A<"},
      {"'ab' | center(7) ~ '|'", "   ab  |"},
      {"'abc' | center(6) ~ '|'", " abc  |"},
      {"'foo bar baz qux' | truncate(9)", "foo..."},
      {"'foo bar baz qux' | truncate(9, true)", "foo ba..."},
      {"'foo bar baz qux' | truncate(11)", "foo bar baz qux"},
      {"'foo bar baz qux' | truncate(11, false, '...', 0)", "foo bar..."},
      {"'foo bar baz qux' | truncate(5, true, '', 0)", "foo b"},
      {"'系统：你好世界你好' | truncate(5, leeway=0)", "系统..."},
      {"'Hello, World it\\'s' | wordcount", "4"},
      {"'aaa bbb ccc ddd' | wordwrap(7)", "aaa bbb\nccc ddd"},
      {"'aaa bbbbbbbbbb ccc' | wordwrap(5)", "aaa b\nbbbbb\nbbbb\nccc"},
      {"'aaa bbbbbbbbbb ccc' | wordwrap(5, false)", "aaa\nbbbbbbbbbb\nccc"},
      {"'well-known fact -- really--yes' | wordwrap(6)", "well-\nknown\nfact\n--\nreally\n--yes"},
      {"'well-known' | wordwrap(6, break_on_hyphens=false)", "well-k\nnown"},
      {"'a b\\n\\nc d' | wordwrap(2, true, '/')", "a/b//c/d"},
      {"'   lead and   gaps  ' | wordwrap(8)", "   lead\nand\ngaps"},
      {"1 | filesizeformat", "1 Byte"},
      {"13 | filesizeformat", "13 Bytes"},
      {"13000 | filesizeformat", "13.0 kB"},
      {"4100000 | filesizeformat", "4.1 MB"},
      {"123456789 | filesizeformat(true)", "117.7 MiB"},
      {"'1024' | filesizeformat(true)", "1.0 KiB"},
      {"1e27 | filesizeformat", "1000.0 YB"},
      {"[1, 2, 3, 4, 5] | batch(2) | list", "[[1, 2], [3, 4], [5]]"},
      {"[1, 2, 3, 4, 5] | batch(3, 0) | list", "[[1, 2, 3], [4, 5, 0]]"},
      {"[1, 2, 3, 4, 5] | slice(3) | list", "[[1, 2], [3, 4], [5]]"},
      {"[1, 2, 3, 4, 5] | slice(3, 0) | list", "[[1, 2], [3, 4], [5, 0]]"},
      {"[] | slice(2) | list", "[[], []]"},
      {"objs | groupby('v') | list | length", "2"},
      {"objs | groupby('n') | map(attribute='grouper') | list", "['a', 'b']"},
      {"objs | groupby('n', case_sensitive=true) | map(attribute='grouper') | list",
       "['A', 'a', 'b']"},
      {"objs | groupby('k.z', default=0) | map('first') | list", "[0, 1, 3]"},
      {"(objs | groupby('v') | first).list | map(attribute='n') | list", "['b']"},
      {"objs | groupby('v') | map(attribute=0) | list", "[1, 2]"},
      {"objs | attr('append') is callable", "True"},
      {"d | attr('a') is defined", "False"},
      {"d | attr('get') is callable", "True"},
      {"[none, none] | sort", "[None, None]"},
      {"l | select | first", "3"},
      {"[[3, 1], [2]] | sort", "[[2], [3, 1]]"},
      {"objs | sort(attribute='k.z') | length if false else 'x'", "x"},
      {"(l | select | reverse)", "[2, 1, 3]"},
      {"['a', 'B', 'c'] | map('center', 3) | list", "[' a ', ' B ', ' c ']"},
      {"s | title", "Hello, Wörld! "},
      {"d | pprint", "{'a': 'x', 'b': 1, 'items': 5}"},
      {"'٣٤' | int", "34"},
      {"'１２.５' | float", "12.5"},
      {"'𝟗𝟎' | int", "90"},
      {"'1_0' | int", "10"},
      {"'_1' | int(7)", "7"},
      {"' 12 ' | int", "12"},
      {"'0x1A' | int(0, 16)", "26"},
      {"'0b11' | int(0, 2)", "3"},
      {"'12abc' | int(3)", "3"},
      {"[s, s, s, s, s, s, q] | pprint",
       "['Hello, Wörld! ',\n 'Hello, Wörld! ',\n 'Hello, Wörld! ',\n 'Hello, Wörld! ',\n 'Hello, "
       "Wörld! ',\n 'Hello, Wörld! ',\n 'it\\'s \"q\"\\n\\t\\\\']"},
      {"('word ' * 30) | pprint",
       "('word word word word word word word word word word word word word word word '\n 'word "
       "word word word word word word word word word word word word word word ')"},
      {"{'b': 'word ' * 20, 'a': [1, 2, [3] * 40], 3: none} | pprint",
       "{3: None,\n 'a': [1,\n       2,\n       [3,\n        3,\n        3,\n        3,\n        "
       "3,\n        3,\n        3,\n        3,\n        3,\n        3,\n        3,\n        3,\n   "
       "     3,\n        3,\n        3,\n        3,\n        3,\n        3,\n        3,\n        "
       "3,\n        3,\n        3,\n        3,\n        3,\n        3,\n        3,\n        3,\n   "
       "     3,\n        3,\n        3,\n        3,\n        3,\n        3,\n        3,\n        "
       "3,\n        3,\n        3,\n        3,\n        3,\n        3]],\n 'b': 'word word word "
       "word word word word word word word word word word word '\n      'word word word word word "
       "word '}"},
      {"('line\\n' * 20) | pprint",
       "('line\\n'\n 'line\\n'\n 'line\\n'\n 'line\\n'\n 'line\\n'\n 'line\\n'\n 'line\\n'\n "
       "'line\\n'\n 'line\\n'\n 'line\\n'\n 'line\\n'\n 'line\\n'\n 'line\\n'\n 'line\\n'\n "
       "'line\\n'\n 'line\\n'\n 'line\\n'\n 'line\\n'\n 'line\\n'\n 'line\\n')"},
      {"objs | pprint",
       "[{'k': {'z': 1}, 'n': 'a', 'v': 2},\n {'n': 'b', 'v': 1},\n {'k': {'z': 3}, 'n': 'A', 'v': "
       "2}]"},
      {"\"they're o'neil-x\" | title", "They're O'neil-X"},
  });
}

TEST(Jinja2Golden, MoreTests) {
  expect({
      {"'upper' is filter ~ 'nope' is filter", "TrueFalse"},
      {"'odd' is test ~ 'nope' is test", "TrueFalse"},
      {"none is sameas none ~ l is sameas l ~ [1] is sameas [1] ~ true is sameas 1",
       "TrueTrueFalseFalse"},
      {"('<' | e) is escaped ~ '<' is escaped", "TrueFalse"},
      {"5 is upper ~ 'A5' is upper", "FalseTrue"},
      {"range is callable ~ joiner() is callable ~ 5 is callable", "TrueTrueFalse"},
      {"l | select('==', 1) | list", "[1]"},
      {"l | select('!=', 1) | list", "[3, 2]"},
      {"l | select('>', 1) | list", "[3, 2]"},
      {"l | reject('<=', 1) | list", "[3, 2]"},
      {"l | select('>=', 2) | list", "[3, 2]"},
      {"l | select('<', 2) | list", "[1]"},
  });
}

TEST(Jinja2Golden, Markup) {
  expect({
      {"('<' | e) + '<'", "&lt;&lt;"},
      {"'<' + ('<' | e)", "&lt;&lt;"},
      {"('<' | e) ~ '<'", "&lt;<"},
      {"('%s' | safe) % '<'", "&lt;"},
      {"('%s-%s' | safe) % ('<', '>' | e)", "&lt;-&gt;"},
      {"('{}' | safe).format('<')", "&lt;"},
      {"'{}'.format('<' | e)", "&lt;"},
      {"('<' | safe) * 2 + '<'", "<<&lt;"},
      {"[('<b>' | safe), '<'] | join", "<b><"},
      {"('<' | safe).join(['<', '>' | e])", "&lt;<&gt;"},
      {"('a<' | safe).replace('a', '<')", "&lt;<"},
      {"('a<b' | safe).split('<')", "[Markup('a'), Markup('b')]"},
      {"('<a>' | safe).upper() + '<'", "<A>&lt;"},
      {"('<a>' | safe)[0] + '<'", "<&lt;"},
      {"('<a>' | safe)[1:] + '<'", "a>&lt;"},
      {"('<a>' | safe) | string is escaped", "True"},
      {"('<a>' | safe) | trim is escaped", "True"},
      {"('<a>' | safe) | title is escaped", "False"},
      {"('a\\nb' | safe) | indent is escaped", "True"},
      {"[('<' | e)]", "[Markup('&lt;')]"},
  });
}

TEST(Jinja2Golden, CallsAndMacros) {
  expect_text({
      {"{% macro m(a) %}<{{ caller(a) }}>{% endmacro %}{% call(x) m(3) %}{{ x }}{{ i }}{% endcall "
       "%}",
       "<37>"},
      {"{% macro m() %}[{{ caller() }}]{% endmacro %}{% call m() %}in{% endcall %}", "[in]"},
      {"{% macro m() %}{{ caller is defined }}{% endmacro %}{{ m() }}", "False"},
      {"{% macro m(a) %}{{ a }}|{{ varargs }}|{{ kwargs }}{% endmacro %}{{ m(1, 2, 3, k=4) }}",
       "1|(2, 3)|{'k': 4}"},
      {"{% macro m(a, b, c) %}{{ a }}{{ b }}{{ c }}{% endmacro %}{{ m(*l) }}{{ m(1, *[2, 3]) }}{{ "
       "m(c=1, **{'a': 2, 'b': 3}) }}",
       "312123231"},
      {"{% macro m(a, b=1) %}{% endmacro %}{{ m.name }}{{ m.arguments }}{{ m.catch_kwargs }}{{ "
       "m.catch_varargs }}{{ m.caller }}{{ m }}",
       "m('a', 'b')FalseFalseFalse<Macro 'm'>"},
      {"{% macro o() %}{% macro n() %}{{ varargs }}{% endmacro %}{{ n(1) }}{% endmacro %}{{ o(2) "
       "}}",
       "(1,)"},
  });
}

TEST(Jinja2Golden, MoreBlocks) {
  expect_text({
      {"{% filter upper %}a{{ i }}b{% endfilter %}", "A7B"},
      {"{% filter replace('a', 'b') | trim | upper %} banana {% endfilter %}", "BBNBNB"},
      {"{% with a=1, b=2 %}{{ a }}{{ b }}{% endwith %}{{ a is defined }}", "12False"},
      {"{% set a = 5 %}{% with a=1, b=a %}{{ a }}{{ b }}{% endwith %}{{ a }}", "155"},
      {"{% with %}{% set w = 1 %}{{ w }}{% endwith %}{{ w is defined }}", "1False"},
      {"{% set x | upper | replace('A', 'x') %}banana{% endset %}{{ x }}", "BxNxNx"},
      {"{% do l.append(9) %}{{ l }}", "[3, 1, 2, 9]"},
      {"{% print 1, 'a', l %}", "1a[3, 1, 2]"},
      {"{% for v in l %}{% block c scoped %}{{ v }}{% endblock %}{% endfor %}", "312"},
      {"{% for v in l %}{% block e %}{{ v is defined }}{% endblock %}{% endfor %}",
       "FalseFalseFalse"},
      {"{% set y = 1 %}{% block f %}{{ y }}{% set y = 2 %}{% endblock %}{{ y }}", "11"},
      {"{% if t: %}a{% else: %}b{% endif %}", "a"},
      {"{% for v in [1, [2, [3]]] recursive %}{{ loop.depth }}{{ loop.depth0 }}{% if v is iterable "
       "%}({{ loop(v) }}){% else %}{{ v }}{% endif %}{% endfor %}",
       "10110(21221(323))"},
      {"{% for v in ['a', 'a', 'b', 'b', 'a'] %}{% if loop.changed(v) %}{{ v }}{% endif %}{% "
       "endfor %}",
       "aba"},
      {"{% for v in l %}{{ loop.changed() }}{% endfor %}", "TrueFalseFalse"},
      {"{% for v in l %}{{ loop }}{% endfor %}",
       "<LoopContext 1/3><LoopContext 2/3><LoopContext 3/3>"},
      {"{% set c = cycler('a', 'b') %}{% for v in l %}{{ c.next() }}{% endfor %}{{ c.current }}{% "
       "do c.reset() %}{{ c.current }}{{ c.pos }}",
       "ababa0"},
      {"{% set j = joiner() %}{% for v in l %}{{ j() }}{{ v }}{% endfor %}", "3, 1, 2"},
      {"{% set g = l | select %}{{ g | first }}{{ g | list }}", "3[1, 2]"},
      {"{% for v in l %}{% set x %}{% if v == 1 %}{% break %}{% endif %}{{ v }}{% endset %}{{ x "
       "}}{% endfor %}",
       "3"},
      {"{% for v in l %}{% filter upper %}{% if v == 1 %}{% continue %}{% endif %}a{% endfilter "
       "%}{{ v }}{% endfor %}",
       "A3A2"},
      {"{% autoescape true %}{{ '<' }}{{ '<' | safe }}<{{ '<' ~ '>' }}{{ (q | e) ~ '>' }}{{ ['<', "
       "'<' | e] | join('&') }}{% endautoescape %}{{ '<' }}",
       "&lt;<<&lt;&gt;it&#39;s &#34;q&#34;\n\t\\&gt;&lt;&amp;&lt;<"},
      {"{% autoescape true %}{% set x %}<{{ '<' }}{% endset %}{{ x }}{{ x is escaped }}{% "
       "endautoescape %}",
       "<&lt;True"},
      {"{% macro m() %}<{{ '<' }}{% endmacro %}{% autoescape true %}{{ m() }}{{ m() is escaped "
       "}}{% endautoescape %}{{ m() is escaped }}",
       "<<TrueFalse"},
      {"{% autoescape true %}{{ '<a>' | replace('a', '<') }}{{ '<a>' | replace('a' | e, '<') }}{{ "
       "{'a': '<'} | xmlattr }}{% endautoescape %}",
       "&lt;&lt;&gt;&lt;&lt;&gt; a=\"&lt;\""},
      {"{% autoescape false %}{{ '<' }}{% endautoescape %}", "<"},
      {"{% for k, v in objs | groupby('v') %}{{ k }}:{% for o in v %}{{ o.n }}{% endfor %} {% "
       "endfor %}",
       "1:b 2:aA "},
      {"{% for g in objs | groupby('v') %}{{ g.grouper }}{{ g.list | length }}{% endfor %}",
       "1122"},
      {"{{ objs | groupby('n') | map('first') | join }}", "ab"},
  });
}

}  // namespace
}  // namespace pangu::jinja
