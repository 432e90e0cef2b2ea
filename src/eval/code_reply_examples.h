// SPDX-License-Identifier: Apache-2.0
// Replies with code, generated for tests in the ways that models write them.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "eval/python_text.h"
#include "eval/rows.h"
#include "eval/text_lines.h"

namespace pangu::eval {

struct CodeReply {
  CodeRow row;
  std::string text;
  std::string program;   ///< that the reply is to be read as, but for blank lines
  bool is_right = true;  ///< whether the program passes the tests
};

class CodeReplies {
 public:
  explicit CodeReplies(std::uint64_t seed) : rng_(seed) {}

  CodeReply next() {
    CodeReply reply;
    reply.is_right = !one_in(4);
    const std::string sum = reply.is_right ? "a + b" : "a - b";
    if (one_in(3)) {
      reply.row = head_row();
      one_in(2) ? add_body(reply, sum)
                : add_function(reply, "", "def add(a, b):\n    c = " + sum + "\n    return c\n");
    } else {
      reply.row.tests = {"assert add(1, 2) == 3", "assert add(0, 5) == 5"};
      const bool needs_help = one_in(2);
      add_function(
          reply,
          needs_help ? pick({"def h(a):\n    return a\n", "from math import floor as h\n"}) : "",
          "def add(a, b):\n    a = " + std::string(needs_help ? "h(a)" : "a") + "\n    return " +
              sum + "\n");
    }
    if (one_in(5)) reply.text = with_carriage_returns(reply.text);
    return reply;
  }

  /// Whether a sentence of the generator stands in a text, so that it is no Python.
  static bool has_prose(std::string_view text) {
    for (const char* sentence : kProse) {
      if (text.find(sentence) != text.npos) return true;
    }
    return false;
  }

 private:
  static constexpr const char* kProse[] = {"Here's the function:", "It's a sum, isn't it?",
                                           "下面是代码，请看：", "**Note:** that's all."};
  static constexpr const char* kPrompt =
      "import os\n\ndef add_one(a):\n    return a + 1\n\ndef add(a, b):\n    \"\"\"Add "
      "two.\"\"\"\n";

  static CodeRow head_row() {
    CodeRow row;
    row.form = CodeRow::Form::kHumanEval;
    row.prompt = kPrompt;
    row.entry_point = "add";
    row.tests = {"def check(f):\n    assert f(1, 2) == 3\n    assert f(0, 5) == 5\n"};
    return row;
  }

  std::uint64_t draw(std::uint64_t n) { return rng_() % n; }
  bool one_in(std::uint64_t n) { return draw(n) == 0; }
  std::string pick(const std::vector<std::string>& from) { return from[draw(from.size())]; }
  std::string prose() { return one_in(3) ? "" : std::string(kProse[draw(4)]) + "\n"; }

  static std::string with_carriage_returns(const std::string& text) {
    std::string out;
    for (const char c : text) out += c == '\n' ? std::string("\r\n") : std::string(1, c);
    return out;
  }
  static std::string prefixed(const std::string& text, const std::string& prefix) {
    std::string out;
    for (const std::string_view line : lines_of(text)) out += prefix + std::string(line);
    return out;
  }

  /// A block of Python, perhaps in a list or a quote.
  std::string block(const std::string& code) {
    const std::string fence = pick({"```", "```", "````", "~~~"});
    const std::string open =
        fence + pick({"python", "py", "Python", "python3", "", " python"}) + "\n";
    switch (draw(5)) {
      case 0:
        return "1. " + open + prefixed(code + fence + "\n", "   ");
      case 1:
        return prefixed(open + code + fence + "\n", "> ") + "\n";
      default:
        return open + code + fence + "\n";
    }
  }

  /// Blocks that are no answer. With a language only, where a fence must show that it opens.
  std::string distraction(bool with_language) {
    std::vector<std::string> from{"", "```bash\npip install add\n```\n",
                                  "```python\nprint(add(1, 2))\n```\n",
                                  "```js\nfunction add(a, b) { return a + b }\n```\n"};
    if (!with_language) from.insert(from.end(), {"```\n3\n```\n", "~~~\n>>> add(1, 2)\n3\n~~~\n"});
    return pick(from);
  }

  void add_function(CodeReply& reply, const std::string& help, const std::string& code) {
    const bool is_head = reply.row.form == CodeRow::Form::kHumanEval;
    const std::string before =
        is_head ? std::string(kPrompt).substr(0, std::string(kPrompt).rfind("def ")) : "";
    const std::string whole = help.empty() ? code : help + "\n" + code;
    reply.program = before + whole;
    switch (draw(6)) {
      case 0:  // the opening fence is missing
        reply.text = whole + "```\n" + prose() + distraction(true);
        break;
      case 1:  // the closing fence is missing, or stands at the end of the code
        reply.text = prose() + distraction(false) + "```python\n" + whole;
        if (one_in(2)) reply.text.insert(reply.text.size() - 1, "```");
        reply.text += distraction(true);
        break;
      case 2:  // no fences
        reply.text = prose() + "\n" + whole + "\n" + prose();
        break;
      case 3:  // what the function needs in a block of its own
        if (!help.empty()) {
          const bool is_first = one_in(2);
          reply.text = prose() + block(is_first ? help : code) + prose() + distraction(false) +
                       block(is_first ? code : help) + prose();
          break;
        }
        [[fallthrough]];
      default:
        reply.text =
            prose() + distraction(false) + prose() + block(whole) + prose() + distraction(false);
    }
  }

  void add_body(CodeReply& reply, const std::string& sum) {
    const std::string body = "c = " + sum + "\nif c:\n    return c\nreturn 0\n";
    reply.program = kPrompt + indented(body, "    ");
    const std::string shown = indented(body, pick({"", "  ", "    "}));
    reply.text =
        one_in(2) ? prose() + block(shown) + prose() : indented(body, "    ") + "```\n" + prose();
  }

  std::mt19937_64 rng_;
};

}  // namespace pangu::eval
