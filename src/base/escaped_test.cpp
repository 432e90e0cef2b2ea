// SPDX-License-Identifier: Apache-2.0
#include "base/escaped.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "base/utf8.h"
#include "tests/support/support.h"

namespace pangu {
namespace {

TEST(Escaped, ShowsControlCharactersOfEveryKind) {
  using std::string_view_literals::operator""sv;
  EXPECT_EQ(escaped("a\0b\x1b[31m\n\t\r\x7f"sv), R"(a\x00b\x1b[31m\n\t\r\u007f)");
  EXPECT_EQ(escaped("\u009b31m\u0080\u009f\u00a0"), "\\u009b31m\\u0080\\u009f\u00a0");
}

TEST(Escaped, ShowsBytesThatAreNoCharacters) {
  EXPECT_EQ(escaped("a\x9b"
                    "31m\xff"),
            R"(a\x9b31m\xff)");
  EXPECT_EQ(escaped("\xe4\xbd"), R"(\xe4\xbd)");
  EXPECT_EQ(escaped("\ufffd"), "\ufffd");
}

TEST(Escaped, KeepsWhatItIsToldTo) {
  EXPECT_EQ(escaped("a\n\tb\r\x1b", "\n\t"), "a\n\tb\\r\\x1b");
  EXPECT_EQ(escaped("读一\nдва"), "读一\\nдва");
}

TEST(Escaped, LeavesNoControlCharacterInAnyBytes) {
  std::mt19937_64 random(test::seed());
  for (int round = 0; round < 200; ++round) {
    std::string text(random() % 40, '\0');
    for (char& c : text) c = static_cast<char>(random());
    const std::string shown = escaped(text);
    EXPECT_EQ(utf8::find_invalid(shown), utf8::npos);
    for (std::size_t at = 0; at < shown.size();) EXPECT_FALSE(is_control(utf8::next(shown, at)));
    EXPECT_EQ(escaped(shown), shown);
  }
}

}  // namespace
}  // namespace pangu
