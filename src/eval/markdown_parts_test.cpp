// SPDX-License-Identifier: Apache-2.0
#include "eval/markdown_parts.h"

#include <gmock/gmock.h>

namespace pangu::eval {
namespace {

/// Parts as one text: "text|", "<language>code|".
std::string shown(std::string_view text) {
  std::string out;
  for (const MarkdownPart& part : markdown_parts(text)) {
    if (part.is_code) out += "<" + part.language + ">";
    out += part.text + "|";
  }
  return out;
}

TEST(MarkdownParts, AreTextAndFencedBlocks) {
  EXPECT_EQ(shown(""), "");
  EXPECT_EQ(shown("a\nb"), "a\nb\n|");
  EXPECT_EQ(shown("a\n```python\nx\n\ny\n```\nb\n~~~\nz\n~~~~\n"),
            "a\n|<python>x\n\ny\n|b\n|<>z\n|");
  EXPECT_EQ(shown("```Python title=\"a b\"\nx\n```"), "<python>x\n|");
  EXPECT_EQ(shown("```{.py}\nx\n```\n```bash:run.sh\ny\n```"), "<py>x\n|<bash>y\n|");
  EXPECT_EQ(shown("```\r\nx\r\ny\r\n```\r\n"), "<>x\ny\n|");
  EXPECT_EQ(shown("```\n```\n``` \n \n```"), "") << "blocks of blanks are none";
}

TEST(MarkdownParts, AFenceIsClosedByItsLikeOrTheEnd) {
  EXPECT_EQ(shown("````\n```\nx\n```\n````\n"), "<>```\nx\n```\n|");
  EXPECT_EQ(shown("~~~\n```\nx\n~~~"), "<>```\nx\n|");
  EXPECT_EQ(shown("```py\nx\n  ```\ny"), "<py>x\n|y\n|");
  EXPECT_EQ(shown("```py\ndef f():\n    '''\n    ```\n    f()\n    ```\n    '''\n```"),
            "<py>def f():\n    '''\n    ```\n    f()\n    ```\n    '''\n|");
  EXPECT_EQ(shown("```py\nx\ny"), "<py>x\ny\n|");
  EXPECT_EQ(shown("use ```x``` here\n``x``\n"), "use ```x``` here\n``x``\n|");
}

TEST(MarkdownParts, BlocksStandInListsAndQuotes) {
  EXPECT_EQ(shown("1. so:\n   ```py\n   def f():\n       pass\n   ```\n"),
            "1. so:\n|<py>def f():\n    pass\n|");
  EXPECT_EQ(shown("- ```py\n  x\n  ```\n"), "<py>x\n|");
  EXPECT_EQ(shown("> > ```py\n> > x\n> >  y\n> > ```\nz"), "<py>x\n y\n|z\n|");
  EXPECT_EQ(shown("> ```py\n> x\ny"), "<py>x\n|y\n|");
}

TEST(MarkdownParts, FencesAsModelsWriteThem) {
  EXPECT_EQ(shown("x\n```\n"), "x\n|") << "a closing fence alone";
  EXPECT_EQ(shown("Here:```python\nx\n```"), "Here:\n|<python>x\n|");
  EXPECT_EQ(shown("```python\nx```\nThis is x.\n```python\ny\n```"), "<python>x\n|<python>y\n|");
  EXPECT_EQ(shown("```python\nx```"), "<python>x\n|");
  EXPECT_EQ(shown("```python\nx\n```python\ny\n```"), "<python>x\n|<python>y\n|");
  EXPECT_EQ(shown("```python\nx\n``` This is x.\ny"), "<python>x\n|y\n|");
  EXPECT_EQ(shown("````markdown\nT\n```python\nx\n```\nU\n````\nV"), "T\n|<python>x\n|U\n|V\n|");
}

}  // namespace
}  // namespace pangu::eval
