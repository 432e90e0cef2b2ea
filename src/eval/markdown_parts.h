// SPDX-License-Identifier: Apache-2.0
// Fenced code blocks of Markdown, as models write it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pangu::eval {

/// A code block between fences, or the text before, between or after such blocks.
struct MarkdownPart {
  bool is_code = false;
  std::string language;  ///< of code: the first word after the fence, in lower case; or empty
  std::string text;      ///< of code without fences, quote marks and the fence's indentation
};

/// A text in parts, in its order; parts of blanks are left out, lines end with a line feed.
///
/// Fences are those of CommonMark 0.31: three or more backticks or tildes, closed by as many of the
/// same or the end of the text, perhaps in a quote or a list. Besides, as models write them: a
/// fence with a language ends a block that was left open; a fence may close at the end of a line of
/// code; "```python" may open at the end of a line of text; blocks of Markdown are looked into.
std::vector<MarkdownPart> markdown_parts(std::string_view text);

}  // namespace pangu::eval
