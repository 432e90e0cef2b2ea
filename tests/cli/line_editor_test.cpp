// SPDX-License-Identifier: Apache-2.0
// What becomes of keys and pastes, byte by byte.
#include "apps/run/line_editor.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "base/escaped.h"
#include "base/utf8.h"
#include "tests/support/support.h"

namespace pangu::test {
namespace {

using app::LineEditor;

struct Typed {
  std::vector<std::string> messages;
  std::string rest, echo;
  bool ended = false;
};

Typed typed(std::string_view keys) {
  LineEditor editor;
  Typed out;
  for (const char key : keys) {
    const auto event = editor.take(key, out.echo);
    if (event == LineEditor::Event::kMessage) out.messages.push_back(editor.message());
    if (event == LineEditor::Event::kEnd) out.ended = true;
    if (out.ended) break;
  }
  out.rest = editor.message();
  return out;
}

using Messages = std::vector<std::string>;

TEST(LineEditor, LinesAreMessagesOfAnyLength) {
  const std::string longer(100'000, 'x');
  const Typed t = typed("one\n" + longer + "\n\nзд\r");
  EXPECT_EQ(t.messages, (Messages{"one", longer, "", "зд"}));
  EXPECT_EQ(t.echo, "one\n" + longer + "\n\nзд\n");
}

TEST(LineEditor, KeysEraseWholeCharactersWordsAndAll) {
  EXPECT_EQ(typed("ab\x7f"
                  "c\n")
                .messages,
            Messages{"ac"});
  EXPECT_EQ(typed("a\b\b\bb\n").messages, Messages{"b"});
  EXPECT_EQ(typed("a读\x7f"
                  "b\n")
                .messages,
            Messages{"ab"});
  EXPECT_EQ(typed("a读\x7f").echo, "a读\b \b\b \b");  // two columns wide
  EXPECT_EQ(typed("one two  \x17"
                  "2\n")
                .messages,
            Messages{"one 2"});
  EXPECT_EQ(typed("one two\x15"
                  "3\n")
                .messages,
            Messages{"3"});
  EXPECT_EQ(typed("ab\x15").echo, "ab\b \b\b \b");
}

TEST(LineEditor, TheEndIsAtTheBeginningOfALineAlone) {
  EXPECT_TRUE(typed("\x04").ended);
  EXPECT_TRUE(typed("a\n\x04"
                    "b")
                  .ended);
  const Typed t = typed("a\x04\n");
  EXPECT_FALSE(t.ended);
  EXPECT_EQ(t.messages, Messages{"a"});
}

TEST(LineEditor, APasteIsOneMessageWithItsLines) {
  const Typed t = typed("see:\x1b[200~a\n\tb\n\nc\x1b[201~ end\nnext\n");
  EXPECT_EQ(t.messages, (Messages{"see:a\n\tb\n\nc end", "next"}));
  EXPECT_EQ(t.echo, "see:a\n    b\n\nc end\nnext\n");
}

TEST(LineEditor, PastedControlSequencesAreTextAndNotObeyed) {
  const Typed t = typed("\x1b[200~a\x1b[31mb\x03\x07\x04\x1bz\x1b[201~\n");
  EXPECT_EQ(t.messages, Messages{"a\x1b[31mb\x03\x07\x04\x1bz"});
  EXPECT_EQ(t.echo, "a\\x1b[31mb\\x03\\x07\\x04\\x1bz\n");
}

TEST(LineEditor, OtherKeysDoNothing) {
  // Arrows, Home, Delete, F1, Ctrl-A, and Escape before Enter.
  EXPECT_EQ(typed("a\x1b[A\x1b[1;5C\x1b[H\x1b[3~\x1bOP\x01"
                  "b\x1b\n")
                .messages,
            Messages{"ab"});
}

TEST(LineEditor, AnyBytesLeaveTheTerminalAlone) {
  std::mt19937_64 random(test::seed());
  for (int round = 0; round < 500; ++round) {
    std::string keys(random() % 60, '\0');
    for (char& c : keys) c = static_cast<char>(random() % 3 == 0 ? random() : 0x1b + random() % 70);
    const std::string echo = typed(keys).echo;
    for (std::size_t at = 0; at < echo.size();) {
      const char32_t c = utf8::next(echo, at);
      EXPECT_TRUE(!is_control(c) || c == '\n' || c == '\b' || c == '\a') << int(c);
    }
  }
}

TEST(LineEditor, ColumnsAreThoseOfTerminals) {
  EXPECT_EQ(app::columns("abc"), 3u);
  EXPECT_EQ(app::columns("读者"), 4u);
  EXPECT_EQ(app::columns("e\u0301"), 1u);
  EXPECT_EQ(app::columns("😀"), 2u);
  EXPECT_EQ(app::columns(""), 0u);
}

}  // namespace
}  // namespace pangu::test
