// SPDX-License-Identifier: Apache-2.0
#include "eval/answers.h"

#include <gtest/gtest.h>

#include "runtime/model.h"
#include "tests/support/support.h"

namespace pangu::eval {
namespace {

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
