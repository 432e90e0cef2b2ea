// SPDX-License-Identifier: Apache-2.0
#include "text/training/tokenizer_train.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <rapidcheck.h>

#include <iterator>

#include "base/utf8.h"
#include "io/json.h"
#include "pangu/tokenizer.h"
#include "tests/support/support.h"
#include "text/chat/chat_template.h"

namespace pangu::text {
namespace {

namespace fs = std::filesystem;

constexpr int kVocabSize = 420;

/// Records of every kind: texts and conversations, code and Chinese, with and without reasoning.
std::string jsonl() {
  std::string text;
  for (int i = 0; i < 60; ++i) {
    text += Json{{"text", fmt::format("Anna has {} apples and buys {} more.", i, i * 7 % 13)},
                 {"family", "words"}}
                .dump() +
            "\n";
    text += Json{{"family", "code"},
                 {"messages",
                  {{{"role", "user"}, {"content", fmt::format("Add {} to x. /no_think", i)}},
                   {{"role", "assistant"},
                    {"reasoning_content", ""},
                    {"content", fmt::format("def f(x):\n    if x:\n        return x + {}", i)}}}}}
                .dump() +
            "\n";
    text += Json{{"messages",
                  {{{"role", "system"}, {"content", "你是助手。"}},
                   {{"role", "user"}, {"content", fmt::format("小明有{}个苹果，又买了三个。", i)}},
                   {{"role", "assistant"},
                    {"reasoning_content", "先数一数。"},
                    {"content", "一共是苹果的个数。"}}}}}
                .dump() +
            "\n\n";
  }
  return text;
}

class TokenizerTrain : public testing::Test {
 protected:
  TokenizerTrain() { test::write_file(data_, jsonl()); }

  TokenizerReport train(const char* out = "out", TokenizerTraining options = small()) {
    return train_tokenizer({data_}, scratch_ / out, options);
  }
  static TokenizerTraining small() {
    TokenizerTraining options;
    options.model.vocab_size = kVocabSize;
    return options;
  }
  std::ptrdiff_t entries() const {
    return std::distance(fs::directory_iterator(scratch_.path()), {});
  }

  test::ScratchDir scratch_;
  const fs::path data_ = scratch_ / "data.jsonl";
  const fs::path out_ = scratch_ / "out";
};

TEST_F(TokenizerTrain, SpecialTokensFollowAtOnce) {
  EXPECT_EQ(train().vocab_size, kVocabSize);
  const auto tokenizer = load_tokenizer(out_);
  EXPECT_EQ(tokenizer->vocab_size(), kVocabSize);
  EXPECT_EQ(tokenizer->piece(0), "<unk>");
  EXPECT_EQ(tokenizer->bos_id(), 1);
  EXPECT_EQ(tokenizer->piece(2), "</s>");
  EXPECT_EQ(tokenizer->pad_id(), 0);
  for (int i = 0; i < 34; ++i) EXPECT_EQ(tokenizer->piece(3 + i), fmt::format("[unused{}]", i));
  EXPECT_EQ(tokenizer->piece(37), "<|User|>:");
  EXPECT_EQ(tokenizer->piece(38), "<|Bot|>:");
  EXPECT_EQ(tokenizer->eos_id(), 13);
  EXPECT_EQ(read_json(out_ / "generation_config.json")["eos_token_id"], 13);
  EXPECT_EQ(tokenizer->encode("[unused9]a[unused10]").front(), 1);
  EXPECT_EQ(tokenizer->encode("[unused9]")[1], 12);
  EXPECT_EQ(tokenizer->encode("[unused9]", {.parse_special = false}).size() > 2, true);
  const std::vector<TokenId> reasoning{19, 20};
  EXPECT_EQ(tokenizer->decode(reasoning), "[unused16][unused17]");
}

TEST_F(TokenizerTrain, TheTemplateWritesOpenPangusPrompts) {
  train();
  const auto tokenizer = load_tokenizer(out_);
  const auto chat = ChatTemplate::parse(tokenizer->chat_template(), {});
  EXPECT_EQ(chat.thinking_style(), ThinkingStyle::kTags);
  const std::vector<Message> one{{"user", "Hi"}};
  EXPECT_EQ(chat.render(one),
            "[unused9]系统：[unused10][unused9]用户：Hi[unused10][unused9]助手：");
  std::vector<Message> many{
      {"system", "s"}, {"user", "u"}, {"assistant", "a"}, {"tool", "t"}, {"function", "f"}};
  EXPECT_EQ(chat.render(many, {.add_generation_prompt = false}),
            "[unused9]系统：s[unused10][unused9]用户：u[unused10][unused9]助手：a[unused10]"
            "[unused9]工具：t[unused10][unused9]方法：f[unused10]");
  many.push_back({"stranger", "x"});
  PANGU_EXPECT_ERROR(chat.render(many), InputError, "message 6", "'stranger'", "leaves it out");
}

TEST_F(TokenizerTrain, AnyTextComesBackAsItWas) {
  train();
  const auto tokenizer = load_tokenizer(out_);
  const auto comes_back = [&](const std::string& text) {
    return tokenizer->decode(tokenizer->encode(text, {.parse_special = false})) == text;
  };
  for (const char* text :
       {"", " ", "  two spaces  inside and after  ", "\n\n", "\ta\tb\r\n",
        "def f(x):\n    for i in x:\n        yield i\n", "小明有3个苹果。\n", "\x01\x7f",
        "[unused9]", "<s>", "é ü ß 𝄞 🙂", "ｆｕｌｌ　width"}) {
    EXPECT_TRUE(comes_back(text)) << text;
  }
  rc::check("lines, blanks, digits, Chinese and rare characters in any mixture", [&] {
    const auto parts =
        *rc::gen::container<std::vector<std::string>>(rc::gen::weightedOneOf<std::string>(
            {{3, rc::gen::element<std::string>("Anna", " ", "    ", "\n", "\t", "return x", "12",
                                               "，", "苹果", "<s>")},
             {1, rc::gen::map(rc::gen::inRange(1, 0x30000), [](int code) {
                std::string text;
                // The space mark of SentencePiece is a space to it.
                utf8::append(text, code == 0x2581 ? U'x' : static_cast<char32_t>(code));
                return text;
              })}}));
    std::string text;
    for (const std::string& part : parts) text += part;
    RC_ASSERT(comes_back(text));
  });
}

TEST_F(TokenizerTrain, DigitsAndNewlinesStandAloneAndIndentsAreWhole) {
  train();
  const auto tokenizer = load_tokenizer(out_);
  const auto pieces = [&](const char* text) {
    std::vector<std::string> found;
    for (const TokenId id : tokenizer->encode(text, {.add_bos = false})) {
      found.push_back(tokenizer->piece(id));
    }
    return found;
  };
  EXPECT_THAT(pieces("125"), testing::ElementsAre("▁", "1", "2", "5"));
  EXPECT_THAT(pieces("x\n"), testing::ElementsAre("▁x", "<0x0A>"));
  const auto indented = pieces("x\n    if");
  EXPECT_EQ(indented[0], "▁x");
  EXPECT_EQ(indented[1], "<0x0A>");
  EXPECT_EQ(indented[2], "▁▁▁▁");
  for (TokenId id = 0; id < kVocabSize; ++id) {
    const std::string& piece = tokenizer->piece(id);
    if (id < 39 || piece.starts_with("<0x") || piece.size() == 1) continue;
    EXPECT_EQ(piece.find_first_of("0123456789\n"), std::string::npos) << piece;
  }
}

TEST_F(TokenizerTrain, ChineseCharactersStayAloneWhereThatIsAsked) {
  const auto longest = [&](const char* out) {
    const auto tokenizer = load_tokenizer(scratch_ / out);
    std::size_t most = 0;
    for (TokenId id = 39; id < tokenizer->vocab_size(); ++id) {
      const std::string& piece = tokenizer->piece(id);
      std::size_t han = 0, all = 0;
      for (std::size_t at = 0; at < piece.size(); ++all) {
        const char32_t c = utf8::next(piece, at);
        han += c >= 0x4E00 && c <= 0x9FFF;
      }
      if (han > 0) most = std::max(most, all);
    }
    return most;
  };
  train("joined");
  EXPECT_GT(longest("joined"), 2u);
  TokenizerTraining options = small();
  options.model.split_han = true;
  options.model.vocab_size = 390;
  train("split", options);
  EXPECT_EQ(longest("split"), 1u);
}

TEST_F(TokenizerTrain, TheReportCountsWhatTrainingWillSee) {
  const TokenizerReport report = train();
  const auto tokenizer = load_tokenizer(out_);
  EXPECT_EQ(report.total.records, 180);
  EXPECT_EQ(report.families.at("words").records, 60);
  EXPECT_EQ(report.families.at("code").records, 60);
  EXPECT_EQ(report.families.size(), 2u);
  // The second kind of record, rendered by the template with the markers of reasoning.
  const auto chat = ChatTemplate::parse(tokenizer->chat_template(), {});
  std::size_t tokens = 0;
  for (int i = 0; i < 60; ++i) {
    const std::vector<Message> messages{
        {"user", fmt::format("Add {} to x. /no_think", i)},
        {"assistant",
         fmt::format("[unused16][unused17]def f(x):\n    if x:\n        return x + {}", i)}};
    tokens += tokenizer->encode(chat.render(messages, {.add_generation_prompt = false})).size();
  }
  EXPECT_EQ(report.families.at("code").tokens, static_cast<std::int64_t>(tokens));
}

TEST_F(TokenizerTrain, TheSameDataGivesTheSameBytes) {
  for (const auto kind :
       {SentencePieceTraining::Kind::kBpe, SentencePieceTraining::Kind::kUnigram}) {
    TokenizerTraining options = small();
    options.model.kind = kind;
    options.model.vocab_size = 360;
    options.max_lines = 150;  // fewer than there are: the draw counts
    const TokenizerReport report = train("a", options);
    EXPECT_EQ(report.trained_lines, 150);
    EXPECT_GT(report.lines, 150);
    train("b", options);
    EXPECT_EQ(test::read_file(scratch_ / "a/tokenizer.model"),
              test::read_file(scratch_ / "b/tokenizer.model"));
    options.seed = 2;
    train("c", options);
    EXPECT_NE(test::read_file(scratch_ / "a/tokenizer.model"),
              test::read_file(scratch_ / "c/tokenizer.model"));
    for (const char* name : {"a", "b", "c"}) fs::remove_all(scratch_ / name);
  }
}

TEST_F(TokenizerTrain, ABlankLineEndsATextAndIndentsStay) {
  test::write_file(scratch_ / "a.txt", std::string(200, 'a') + "\n    indented line\n\nthe end");
  TokenizerTraining options = small();
  options.model.vocab_size = 310;
  const TokenizerReport report = train_tokenizer({scratch_ / "a.txt"}, out_, options);
  EXPECT_EQ(report.lines, 3);
  EXPECT_EQ(report.total.records, 2);
}

TEST_F(TokenizerTrain, WhatCannotBeUsedIsRefusedAndLeavesNothing) {
  const auto refuse = [&](const char* content, const auto& expect) {
    test::write_file(data_, content);
    expect([&] { train(); });
    EXPECT_EQ(entries(), 1);
  };
  refuse("{\"text\": \"a\"}\n\n{\"text\": \n", [](const auto& f) {
    PANGU_EXPECT_ERROR(f(), FileError, "data.jsonl, line 3", "Valid JSON");
  });
  refuse("{\"txt\": \"a\"}\n", [](const auto& f) {
    PANGU_EXPECT_ERROR(f(), ConfigError, "line 1", "none of the keys", "'messages'", "'text'");
  });
  refuse("{\"messages\": []}\n", [](const auto& f) {
    PANGU_EXPECT_ERROR(f(), ConfigError, "line 1", "messages", "at least one");
  });
  refuse("{\"messages\": [{\"role\": \"user\", \"content\": 1}]}\n",
         [](const auto& f) { PANGU_EXPECT_ERROR(f(), ConfigError, "line 1", "content"); });
  refuse(
      "{\"messages\": [{\"role\": \"assistant\", \"content\": \"\", \"reasoning_content\": 1}]}\n",
      [](const auto& f) {
        PANGU_EXPECT_ERROR(f(), ConfigError, "line 1", "reasoning_content", "a string");
      });
  refuse("{\"text\": \"a\"}\n{\"text\": \"\xff\"}\n",
         [](const auto& f) { PANGU_EXPECT_ERROR(f(), InputError, "data.jsonl, line 2", "UTF-8"); });
  refuse("{\"text\": \"\"}\n{\"text\": \"  \\n \"}\n",
         [](const auto& f) { PANGU_EXPECT_ERROR(f(), InputError, "no text to train on"); });
  refuse("{\"text\": \"a b c\"}\n", [](const auto& f) {
    PANGU_EXPECT_ERROR(f(), InputError, "vocabulary of 420", "at most", "more data");
  });
}

TEST_F(TokenizerTrain, SizesThatCannotBeAreRefused) {
  TokenizerTraining options = small();
  options.model.vocab_size = 295;
  PANGU_EXPECT_ERROR(train("out", options), InputError, "295", "too small");
  options.model.vocab_size = 300;  // no room for the characters
  PANGU_EXPECT_ERROR(train("out", options), InputError,
                     "vocabulary of 300 from this data: Vocabulary", "less character coverage");
  PANGU_EXPECT_ERROR(train_tokenizer({scratch_ / "gone.txt"}, out_, small()), FileError,
                     "gone.txt");
  test::write_file(scratch_ / "full/file", "x");
  PANGU_EXPECT_ERROR(train("full"), FileError, "not empty");
}

TEST_F(TokenizerTrain, ProgressMayCancel) {
  TokenizerTraining options = small();
  std::vector<std::string> stages;
  options.progress = [&](std::string_view what, std::int64_t done, std::int64_t total) {
    EXPECT_LE(done, total);
    if (stages.empty() || stages.back() != what) stages.emplace_back(what);
  };
  train("a", options);
  EXPECT_THAT(stages, testing::ElementsAre("reading", "training", "counting"));
  options.progress = [](std::string_view, std::int64_t, std::int64_t) {
    throw Cancelled("stopped");
  };
  EXPECT_THROW(train("b", options), Cancelled);
  EXPECT_FALSE(fs::exists(scratch_ / "b"));
}

}  // namespace
}  // namespace pangu::text
