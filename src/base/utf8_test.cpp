// SPDX-License-Identifier: Apache-2.0
#include "base/utf8.h"

#include <gtest/gtest.h>

#include <string>

#include "pangu/error.h"

namespace pangu::utf8 {
namespace {

TEST(Utf8, AcceptsEveryScalarValueAndNothingElse) {
  for (char32_t c = 0; c <= 0x10FFFF; ++c) {
    std::string s;
    append(s, c);
    std::size_t at = 0;
    const bool surrogate = c >= 0xD800 && c <= 0xDFFF;
    ASSERT_EQ(find_invalid(s), npos) << std::hex << static_cast<unsigned>(c);
    ASSERT_EQ(next(s, at), surrogate ? 0xFFFD : c);
    ASSERT_EQ(at, s.size());
  }
}

TEST(Utf8, FindsTheFirstIllFormedByte) {
  EXPECT_EQ(find_invalid("abc"), npos);
  EXPECT_EQ(find_invalid("a\x80"), 1u);             // stray continuation
  EXPECT_EQ(find_invalid("\xC0\x80"), 0u);          // overlong NUL
  EXPECT_EQ(find_invalid("ok\xED\xA0\x80"), 2u);    // surrogate
  EXPECT_EQ(find_invalid("\xF4\x90\x80\x80"), 0u);  // past U+10FFFF
  EXPECT_EQ(find_invalid("\xE4\xBD"), 0u);          // cut off
  EXPECT_EQ(find_invalid("\xE4\xBD\xA0\xFF"), 3u);
}

TEST(Utf8, CompletePrefixHoldsBackOnlyWhatCanStillBecomeACharacter) {
  const std::string ni = "\xE4\xBD\xA0";
  EXPECT_EQ(complete_prefix(ni), 3u);
  EXPECT_EQ(complete_prefix(ni.substr(0, 2)), 0u);
  EXPECT_EQ(complete_prefix("a" + ni.substr(0, 1)), 1u);
  EXPECT_EQ(complete_prefix("\xF0\x9F\x98"), 0u);
  EXPECT_EQ(complete_prefix("\xFF"), 1u);
  EXPECT_EQ(complete_prefix("\x80\x80\x80"), 3u);
  EXPECT_EQ(complete_prefix(""), 0u);
}

TEST(Utf8, SanitizedIsValidAndKeepsTheRest) {
  EXPECT_EQ(sanitized("a\xFF"
                      "b"),
            "a\xEF\xBF\xBD"
            "b");
  EXPECT_EQ(find_invalid(sanitized("\xE4\xBD\xF0\x9F")), npos);
}

TEST(Utf8, RequireValidNamesTheTextTheByteAndTheOffset) {
  try {
    require_valid("ab\xFF", "the prompt");
    FAIL() << "no exception";
  } catch (const InputError& e) {
    const std::string message = e.what();
    EXPECT_NE(message.find("the prompt"), std::string::npos);
    EXPECT_NE(message.find("0xff"), std::string::npos);
    EXPECT_NE(message.find("offset 2"), std::string::npos);
  }
}

}  // namespace
}  // namespace pangu::utf8
