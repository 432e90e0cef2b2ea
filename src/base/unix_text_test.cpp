// SPDX-License-Identifier: Apache-2.0
#include "base/unix_text.h"

#include <gtest/gtest.h>

namespace pangu {
namespace {

TEST(UnixText, MarkAndCarriageReturnsOfLineEndsGo) {
  EXPECT_EQ(unix_text("\xEF\xBB\xBF"
                      "a\r\n\r\nb\r\n"),
            "a\n\nb\n");
  EXPECT_EQ(unix_text("\r\n"), "\n");
}

TEST(UnixText, EverythingElseStays) {
  for (const char* text : {"", "a", "a\n\nb\n", "a\rb", "a\r",
                           "a\xEF\xBB\xBF"
                           "b"}) {
    EXPECT_EQ(unix_text(text), text);
  }
  EXPECT_EQ(unix_text("a\r\r\nb"), "a\r\nb");
}

TEST(UnixText, UndoesWhatWindowsDoes) {
  for (const char* text : {"", "\n", "a\nb", "\n\na\n"}) {
    EXPECT_EQ(unix_text(windows_text(text)), text);
  }
  EXPECT_EQ(windows_text("\n---\n"), "\r\n---\r\n");
}

}  // namespace
}  // namespace pangu
