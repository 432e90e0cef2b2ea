// SPDX-License-Identifier: Apache-2.0
// Every character, one by one.
#include "grammar/rules/code_points.h"

#include <random>
#include <string>

#include "base/utf8.h"
#include "tests/support/support.h"

namespace pangu::grammar {
namespace {

bool is_scalar(char32_t c) {
  return c <= 0x10FFFF && (c < 0xD800 || c > 0xDFFF);
}

TEST(CodePoints, EncodingsAreThoseOfTheCharactersAndNoOthers) {
  const CodePointSet set({{U'a', U'f'},
                          {0x70, 0x85},
                          {0x7F0, 0x810},
                          {0xD700, 0xE010},
                          {0xFFF0, 0x10010},
                          {0x10FF00, 0x20FFFF}});
  const auto ranges = utf8_ranges(set);
  std::size_t texts = 0, members = 0;
  for (const ByteRanges& r : ranges) {
    std::size_t product = 1;
    for (std::size_t i = 0; i < static_cast<std::size_t>(r.size); ++i) {
      product *= static_cast<std::size_t>(r.last[i] - r.first[i]) + 1;
    }
    texts += product;
  }
  for (char32_t c = 0; c <= 0x10FFFF; ++c) {
    if (!is_scalar(c)) continue;
    std::string text;
    utf8::append(text, c);
    int found = 0;
    for (const ByteRanges& r : ranges) {
      bool fits = text.size() == static_cast<std::size_t>(r.size);
      for (std::size_t i = 0; fits && i < text.size(); ++i) {
        const auto byte = static_cast<std::uint8_t>(text[i]);
        fits = r.first[i] <= byte && byte <= r.last[i];
      }
      found += fits ? 1 : 0;
    }
    ASSERT_EQ(found, set.contains(c) ? 1 : 0) << static_cast<unsigned>(c);
    members += set.contains(c) ? 1 : 0;
  }
  EXPECT_EQ(texts, members);
}

TEST(CodePoints, SetsAreThoseOfTheirMembers) {
  std::mt19937_64 rng(test::seed());
  for (int round = 0; round < 200; ++round) {
    const auto draw = [&rng] {
      std::vector<CodePointRange> ranges;
      for (std::size_t n = rng() % 5; n > 0; --n) {
        const auto first = static_cast<char32_t>(rng() % 60);
        ranges.push_back({first, first + static_cast<char32_t>(rng() % 10)});
      }
      return CodePointSet(std::move(ranges));
    };
    const CodePointSet a = draw(), b = draw();
    for (char32_t c = 0; c < 80; ++c) {
      ASSERT_EQ(a.complement().contains(c), !a.contains(c));
      ASSERT_EQ(a.with(b).contains(c), a.contains(c) || b.contains(c));
      ASSERT_EQ(a.without(b).contains(c), a.contains(c) && !b.contains(c));
    }
    ASSERT_EQ(a.complement().complement().ranges().size(), a.ranges().size());
  }
  EXPECT_TRUE(CodePointSet::all().complement().empty());
  EXPECT_FALSE(CodePointSet::all().contains(0xD800));
}

}  // namespace
}  // namespace pangu::grammar
