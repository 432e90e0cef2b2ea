// SPDX-License-Identifier: Apache-2.0
// Which bytes came from content, through every way of making one text from others.
#include "jinja/text.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "jinja/render_for_test.h"
#include "tests/support/support.h"

namespace pangu::jinja {
namespace {

/// The text with content bytes in brackets.
std::string marked(const Text& text) {
  std::string out;
  for (const Text::Piece& piece : text.pieces()) {
    const bool is_content = piece.source == Source::kContent;
    out += (is_content ? "[" : "") + std::string(piece.text) + (is_content ? "]" : "");
  }
  return out;
}

std::string marked(std::string_view expression, const Json& values) {
  return marked(test::render_text("{{ " + std::string(expression) + " }}", values));
}

TEST(Text, NeighboursOfOneSourceMerge) {
  Text text("ab", Source::kContent);
  text.append("cd", Source::kContent);
  text.append("", Source::kTemplate);
  text.append(Text("ef", Source::kContent));
  EXPECT_EQ(marked(text), "[abcdef]");
  EXPECT_EQ(text.content_ranges().size(), 1u);
  text.append("", Source::kContent);
  text.append("x", Source::kTemplate);
  EXPECT_EQ(marked(text), "[abcdef]x");
  EXPECT_EQ(text.source_at(5), Source::kContent);
  EXPECT_EQ(text.source_at(6), Source::kTemplate);
  EXPECT_TRUE(Text().pieces().empty());
}

/// Against one flag per byte, which is too big to use but plainly correct.
TEST(Text, RandomSlicesAgreeWithFlagsPerByte) {
  std::mt19937_64 rng(pangu::test::seed());
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(rng() % n); };
  for (int round = 0; round < 300; ++round) {
    Text text;
    std::vector<bool> flags;
    for (int step = 0; step < 12; ++step) {
      if (text.size() > 0 && below(2) == 0) {
        const std::size_t begin = below(text.size() + 1);
        const std::size_t end = begin + below(text.size() - begin + 1);
        const Text source = text;
        text.append(source, begin, end);
        for (std::size_t i = begin; i < end; ++i) flags.push_back(flags[i]);
      } else {
        const bool is_content = below(2) == 0;
        const std::size_t size = below(5);
        text.append(std::string(size, 'x'), is_content ? Source::kContent : Source::kTemplate);
        flags.insert(flags.end(), size, is_content);
      }
    }
    ASSERT_EQ(text.size(), flags.size());
    for (std::size_t i = 0; i < flags.size(); ++i) {
      ASSERT_EQ(text.source_at(i) == Source::kContent, flags[i]) << "byte " << i;
    }
    std::size_t last_end = 0;
    for (const auto& [begin, end] : text.content_ranges()) {
      ASSERT_LT(begin, end);
      ASSERT_TRUE(begin > last_end || begin == 0);
      last_end = end;
    }
  }
}

TEST(Sources, OperationsKeepThem) {
  const Json values = {
      {"c", "Ab c"}, {"w", "  x\n"}, {"k", {{"key", "v\"\n"}}}, {"f", "{0}<<<{0:<1}"}};
  const std::pair<const char*, const char*> rows[] = {
      {"'<' + c + '>'", "<[Ab c]>"},
      {"'<' ~ c ~ 1 ~ '>'", "<[Ab c]1>"},
      {"('<' + c + '>')[1:-1]", "[Ab c]"},
      {"('<' + c + '>')[:3]", "<[Ab]"},
      {"('<' + c)[::-1]", "[c bA]<"},
      {"('<' + c)[0]", "<"},
      {"('<' + c)[1]", "[A]"},
      {"('<' ~ w ~ '>') | trim", "<[  x\n]>"},
      {"w | trim", "[x]"},
      {"w.strip() + '.'", "[x]."},
      {"c | upper", "[AB C]"},
      {"('a' ~ c ~ 'b') | upper", "A[AB C]B"},
      {"('ab' ~ c) | title", "Ab[ab C]"},
      {"c | replace('b', '-')", "[A]-[ c]"},
      {"'x-y' | replace('-', c)", "x[Ab c]y"},
      {"c.split(' ') | join('|')", "[Ab]|[c]"},
      {"'-'.join([c, 'x'])", "[Ab c]-x"},
      {"c * 2", "[Ab cAb c]"},
      {"[c, 'x']", "['[Ab c]', 'x']"},
      {"k | tojson", "{\"[key]\": \"[v\\\"\\n]\"}"},
      {"k | string", "{'[key]': '[v\"\\n]'}"},
      {"c | indent(2, true)", "  [Ab c]"},
      {"c | list | join", "[Ab c]"},
      {"c | reverse", "[c bA]"},
      {"c | default('x')", "[Ab c]"},
      {"k | items | list", "[('[key]', '[v\"\\n]')]"},
      {"[c] | map('lower') | first", "[ab c]"},
      {"[c, 'zz'] | max ~ [c, 'zz'] | min", "zz[Ab c]"},
      {"c | length", "4"},
      {"dict(a=c).a", "[Ab c]"},
      {"'<%s>' % c", "<[Ab c]>"},
      {"'<%6s|%.2s>' % (c, c)", "<  [Ab c]|[Ab]>"},
      {"'<{}|{:>6}|{:.2}>'.format(c, c, c)", "<[Ab c]|  [Ab c]|[Ab]>"},
      {"'{!r}'.format(c)", "'[Ab c]'"},
      {"(c ~ '-%s') % 'x'", "[Ab c]-x"},
      {"(c ~ '{}').format('x')", "[Ab c]x"},
      {"f.format('x')", "x[<<<]x"},
      {"c.center(8)", "  [Ab c]  "},
      {"'x'.center(3, c[0])", "[A]x[A]"},
      {"'x'.ljust(3, c[0])", "x[AA]"},
      {"'{:{}}'.format('x', c[0] ~ '>3')", "[AA]x"},
      {"'%c{:c}' % 65", "[A]{:c}"},
      {"'{:c}'.format(65)", "[A]"},
      {"'a'.translate('a'.maketrans('a', c[0]))", "[A]"},
      {"'a b' | wordwrap(1, wrapstring=c[0])", "a[A]b"},
      {"dict(**k)", "{'[key]': '[v\"\\n]'}"},
      {"c.swapcase()", "[aB C]"},
      {"c.casefold()", "[ab c]"},
      {"c.partition(' ') | join('|')", "[Ab]|[ ]|[c]"},
      {"c.rsplit(' ') | join('|')", "[Ab]|[c]"},
      {"c.translate({65: 'x'})", "x[b c]"},
      {"c.removeprefix('A')", "[b c]"},
      {"('<' ~ c ~ '>') | e", "&lt;[Ab c]&gt;"},
      {"'<b>' ~ c ~ '</b>' | striptags", "<b>[Ab c]"},
      {"c | truncate(3, true, '', 0)", "[Ab ]"},
      {"c | wordwrap(2)", "[Ab]\n[c]"},
      {"c | urlencode", "[Ab%20c]"},
      {"{'a': c} | xmlattr", " a=\"[Ab c]\""},
      {"[c, 'x'] | batch(2) | first | join", "[Ab c]x"},
  };
  for (const auto& [expression, text] : rows) {
    EXPECT_EQ(marked(expression, values), text) << expression;
  }
}

TEST(Sources, StatementsKeepThem) {
  const Json values = {{"c", "C"}};
  EXPECT_EQ(marked(test::render_text("{% set x %}<{{ c }}>{% endset %}{{ x }}", values)), "<[C]>");
  EXPECT_EQ(marked(test::render_text("{% macro m(a) %}<{{ a }}{% endmacro %}{{ m(c) }}", values)),
            "<[C]");
  EXPECT_EQ(marked(test::render_text("{% for x in c %}{{ x }}-{% endfor %}", values)), "[C]-");
  EXPECT_EQ(marked(test::render_text("{% filter lower %}<X{{ c }}{% endfilter %}", values)),
            "<x[c]");
  EXPECT_EQ(marked(test::render_text("{% macro m() %}<{{ caller() }}>{% endmacro %}"
                                     "{% call m() %}{{ c }}{% endcall %}",
                                     values)),
            "<[C]>");
  EXPECT_EQ(marked(test::render_text("{% with x = c ~ '.' %}{{ x }}{% endwith %}", values)),
            "[C].");
}

}  // namespace
}  // namespace pangu::jinja
