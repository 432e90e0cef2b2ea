// SPDX-License-Identifier: Apache-2.0
#include "eval/answers.h"

#include <gtest/gtest.h>

#include "runtime/model.h"
#include "tests/support/support.h"

namespace pangu::eval {
namespace {

using Number = std::optional<std::string>;

TEST(Answers, NumbersAreComparedAsTexts) {
  for (const auto& [text, want] : std::vector<std::pair<std::string, Number>>{
           {"7", "7"},
           {"007", "7"},
           {"-1,234.50", "-1234.5"},
           {"+3.0", "3"},
           {"-0.0", "0"},
           {".5", "0.5"},
           {"1,450,000", "1450000"},
           {"$12", "12"},
           {"-$12", "-12"},
           {"０７", "7"},
           {"１，２３４", "1234"},
           {"−5", "-5"},
           {" 18 ", "18"},
           {"12,34", std::nullopt},
           {"", std::nullopt},
           {"x", std::nullopt},
           {"1 2", std::nullopt},
           {"-", std::nullopt},
           {"5.", std::nullopt},
           {"123456789012345678901234567890.10", "123456789012345678901234567890.1"}}) {
    EXPECT_EQ(canonical_number(text), want) << text;
  }
}

TEST(Answers, TheMarkedNumberWinsOverTheLast) {
  EXPECT_EQ(find_marked_number("so 5 + 6 = 11\n#### 11\nor 12?"), Number("11"));
  EXPECT_EQ(find_marked_number("#### 1\n#### $1,200.00 dollars"), Number("1200"));
  EXPECT_EQ(find_marked_number("#### 答案：-18元"), Number("-18"));
  EXPECT_EQ(find_marked_number("####\n\n42"), Number("42"));
  EXPECT_EQ(find_marked_number("the answer is 42"), std::nullopt);
  EXPECT_EQ(find_marked_number("#### none"), std::nullopt);
  EXPECT_EQ(find_answer_number("#### none, 42"), Number("42"));
  EXPECT_EQ(find_answer_number("She has 3 apples and 1,024 pears."), Number("1024"));
  EXPECT_EQ(find_answer_number("10-3=7"), Number("7"));
  EXPECT_EQ(find_answer_number("7 = 10-3"), Number("3"));
  EXPECT_EQ(find_answer_number("it is -3"), Number("-3"));
  EXPECT_EQ(find_answer_number("因此一共需要１２个苹果。"), Number("12"));
  EXPECT_EQ(find_answer_number("小明有3个，答案是18。"), Number("18"));
  EXPECT_EQ(find_answer_number("about 3.14159..."), Number("3.14159"));
  EXPECT_EQ(find_answer_number("版本1.2.3"), Number("3"));
  EXPECT_EQ(find_answer_number("1, 2, 3"), Number("3"));
  EXPECT_EQ(find_answer_number("no number"), std::nullopt);
  EXPECT_EQ(find_answer_number("\xff\xfe 5"), Number("5"));
}

TEST(Answers, CodeIsTakenFromTheBlockThatDefinesTheFunction) {
  const std::string answer =
      "First:\n```python\nx = 1\n```\nand\n```\ndef  f_(a): pass\ndef f (a):\n    return "
      "a\n```\nDone.";
  EXPECT_EQ(extract_code(answer, "f"), "def  f_(a): pass\ndef f (a):\n    return a\n");
  EXPECT_EQ(extract_code(answer, ""), "x = 1\n");
  EXPECT_EQ(extract_code(answer, "g"), "x = 1\n");
  EXPECT_EQ(extract_code("```python\ndef f():\n    pass", "f"), "def f():\n    pass");
  EXPECT_EQ(extract_code("def f():\n  pass\n[DONE]\nmore", "f"), "def f():\n  pass\n");
  EXPECT_EQ(extract_code("", "f"), "");
}

TEST(Answers, AFunctionBodyEndsAtTheNextStatement) {
  EXPECT_EQ(function_body("    a = 1\n\n    return a\ndef g():\n    pass\n"),
            "    a = 1\n\n    return a\n");
  EXPECT_EQ(function_body("\treturn 1\nprint(2)"), "\treturn 1\n");
  EXPECT_EQ(function_body("return 1\n"), "");
  EXPECT_EQ(function_body("    return 1"), "    return 1");
}

TEST(Answers, Trimming) {
  EXPECT_EQ(trimmed(" \t\r\n　答案 A　\n"), "答案 A");
  EXPECT_EQ(trimmed("  "), "");
  EXPECT_EQ(first_line("\n \n  one \ntwo"), "one");
  EXPECT_EQ(first_line(""), "");
}

/// A vocabulary of three tokens that mark reasoning, and letters.
class Letters : public Tokenizer {
 public:
  TokenId vocab_size() const override { return 256 + 2; }
  std::optional<TokenId> bos_id() const override { return {}; }
  std::optional<TokenId> eos_id() const override { return {}; }
  std::optional<TokenId> pad_id() const override { return {}; }
  std::optional<TokenId> unk_id() const override { return {}; }
  using Tokenizer::encode;
  std::vector<TokenId> encode(std::span<const TextPiece>, const EncodeOptions&) const override {
    return {};
  }
  const std::string& piece(TokenId id) const override { return bytes(id); }
  const std::string& bytes(TokenId id) const override {
    static thread_local std::string text;
    text = id >= 256 ? "" : std::string(1, static_cast<char>(id));
    return text;
  }
  bool is_special(TokenId id) const override { return id >= 256; }
  std::optional<TokenId> id_of(std::string_view piece) const override {
    if (piece == "[unused16]") return 256;
    if (piece == "[unused17]") return 257;
    return std::nullopt;
  }
  const std::string& chat_template() const override { return none_; }
  std::string kind() const override { return "letters"; }
  LeadingSpace leading_space() const override { return LeadingSpace::kKeep; }
  bool ends_run(TokenId) const override { return false; }

 private:
  std::string none_;
};

TEST(Answers, OnlyWhatFollowsTheReasoningCounts) {
  const Letters letters;
  const auto answer = [&](const std::vector<TokenId>& ids, const std::string& text) {
    return answer_text(letters, ids, text);
  };
  EXPECT_EQ(answer({'a', 'b'}, "ab"), "ab");
  EXPECT_EQ(answer({256, 'a', 257, 'b', 'c'}, "abc"), "bc");
  EXPECT_EQ(answer({256, 'a', 257, 'b', 257, 'c'}, "abc"), "c");
  EXPECT_EQ(answer({'a', 257}, "a"), "");
  EXPECT_EQ(answer({256, 'a', 'b'}, "ab"), "");
  EXPECT_EQ(answer({'x'}, "<think>1</think>\n2"), "\n2");
  EXPECT_EQ(answer({'x'}, " <think>1, 2"), "");
}

}  // namespace
}  // namespace pangu::eval
