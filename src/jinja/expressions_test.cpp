// SPDX-License-Identifier: Apache-2.0
// Operators, look-ups, methods and literals, with the results Python's Jinja gives.
#include <gtest/gtest.h>

#include <initializer_list>
#include <utility>

#include "jinja/render_for_test.h"

namespace pangu::jinja {
namespace {

using test::expect;

TEST(Expressions, Arithmetic) {
  expect({
      {"1 + 2", "3"},
      {"7 / 2", "3.5"},
      {"7 // 2", "3"},
      {"-7 // 2", "-4"},
      {"7 % 3", "1"},
      {"-7 % 3", "2"},
      {"7 % -3", "-2"},
      {"7.5 // 2", "3.0"},
      {"-7.5 % 2", "0.5"},
      {"2 ** 10", "1024"},
      {"2 ** -1", "0.5"},
      {"-2 ** 2", "4"},
      {"2 ** 3 ** 2", "64"},
      {"10 - 2 * 3", "4"},
      {"(10 - 2) * 3", "24"},
      {"1 - 2 - 3", "-4"},
      {"true + true", "2"},
      {"'ab' * 3", "ababab"},
      {"3 * 'ab'", "ababab"},
      {"'ab' * -1", ""},
      {"l + l", "[3, 1, 2, 3, 1, 2]"},
      {"l * 2", "[3, 1, 2, 3, 1, 2]"},
      {"(1,) + (2,)", "(1, 2)"},
      {"1 ~ 2 ~ 'a' ~ none", "12aNone"},
      {"-i", "-7"},
      {"+x", "1.5"},
      {"- - i", "7"},
      {"-1 ~ -x", "-1-1.5"},
  });
}

TEST(Expressions, Comparison) {
  expect({
      {"1 == 1.0", "True"},
      {"true == 1", "True"},
      {"'a' < 'b'", "True"},
      {"'é' > 'z'", "True"},
      {"l == [3, 1, 2]", "True"},
      {"(1, 2) == [1, 2]", "False"},
      {"{'a': 1} == {'a': 1.0}", "True"},
      {"none == false", "False"},
      {"missing == none", "False"},
      {"missing == missing2", "True"},
      {"1 < 2 < 3", "True"},
      {"1 < 3 < 2", "False"},
      {"[1, 2] < [1, 3]", "True"},
      {"[1] < [1, 0]", "True"},
      {"2 >= 2", "True"},
      {"1 != 2", "True"},
      {"'ell' in s", "True"},
      {"'x' not in s", "True"},
      {"1 in l", "True"},
      {"'b' in d", "True"},
      {"1 in d", "False"},
      {"missing in l", "False"},
      {"'a' in missing", "False"},
      {"9223372036854775807 == 9223372036854775806", "False"},
  });
}

TEST(Expressions, Logic) {
  expect({
      {"t and s", "Hello, Wörld! "},
      {"s and t", "True"},
      {"f and s", "False"},
      {"f or s", "Hello, Wörld! "},
      {"n or 'x'", "x"},
      {"not s", "False"},
      {"not not s", "True"},
      {"not t in [true]", "False"},
      {"1 if t", "1"},
      {"1 if f", ""},
      {"1 if f else 2", "2"},
      {"1 if t else 2 if f else 3", "1"},
      {"'a' if f else 'b' ~ 'c'", "bc"},
      {"(el or 1) and 'y'", "y"},
  });
}

TEST(Expressions, Printing) {
  expect({
      {"t", "True"},
      {"n", "None"},
      {"l", "[3, 1, 2]"},
      {"d", "{'b': 1, 'a': 'x', 'items': 5}"},
      {"[q]", "['it\\'s \"q\"\\n\\t\\\\']"},
      {"[s, 1, 1.0, none, true]", "['Hello, Wörld! ', 1, 1.0, None, True]"},
      {"(1,)", "(1,)"},
      {"()", "()"},
      {"{1: 'a', none: 2}", "{1: 'a', None: 2}"},
      {"[cn]", "['系统：你好\\n世界']"},
      {"[\"\\u200b\\x7f\"]", "['\\u200b\\x7f']"},
      {"1e16", "1e+16"},
      {"1e15", "1000000000000000.0"},
      {"1e-4", "0.0001"},
      {"1e-5", "1e-05"},
      {"0.1 + 0.2", "0.30000000000000004"},
      {"123456789.123", "123456789.123"},
      {"-0.0", "-0.0"},
      {"5e-324", "5e-324"},
      {"1.0", "1.0"},
      {"100.0", "100.0"},
      {"missing", ""},
      {"[missing]", "[Undefined]"},
      {"1, 2", "(1, 2)"},
  });
}

TEST(Expressions, Lookup) {
  expect({
      {"s[0]", "H"},
      {"s[-1]", " "},
      {"s[7]", "W"},
      {"s[100]", ""},
      {"s[1:3]", "el"},
      {"s[::-1]", " !dlröW ,olleH"},
      {"s[-3:]", "d! "},
      {"s[::2]", "Hlo öl!"},
      {"s[5:1:-1]", ",oll"},
      {"s[1:none]", "ello, Wörld! "},
      {"cn[2:4]", "：你"},
      {"cn[::-1]", "界世\n好你：统系"},
      {"l[-1]", "2"},
      {"l[5]", ""},
      {"l[::-1]", "[2, 1, 3]"},
      {"l[1:]", "[1, 2]"},
      {"l[10:]", "[]"},
      {"l[-10:2]", "[3, 1]"},
      {"l[::-2]", "[2, 3]"},
      {"l[::9223372036854775807]", "[3]"},
      {"d.a", "x"},
      {"d['items']", "5"},
      {"d.zz", ""},
      {"d['zz']", ""},
      {"n.foo", ""},
      {"i.foo", ""},
      {"l.0", "3"},
      {"objs.0.n", "a"},
      {"l['foo']", ""},
      {"(1,2)[0]", "1"},
      {"range(5)[3]", "3"},
      {"range(5)[1:3] | list", "[1, 2]"},
      {"objs[0]['k']['z']", "1"},
  });
}

TEST(Expressions, StringMethods) {
  expect({
      {"s.strip()", "Hello, Wörld!"},
      {"s.upper()", "HELLO, WÖRLD! "},
      {"s.lower()", "hello, wörld! "},
      {"s.title()", "Hello, Wörld! "},
      {"'a B'.capitalize()", "A b"},
      {"s.split()", "['Hello,', 'Wörld!']"},
      {"s.split(',')", "['Hello', ' Wörld! ']"},
      {"' a b c '.split(none, 1)", "['a', 'b c ']"},
      {"'a,b,c'.split(',', 1)", "['a', 'b,c']"},
      {"s.strip('!H ')", "ello, Wörld"},
      {"s.lstrip('He')", "llo, Wörld! "},
      {"s.rstrip()", "Hello, Wörld!"},
      {"cn.strip('系界')", "统：你好\n世"},
      {"s.startswith('He')", "True"},
      {"s.endswith(('x', ' '))", "True"},
      {"s.replace('l', 'L')", "HeLLo, WörLd! "},
      {"s.replace('l', 'L', 1)", "HeLlo, Wörld! "},
      {"'ab'.replace('', '-')", "-a-b-"},
      {"'aXbX'.split('X')", "['a', 'b', '']"},
      {"''.split()", "[]"},
      {"''.split(',')", "['']"},
      {"cn.find('你')", "3"},
      {"s.find('zz')", "-1"},
      {"','.join(ss)", "b,A,c,a"},
      {"cn.splitlines()", "['系统：你好', '世界']"},
      {"'a\\r\\nb\\n'.splitlines(true)", "['a\\r\\n', 'b\\n']"},
      {"\"it's a.b\".title()", "It'S A.B"},
      {"'ÉÀΣЖ'.lower()", "éàσж"},
      {"'éàσжß'.upper()", "ÉÀΣЖSS"},
  });
}

TEST(Expressions, OtherMethods) {
  expect({
      {"d.get('a')", "x"},
      {"d.get('zz')", "None"},
      {"d.get('zz', 3)", "3"},
      {"d.keys() | list", "['b', 'a', 'items']"},
      {"d.values() | list", "[1, 'x', 5]"},
      {"d.items() | list", "[('b', 1), ('a', 'x'), ('items', 5)]"},
      {"d.keys() | length", "3"},
      {"[l.append(4), l]", "[None, [3, 1, 2, 4]]"},
  });
}

TEST(Expressions, Globals) {
  expect({
      {"range(3) | list", "[0, 1, 2]"},
      {"range(1, 4) | list", "[1, 2, 3]"},
      {"range(5, 0, -2) | list", "[5, 3, 1]"},
      {"range(0) | list", "[]"},
      {"range(3) | length", "3"},
      {"dict(a=1, b=2)", "{'a': 1, 'b': 2}"},
      {"dict(d, c=3)", "{'b': 1, 'a': 'x', 'items': 5, 'c': 3}"},
      {"namespace(a=1).a", "1"},
      {"namespace({'a': 2}).a", "2"},
      {"strftime_now('%Y %B')", "2023 November"},
      {"strftime_now('%%')", "%"},
  });
}

TEST(Expressions, Literals) {
  expect({
      {"'a' 'b'", "ab"},
      {"'a\\tb\\x41\\u4e2d\\101\\q\\''", "a\tbA中A\\q'"},
      {"\"a\\\"b\"", "a\"b"},
      {"'\\U0001F600'", "😀"},
      {"0x1F", "31"},
      {"0b101", "5"},
      {"0o17", "15"},
      {"1_000", "1000"},
      {"1.5e3", "1500.0"},
      {"1e-2", "0.01"},
      {"[1, 2,]", "[1, 2]"},
      {"{'a': 1,}", "{'a': 1}"},
      {"'}}'", "}}"},
      {"[[1], {'a': {'b': 2}}]", "[[1], {'a': {'b': 2}}]"},
      {"True", "True"},
      {"None", "None"},
      {"(1)", "1"},
  });
}

}  // namespace
}  // namespace pangu::jinja
