// SPDX-License-Identifier: Apache-2.0
// Filters and tests, with the results Python's Jinja gives.
#include <gtest/gtest.h>

#include <initializer_list>
#include <utility>

#include "jinja/render_for_test.h"

namespace pangu::jinja {
namespace {

using test::expect;

TEST(Filters, TextFilters) {
  expect({
      {"s | upper", "HELLO, WÖRLD! "},
      {"i | string", "7"},
      {"s | trim", "Hello, Wörld!"},
      {"s | trim('H')", "ello, Wörld! "},
      {"'foo-bar(baz<x{y' | title", "Foo-Bar(Baz<X{Y"},
      {"'hELLO wORLD' | capitalize", "Hello world"},
      {"s | replace('l', 'L')", "HeLLo, WörLd! "},
      {"s | replace('l', 'L', 1)", "HeLlo, Wörld! "},
      {"123 | replace(1, 2)", "223"},
      {"s | safe", "Hello, Wörld! "},
      {"'a\\nb\\n\\nc' | indent", "a\n    b\n\n    c"},
      {"'a\\nb' | indent(2, true)", "  a\n  b"},
      {"'a\\n\\nb' | indent(2, blank=true)", "a\n  \n  b"},
      {"'a\\nb\\n' | indent('>>')", "a\n>>b\n"},
      {"'' | indent(2, true)", "  "},
      {"none | upper", "NONE"},
  });
}

TEST(Filters, Json) {
  expect({
      {"q | tojson", "\"it's \\\"q\\\"\\n\\t\\\\\""},
      {"d | tojson", "{\"b\": 1, \"a\": \"x\", \"items\": 5}"},
      {"objs | tojson",
       "[{\"n\": \"a\", \"v\": 2, \"k\": {\"z\": 1}}, {\"n\": \"b\", \"v\": 1}, {\"n\": \"A\", "
       "\"v\": 2, \"k\": {\"z\": 3}}]"},
      {"{'a': [1, {}], 'b': []} | tojson(indent=2)",
       "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": []\n}"},
      {"l | tojson(indent=4)", "[\n    3,\n    1,\n    2\n]"},
      {"l | tojson(indent='--')", "[\n--3,\n--1,\n--2\n]"},
      {"x | tojson", "1.5"},
      {"n | tojson", "null"},
      {"t | tojson", "true"},
      {"cn | tojson", "\"系统：你好\\n世界\""},
      {"(cn ~ '😀') | tojson(ensure_ascii=true)",
       "\"\\u7cfb\\u7edf\\uff1a\\u4f60\\u597d\\n\\u4e16\\u754c\\ud83d\\ude00\""},
      {"d | tojson(separators=(',', ':'))", "{\"b\":1,\"a\":\"x\",\"items\":5}"},
      {"d | tojson(sort_keys=true)", "{\"a\": \"x\", \"b\": 1, \"items\": 5}"},
      {"{1: 2, none: 3, true: 4, 1.5: 5} | tojson", "{\"1\": 4, \"null\": 3, \"1.5\": 5}"},
      {"(1, 2) | tojson", "[1, 2]"},
      {"'</script>&' | tojson", "\"</script>&\""},
      {"'\\x01\\x7f' | tojson", "\"\\u0001\177\""},
  });
}

TEST(Filters, NumberFilters) {
  expect({
      {"'12' | int", "12"},
      {"'12.7' | int", "12"},
      {"'x' | int", "0"},
      {"'x' | int(5)", "5"},
      {"' 12 ' | int", "12"},
      {"'ff' | int(0, 16)", "255"},
      {"'0x1f' | int(base=16)", "31"},
      {"'1_000' | int", "1000"},
      {"none | int", "0"},
      {"12.9 | int", "12"},
      {"'1.5' | float", "1.5"},
      {"'x' | float", "0.0"},
      {"'1e3' | float", "1000.0"},
      {"'inf' | float", "inf"},
      {"'nan' | float", "nan"},
      {"-12 | abs", "12"},
      {"-1.5 | abs", "1.5"},
      {"2.5 | round", "2.0"},
      {"3.5 | round", "4.0"},
      {"2.675 | round(2)", "2.67"},
      {"42.55 | round(1, 'floor')", "42.5"},
      {"42.51 | round(1, 'ceil')", "42.6"},
      {"-0.5 | round(0, 'ceil')", "0.0"},
      {"-0.0 | round(0, 'floor')", "0.0"},
      {"42 | round", "42"},
      {"1234 | round(-2)", "1200"},
      {"1e300 | round(2)", "1e+300"},
      {"'inf' | int", "0"},
  });
}

TEST(Filters, SequenceFilters) {
  expect({
      {"s | length", "14"},
      {"cn | length", "8"},
      {"d | length", "3"},
      {"missing | length", "0"},
      {"l | first", "3"},
      {"l | last", "2"},
      {"el | first", ""},
      {"cn | first", "系"},
      {"ss | join", "bAca"},
      {"ss | join(', ')", "b, A, c, a"},
      {"objs | join('-', attribute='n')", "a-b-A"},
      {"l | sort", "[1, 2, 3]"},
      {"l | sort(reverse=true)", "[3, 2, 1]"},
      {"ss | sort", "['A', 'a', 'b', 'c']"},
      {"ss | sort(case_sensitive=true)", "['A', 'a', 'b', 'c']"},
      {"objs | sort(attribute='v,n') | map(attribute='n') | join", "baA"},
      {"d | items | list", "[('b', 1), ('a', 'x'), ('items', 5)]"},
      {"{'b': 1, 'A': 2} | dictsort", "[('A', 2), ('b', 1)]"},
      {"{'b': 1, 'A': 2} | dictsort(true)", "[('A', 2), ('b', 1)]"},
      {"{'b': 1, 'A': 2} | dictsort(by='value', reverse=true)", "[('A', 2), ('b', 1)]"},
      {"['a', 'A', 'b'] | unique | list", "['a', 'b']"},
      {"['a', 'A'] | unique(true) | list", "['a', 'A']"},
      {"l | reverse | list", "[2, 1, 3]"},
      {"cn | reverse", "界世\n好你：统系"},
      {"l | sum", "6"},
      {"objs | sum(attribute='v')", "5"},
      {"l | sum(start=10)", "16"},
      {"l | min", "1"},
      {"ss | max", "c"},
      {"el | max", ""},
      {"d | list", "['b', 'a', 'items']"},
      {"missing | default('q')", "q"},
      {"z | default('q')", ""},
      {"z | default('q', true)", "q"},
      {"n | d('q', boolean=true)", "q"},
      {"missing | d", ""},
      {"s | count", "14"},
  });
}

TEST(Filters, Selection) {
  expect({
      {"objs | map(attribute='n') | list", "['a', 'b', 'A']"},
      {"objs | map(attribute='k.z', default=0) | list", "[1, 0, 3]"},
      {"ss | map('upper') | join", "BACA"},
      {"ss | map('replace', 'a', 'b') | list", "['b', 'A', 'c', 'b']"},
      {"objs | selectattr('v', 'equalto', 2) | map(attribute='n') | list", "['a', 'A']"},
      {"objs | selectattr('k') | list | length", "2"},
      {"objs | rejectattr('k', 'defined') | map(attribute='n') | list", "['b']"},
      {"l | select('odd') | list", "[3, 1]"},
      {"l | reject('gt', 1) | list", "[1]"},
      {"[0, 1, ''] | select | list", "[1]"},
      {"[0, 1, ''] | reject | list", "[0, '']"},
      {"none | map('upper') | list", "[]"},
      {"'y' if el | select else 'n'", "y"},
  });
}

TEST(Filters, Predicates) {
  expect({
      {"s is defined", "True"},
      {"missing is defined", "False"},
      {"missing is undefined", "True"},
      {"missing is not defined", "True"},
      {"n is none", "True"},
      {"n is not none", "False"},
      {"s is string", "True"},
      {"i is string", "False"},
      {"d is mapping", "True"},
      {"l is mapping", "False"},
      {"l is iterable", "True"},
      {"i is iterable", "False"},
      {"l is sequence", "True"},
      {"d.keys() is sequence", "False"},
      {"i is number", "True"},
      {"t is number", "True"},
      {"i is integer", "True"},
      {"t is integer", "False"},
      {"x is integer", "False"},
      {"x is float", "True"},
      {"t is boolean", "True"},
      {"t is true", "True"},
      {"i is true", "False"},
      {"f is false", "True"},
      {"i is odd", "True"},
      {"i is even", "False"},
      {"2.0 is even", "True"},
      {"i is divisibleby 7", "True"},
      {"i is divisibleby(2)", "False"},
      {"i is eq 7", "True"},
      {"i is equalto(8)", "False"},
      {"'a' is in 'abc'", "True"},
      {"'a' is not in ss", "False"},
      {"i is gt 3", "True"},
      {"i is lt 3", "False"},
      {"i is ge 7", "True"},
      {"i is le 7", "True"},
      {"i is ne 7", "False"},
      {"range is callable", "True"},
      {"s is callable", "False"},
      {"'AB' is upper", "True"},
      {"'1' is lower", "False"},
      {"'a' is lower", "True"},
      {"1 is odd and true", "True"},
      {"not 1 is odd", "False"},
      {"1 if s is string else 2", "1"},
  });
}

}  // namespace
}  // namespace pangu::jinja
