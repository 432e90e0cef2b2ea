// SPDX-License-Identifier: Apache-2.0
// Tokenizers from small GGUF files made here; the real ones are in the conformance test.
#include "text/gguf/tokenizer_gguf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pangu/error.h"
#include "tests/support/captured_log.h"
#include "tests/support/gguf_bytes.h"
#include "tests/support/support.h"

namespace pangu::text {
namespace {

using test::GgufBytes;
using testing::ElementsAre;

std::shared_ptr<const Tokenizer> make(const GgufBytes& file) {
  return make_tokenizer_gguf(GgufMetadata::parse(file.bytes(), "m.gguf"));
}

struct Bpe {
  std::string pre = "llama-bpe";
  std::vector<std::string> tokens = {"a", "b", "ab", "<|eot|>", "<x>"};
  std::vector<std::int32_t> types = {1, 1, 1, 3, 4};
  std::vector<std::string> merges = {"a b"};
  std::uint32_t bos = 3;

  GgufBytes file() const {
    GgufBytes out;
    return out.header(0, 7)
        .key_string("tokenizer.ggml.model", "gpt2")
        .key_string("tokenizer.ggml.pre", pre)
        .key_strings("tokenizer.ggml.tokens", tokens)
        .key_i32s("tokenizer.ggml.token_type", types)
        .key_strings("tokenizer.ggml.merges", merges)
        .key_u32("tokenizer.ggml.bos_token_id", bos)
        .key_string("tokenizer.chat_template", "T");
  }
};

TEST(TokenizerGguf, ByteLevel) {
  const auto t = make(Bpe().file());
  EXPECT_THAT(t->encode("ab<|eot|><x>"), ElementsAre(3, 2, 3, 4));  // llama-bpe adds bos
  EXPECT_EQ(t->bos_id(), 3);
  EXPECT_EQ(t->eos_id(), std::nullopt);
  EXPECT_EQ(t->chat_template(), "T");
  EXPECT_TRUE(t->is_special(3));
  EXPECT_FALSE(t->is_special(4));
  EXPECT_THAT(t->encode("<x>", {.add_bos = false, .parse_special = false}), ElementsAre(4));
  Bpe gpt2;
  gpt2.pre = "gpt-2";
  EXPECT_THAT(make(gpt2.file())->encode("ab"), ElementsAre(2));
}

TEST(TokenizerGguf, SaysThatTheWayOfCuttingIsNotStated) {
  const auto file = [](bool stated) {
    GgufBytes out;
    out.header(0, stated ? 4 : 3)
        .key_string("tokenizer.ggml.model", "gpt2")
        .key_strings("tokenizer.ggml.tokens", {"a", "b", "ab"})
        .key_strings("tokenizer.ggml.merges", {"a b"});
    if (stated) out.key_string("tokenizer.ggml.pre", "default");
    return out;
  };
  test::CapturedLog log;
  make(file(true));
  EXPECT_THAT(log.warnings(), testing::IsEmpty());
  EXPECT_THAT(make(file(false))->encode("ab"), ElementsAre(2));
  ASSERT_EQ(log.warnings().size(), 1u);
  for (const char* part : {"m.gguf", "tokenizer.ggml.pre", "'default'", "Convert"}) {
    EXPECT_THAT(log.warnings()[0], testing::HasSubstr(part));
  }
}

TEST(TokenizerGguf, EmptyTokensAreIdsWithoutAToken) {
  Bpe bpe;
  bpe.tokens[1] = "";
  bpe.merges = {};
  bpe.tokens[4] = "";  // an added one
  const auto t = make(bpe.file());
  EXPECT_EQ(t->vocab_size(), 4);
  EXPECT_EQ(t->bytes(1), "");
  EXPECT_THAT(t->encode("a<|eot|>"), ElementsAre(3, 0, 3));
}

TEST(TokenizerGguf, RefusesWhatDoesNotFit) {
  Bpe bpe;
  bpe.pre = "chameleon";
  PANGU_EXPECT_ERROR(make(bpe.file()), Unsupported, "m.gguf", "chameleon", "qwen2");
  bpe = {};
  bpe.types.pop_back();
  PANGU_EXPECT_ERROR(make(bpe.file()), FileError, "5 tokens but 4");
  bpe = {};
  bpe.types[0] = 9;
  PANGU_EXPECT_ERROR(make(bpe.file()), ConfigError, "token_type");
  bpe = {};
  bpe.merges = {"ab"};
  PANGU_EXPECT_ERROR(make(bpe.file()), FileError, "'ab'");
  bpe.merges = {"b a"};
  PANGU_EXPECT_ERROR(make(bpe.file()), FileError, "'ba'");
  bpe = {};
  bpe.tokens[1] = "a";
  PANGU_EXPECT_ERROR(make(bpe.file()), FileError, "'a' has two ids");
  bpe.tokens[1] = "\xFF";
  PANGU_EXPECT_ERROR(make(bpe.file()), FileError, "token 1");
  bpe = {};
  bpe.bos = 5;
  PANGU_EXPECT_ERROR(make(bpe.file()), ConfigError, "bos_token_id", "5");
  bpe.bos = UINT32_MAX;  // how converters write "none"
  EXPECT_EQ(make(bpe.file())->bos_id(), std::nullopt);

  GgufBytes other;
  other.header(0, 1).key_string("tokenizer.ggml.model", "bert");
  PANGU_EXPECT_ERROR(make(other), Unsupported, "bert");
  PANGU_EXPECT_ERROR(make(GgufBytes().header(0, 0)), ConfigError, "tokenizer.ggml.model",
                     "missing");
}

TEST(TokenizerGguf, LlamaWithoutBytesOrPrefix) {
  const auto file = [](bool prefix, const std::vector<float>& scores) {
    GgufBytes out;
    return out.header(0, 5)
        .key_string("tokenizer.ggml.model", "llama")
        .key_strings("tokenizer.ggml.tokens", {"<unk>", "<s>", "\u2581", "a", "\u2581a", "[PAD]"})
        .key_floats("tokenizer.ggml.scores", scores)
        .key_i32s("tokenizer.ggml.token_type", {2, 3, 1, 1, 1, 5})
        .key_bool("tokenizer.ggml.add_space_prefix", prefix);
  };
  const std::vector<float> scores = {0, 0, -3, -2, -1, 0};
  EXPECT_THAT(make(file(true, scores))->encode("a a"), ElementsAre(4, 4));
  EXPECT_THAT(make(file(false, scores))->encode("a a"), ElementsAre(3, 4));
  EXPECT_EQ(make(file(false, scores))->decode(std::vector<TokenId>{4, 3}), " aa");
  EXPECT_EQ(make(file(true, scores))->decode(std::vector<TokenId>{4, 3}), "aa");
  PANGU_EXPECT_ERROR(make(file(true, {0, 0})), FileError, "2 scores");
}

/// As converters wrote Phi 3: the unknown token is a special one, and rows that pad the vocabulary
/// have its type.
TEST(TokenizerGguf, LlamaHasOneUnknownToken) {
  const auto file = [](const std::vector<std::int32_t>& types, std::uint32_t unk) {
    GgufBytes out;
    return out.header(0, 5)
        .key_string("tokenizer.ggml.model", "llama")
        .key_strings("tokenizer.ggml.tokens", {"<unk>", "<s>", "\u2581", "a", "[PAD4]", "[PAD5]"})
        .key_floats("tokenizer.ggml.scores", {0, 0, -3, -2, -10000, -10000})
        .key_i32s("tokenizer.ggml.token_type", types)
        .key_u32("tokenizer.ggml.unknown_token_id", unk);
  };
  for (const auto& [types, key] : std::vector<std::pair<std::vector<std::int32_t>, std::uint32_t>>{
           {{3, 3, 1, 1, 2, 2}, 0},
           {{2, 3, 1, 1, 2, 2}, 0},
           {{2, 3, 1, 1, 2, 2}, UINT32_MAX},
           {{3, 3, 1, 1, 2, 2}, UINT32_MAX}}) {
    const auto t = make(file(types, key));
    EXPECT_EQ(t->unk_id(), 0);
    EXPECT_THAT(t->encode("ax"), ElementsAre(2, 3, 0));
    EXPECT_THAT(t->encode("[PAD4]"), testing::Not(testing::Contains(4)));
  }
}

}  // namespace
}  // namespace pangu::text
