// SPDX-License-Identifier: Apache-2.0
// tokenizer.json: its stages on small vocabularies, and what is refused.
#include "text/huggingface/tokenizer_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "base/error.h"
#include "base/utf8.h"
#include "pangu/error.h"
#include "tests/support/captured_log.h"
#include "tests/support/gguf_bytes.h"
#include "tests/support/support.h"
#include "text/bpe/bpe_byte_level.h"
#include "text/sentencepiece/sentencepiece_model.h"

namespace pangu {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// The 256 characters of the byte-level alphabet, then "he", "ll", "hell", "hello", "Ġhello".
Json byte_level_json() {
  Json vocab = Json::object();
  for (int byte = 0; byte < 256; ++byte) {
    std::string character;
    text::append_byte_level(character, std::string(1, static_cast<char>(byte)));
    vocab[character] = byte;
  }
  for (const char* piece : {"he", "ll", "hell", "hello", "\u0120hello"})
    vocab[piece] = vocab.size();
  return {{"added_tokens",
           {{{"id", 261}, {"content", "<|end|>"}, {"special", true}, {"normalized", false}},
            {{"id", 262}, {"content", "<tool>"}, {"special", false}, {"normalized", false}}}},
          {"normalizer", nullptr},
          {"pre_tokenizer", {{"type", "ByteLevel"}, {"add_prefix_space", false}}},
          {"post_processor", nullptr},
          {"decoder", {{"type", "ByteLevel"}}},
          {"model",
           {{"type", "BPE"},
            {"vocab", vocab},
            {"merges", {"h e", "l l", "he ll", "hell o", "\u0120 hello"}}}}};
}

/// A Llama-2-like file: spaces as U+2581, bytes as <0x00> ... <0xFF>.
Json fallback_json() {
  Json vocab = {{"<unk>", 0}, {"<s>", 1}};
  for (int byte = 0; byte < 256; ++byte) vocab[fmt::format("<0x{:02X}>", byte)] = byte + 2;
  for (const char* piece : {"\u2581", "a", "b", "ab", "\u2581ab"}) vocab[piece] = vocab.size();
  return {{"added_tokens", {{{"id", 1}, {"content", "<s>"}, {"special", true}}}},
          {"normalizer",
           {{"type", "Sequence"},
            {"normalizers",
             {{{"type", "Prepend"}, {"prepend", "\u2581"}},
              {{"type", "Replace"}, {"pattern", {{"String", " "}}}, {"content", "\u2581"}}}}}},
          {"pre_tokenizer", nullptr},
          {"post_processor",
           {{"type", "TemplateProcessing"},
            {"single",
             {{{"SpecialToken", {{"id", "<s>"}, {"type_id", 0}}}},
              {{"Sequence", {{"id", "A"}, {"type_id", 0}}}}}},
            {"special_tokens", {{"<s>", {{"id", "<s>"}, {"ids", {1}}, {"tokens", {"<s>"}}}}}}}},
          {"decoder",
           {{"type", "Sequence"},
            {"decoders",
             {{{"type", "Replace"}, {"pattern", {{"String", "\u2581"}}}, {"content", " "}},
              {{"type", "ByteFallback"}},
              {{"type", "Fuse"}},
              {{"type", "Strip"}, {"content", " "}, {"start", 1}, {"stop", 0}}}}}},
          {"model",
           {{"type", "BPE"},
            {"unk_token", "<unk>"},
            {"fuse_unk", true},
            {"byte_fallback", true},
            {"vocab", vocab},
            {"merges", Json::array({Json::array({"a", "b"}), Json::array({"\u2581", "ab"})})}}}};
}

std::shared_ptr<const Tokenizer> make(const Json& json, const text::TokenizerConfig& config = {}) {
  return text::make_tokenizer_json(JsonObject("tokenizer.json", json), config);
}

TEST(TokenizerJson, ByteLevelMergesInRankOrder) {
  const auto t = make(byte_level_json());
  EXPECT_THAT(t->encode("hello hello"), ElementsAre(259, 260));
  EXPECT_THAT(t->encode("hel"), ElementsAre(256, 'l'));
  EXPECT_THAT(t->encode("lll"), ElementsAre(257, 'l'));  // the leftmost pair first
  EXPECT_THAT(t->encode("\u00e4"), ElementsAre(0xC3, 0xA4));
  EXPECT_THAT(t->encode(""), IsEmpty());
  EXPECT_EQ(t->piece(260), "\u0120hello");
  EXPECT_EQ(t->bytes(260), " hello");
  EXPECT_EQ(t->decode(t->encode(" hello\n")), " hello\n");
}

TEST(TokenizerJson, SpecialTokensAndAddedWords) {
  const auto t = make(byte_level_json());
  EXPECT_THAT(t->encode("hello<|end|><tool>"), ElementsAre(259, 261, 262));
  const auto plain = t->encode("hello<|end|><tool>", {.parse_special = false});
  EXPECT_THAT(plain, testing::Not(testing::Contains(261)));
  EXPECT_EQ(plain.back(), 262);  // an added word is no special token
  EXPECT_EQ(t->decode(plain), "hello<|end|><tool>");
  EXPECT_EQ(t->decode(std::vector<TokenId>{259, 261, 262}), "hello<tool>");
  EXPECT_EQ(t->decode(std::vector<TokenId>{259, 261, 262}, false), "hello<|end|><tool>");
  PANGU_EXPECT_ERROR(t->encode("x", {.add_bos = true}), InputError, "bos");
  PANGU_EXPECT_ERROR(t->encode("\xC0"), InputError, "UTF-8");
}

TEST(TokenizerJson, IgnoreMergesTakesWholeWords) {
  Json json = byte_level_json();
  json["model"]["merges"] = Json::array();
  EXPECT_EQ(make(json)->encode("hello").size(), 5u);
  json["model"]["ignore_merges"] = true;
  EXPECT_THAT(make(json)->encode("hello"), ElementsAre(259));
}

TEST(TokenizerJson, ByteFallbackAndUnknown) {
  const auto t = make(fallback_json());
  EXPECT_THAT(t->encode("ab ab"), ElementsAre(1, 262, 262));
  EXPECT_THAT(t->encode("\u00e4"), ElementsAre(1, 258, 0xC3 + 2, 0xA4 + 2));
  EXPECT_EQ(t->bos_id(), 1);
  for (const char* text : {"ab ab", " ab", "\u00e4b\U0001F600 ", "a"}) {
    EXPECT_EQ(t->decode(t->encode(text)), text);
  }
  Json json = fallback_json();
  json["model"]["byte_fallback"] = false;
  EXPECT_THAT(make(json)->encode("xyab"), ElementsAre(1, 258, 0, 261));  // fused
  json["model"]["fuse_unk"] = false;
  EXPECT_THAT(make(json)->encode("xyab"), ElementsAre(1, 258, 0, 0, 261));
  json["model"].erase("unk_token");
  EXPECT_THAT(make(json)->encode("xyab"), ElementsAre(1, 262));  // as if they were not there
}

TEST(TokenizerJson, TheConfigurationDecidesAboutBos) {
  text::TokenizerConfig config;
  config.bos = "<s>";
  config.add_bos = false;
  EXPECT_THAT(make(fallback_json(), config)->encode("ab"), ElementsAre(262));
  EXPECT_THAT(make(fallback_json(), config)->encode("ab", {.add_bos = true}), ElementsAre(1, 262));
  Json json = fallback_json();
  json["post_processor"] = nullptr;
  config.add_bos = true;
  config.eos = "<s>";
  EXPECT_THAT(make(json, config)->encode("ab"), ElementsAre(1, 262));
  EXPECT_THAT(make(json, config)->encode("ab", {.add_bos = false, .add_eos = true}),
              ElementsAre(262, 1));
  config.bos = "<nowhere>";
  PANGU_EXPECT_ERROR(make(json, config), FileError, "<nowhere>");
}

TEST(TokenizerJson, NormalizedAddedTokensMatchNormalizedText) {
  Json json = byte_level_json();
  json["normalizer"] = {{"type", "Lowercase"}};
  json["added_tokens"][1]["normalized"] = true;
  EXPECT_THAT(make(json)->encode("<TOOL><|END|>")[0], 262);
  EXPECT_THAT(make(json)->encode("<|END|>"), testing::Not(testing::Contains(261)));
}

TEST(TokenizerJson, StreamingEqualsDecodingAtOnce) {
  std::mt19937_64 random(test::seed());
  for (const auto& t : {make(byte_level_json()), make(fallback_json())}) {
    for (int round = 0; round < 200; ++round) {
      std::vector<TokenId> ids(random() % 30);
      for (TokenId& id : ids) id = static_cast<TokenId>(random() % t->vocab_size());
      for (const bool skip : {false, true}) {
        StreamDecoder stream(t, skip);
        std::string text;
        for (const TokenId id : ids) {
          const std::string part = stream.push(id);
          ASSERT_EQ(utf8::find_invalid(part), utf8::npos);
          text += part;
        }
        text += stream.flush();
        ASSERT_EQ(text, t->decode(ids, skip));
        // Whatever came before, the parts add up.
        StreamDecoder primed(t, skip);
        primed.prime(std::span(ids).first(ids.size() / 2));
      }
    }
  }
}

TEST(TokenizerJson, StreamingHoldsBackHalfCharacters) {
  StreamDecoder stream(make(byte_level_json()));
  EXPECT_EQ(stream.push(0xF0), "");
  EXPECT_EQ(stream.push(0x9F), "");
  EXPECT_EQ(stream.push(0x98), "");
  EXPECT_EQ(stream.push(0x80), "\U0001F600");
  EXPECT_EQ(stream.push(0xC3), "");
  EXPECT_EQ(stream.push('a'), "\uFFFDa");
  EXPECT_EQ(stream.push(0xC3), "");
  EXPECT_EQ(stream.flush(), "\uFFFD");
  EXPECT_EQ(stream.flush(), "");
}

TEST(TokenizerJson, AMegabyteWordTakesNoQuadraticTime) {
  const auto t = make(byte_level_json());
  std::string word;
  for (int i = 0; i < 200'000; ++i) word += "hello";
  const auto ids = t->encode(word);
  EXPECT_EQ(ids.size(), 200'000u);
  EXPECT_EQ(t->decode(ids), word);
}

TEST(TokenizerJson, RefusesUnknownComponentsByName) {
  const auto expect_refused = [](const char* component, const Json& value, const char* name) {
    Json json = byte_level_json();
    json[component] = value;
    PANGU_EXPECT_ERROR(make(json), Unsupported, "tokenizer.json", component, name);
  };
  expect_refused("model", {{"type", "WordPiece"}}, "WordPiece");
  expect_refused("normalizer", {{"type", "Precompiled"}}, "Precompiled");
  expect_refused("normalizer",
                 {{"type", "Sequence"}, {"normalizers", {{{"type", "BertNormalizer"}}}}},
                 "BertNormalizer");
  expect_refused("pre_tokenizer", {{"type", "BertPreTokenizer"}}, "BertPreTokenizer");
  expect_refused("pre_tokenizer", {{"type", "Metaspace"}, {"prepend_scheme", "last"}}, "last");
  expect_refused("pre_tokenizer",
                 {{"type", "Split"}, {"pattern", {{"String", "a"}}}, {"behavior", "Doubled"}},
                 "Doubled");
  expect_refused("post_processor", {{"type", "BertProcessing"}}, "BertProcessing");
  expect_refused("decoder", {{"type", "WordPiece"}}, "WordPiece");
  expect_refused("decoder", {{"type", "Strip"}, {"content", " "}, {"start", 0}, {"stop", 1}},
                 "Strip");
  Json json = byte_level_json();
  json["pre_tokenizer"] = {
      {"type", "Split"}, {"pattern", {{"Regex", "(a"}}}, {"behavior", "Isolated"}};
  PANGU_EXPECT_ERROR(make(json), Unsupported, "tokenizer.json", "(a", "byte 2");
  json["pre_tokenizer"]["pattern"] = {{"Regex", "[a-z&&[^b]]"}};
  PANGU_EXPECT_ERROR(make(json), Unsupported, "&&");
  json = byte_level_json();
  json["model"]["dropout"] = 0.1;
  PANGU_EXPECT_ERROR(make(json), Unsupported, "dropout", "0.1");
  json = byte_level_json();
  json["model"]["end_of_word_suffix"] = "</w>";
  PANGU_EXPECT_ERROR(make(json), Unsupported, "end_of_word_suffix", "</w>");
}

TEST(TokenizerJson, WhatIsWrongInASequenceIsNamedWithItsPlaceAndType) {
  const auto sequence = [](const char* list, std::vector<Json> elements) {
    return Json{{"type", "Sequence"}, {list, std::move(elements)}};
  };
  const auto expect_place = [](const char* component, const Json& value, const std::string& place,
                               const std::string& reason) {
    Json json = byte_level_json();
    json[component] = value;
    const std::string where = "tokenizer.json, " + place + ": ";
    PANGU_EXPECT_ERROR(make(json), Error, where.c_str(), reason.c_str());
  };
  const Json nfc = {{"type", "NFC"}}, bytes = {{"type", "ByteLevel"}};
  expect_place("normalizer", sequence("normalizers", {nfc, {{"type", "BertNormalizer"}}}),
               "normalizer.normalizers[1] (BertNormalizer)", "is not supported");
  expect_place("normalizer", sequence("normalizers", {nfc, nfc, {{"type", "Replace"}}}),
               "normalizer.normalizers[2] (Replace)", "pattern");
  expect_place("normalizer", sequence("normalizers", {nfc, {{"kind", "Replace"}}}),
               "normalizer.normalizers[1]", "the key type is missing");
  expect_place("normalizer",
               sequence("normalizers", {sequence("normalizers", {nfc, {{"type", "Prepend"}}})}),
               "normalizer.normalizers[0] (Sequence), normalizers[1] (Prepend)", "prepend");
  const Json split = {{"type", "Split"}, {"pattern", {{"Regex", "(a"}}}, {"behavior", "Isolated"}};
  expect_place("pre_tokenizer", sequence("pretokenizers", {bytes, split}),
               "pre_tokenizer.pretokenizers[1] (Split)", "(a");
  expect_place("decoder", sequence("decoders", {bytes, {{"type", "Strip"}, {"start", "x"}}}),
               "decoder.decoders[1] (Strip)", "start");
  expect_place("post_processor", sequence("processors", {bytes, {{"type", "BertProcessing"}}}),
               "post_processor.processors[1] (BertProcessing)", "is not supported");
  Json json = fallback_json();
  json["post_processor"]["single"][0] = {{"Token", "<s>"}};
  PANGU_EXPECT_ERROR(make(json), ConfigError,
                     "tokenizer.json, post_processor.single[0]: ", "SpecialToken");
  json["post_processor"]["single"][0] = 7;
  PANGU_EXPECT_ERROR(make(json), ConfigError, "tokenizer.json, post_processor.single[0] is 7");
}

TEST(TokenizerJson, RefusesContradictions) {
  const auto expect_error = [](const std::function<void(Json&)>& damage, const char* part) {
    Json json = byte_level_json();
    damage(json);
    try {
      make(json);
      ADD_FAILURE() << "accepted, but should name " << part;
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
      EXPECT_NE(std::string(error.what()).find("tokenizer.json"), std::string::npos);
    }
  };
  expect_error([](Json& j) { j["model"]["merges"].push_back("q u"); }, "'qu'");
  expect_error([](Json& j) { j["model"]["merges"].push_back({"zz", "h"}); }, "'zz'");
  expect_error([](Json& j) { j["model"]["merges"].push_back("abc"); }, "\"abc\"");
  expect_error([](Json& j) { j["model"]["merges"].push_back("a b c"); }, "a b c");
  expect_error([](Json& j) { j["model"]["merges"].push_back(7); }, "merge 5");
  expect_error([](Json& j) { j["model"]["merges"] = 7; }, "merges");
  expect_error([](Json& j) { j["model"]["vocab"]["new"] = 9000; }, "no token has id 263");
  expect_error([](Json& j) { j["model"]["vocab"]["new"] = 5; }, "share id 5");
  expect_error([](Json& j) { j["model"]["vocab"]["new"] = -1; }, "-1");
  expect_error([](Json& j) { j["model"]["vocab"]["new"] = 1ll << 40; }, "new");
  expect_error([](Json& j) { j["model"]["vocab"]["new"] = "x"; }, "new");
  expect_error([](Json& j) { j["model"]["vocab"] = Json::array(); }, "vocab");
  expect_error([](Json& j) { j.erase("model"); }, "model");
  expect_error([](Json& j) { j["added_tokens"][0]["id"] = 3; }, "share id 3");
  expect_error([](Json& j) { j["added_tokens"][0] = nullptr; }, "the key added_tokens[0] is null");
  expect_error([](Json& j) { j["added_tokens"][0]["content"] = "he"; }, "'he' has two ids");
  expect_error([](Json& j) { j["added_tokens"][0]["content"] = ""; }, "id 261 has 0 bytes");
  expect_error([](Json& j) { j["added_tokens"] = 3; }, "added_tokens");
  expect_error([](Json& j) { j["model"]["unk_token"] = "<none>"; }, "unk_token");
  expect_error([](Json& j) { j["normalizer"] = "NFC"; }, "normalizer");
}

TEST(TokenizerJson, IdsMayHaveHoles) {
  Json json = byte_level_json();
  json["added_tokens"][0]["id"] = 276;
  json["added_tokens"][1]["id"] = 300;
  const auto t = make(json);
  EXPECT_EQ(t->vocab_size(), 301);
  EXPECT_THAT(t->encode("hello<|end|><tool>"), ElementsAre(259, 276, 300));
  EXPECT_EQ(t->piece(262), "");
  EXPECT_EQ(t->bytes(262), "");
  EXPECT_FALSE(t->is_special(262));
  EXPECT_EQ(t->decode(std::vector<TokenId>{259, 261, 300}), "hello<tool>");
  EXPECT_EQ(t->id_of(""), std::nullopt);
  PANGU_EXPECT_ERROR(t->piece(301), InputError, "301");
  json["added_tokens"][1]["id"] = 1'000'000;
  PANGU_EXPECT_ERROR(make(json), FileError, "tokenizer.json", "no token has id 261",
                     "up to 1000000, 999738 have none", "4096");
}

TEST(TokenizerJson, ChainsOfReplacementsCannotMultiplyTheVocabulary) {
  Json json = fallback_json();
  const Json replace = {
      {"type", "Replace"}, {"pattern", {{"String", "a"}}}, {"content", std::string(64, 'a')}};
  const auto with = [&](int n) {
    json["decoder"] = {{"type", "Sequence"},
                       {"decoders", std::vector<Json>(static_cast<std::size_t>(n), replace)}};
    return make(json);
  };
  EXPECT_EQ(with(1)->bytes(259), std::string(64, 'a'));
  PANGU_EXPECT_ERROR(with(5), FileError, "tokenizer.json", "4096 bytes long", "8 times its length",
                     "64 bytes");
  json["decoder"] = {{"type", "Sequence"},
                     {"decoders", std::vector<Json>(65, Json{{"type", "Metaspace"}})}};
  PANGU_EXPECT_ERROR(make(json), Unsupported, "tokenizer.json", "decoder", "64 steps");
  json["decoder"] = replace;
  json["decoder"]["content"] = std::string(65, 'a');
  PANGU_EXPECT_ERROR(make(json), Unsupported, "65 bytes", "more than 64");
}

TEST(TokenizerJson, ALongPieceIsRewrittenInLinearTime) {
  Json json = fallback_json();
  json["model"]["vocab"][std::string(2'000'000, 'c')] = 263;
  json["decoder"] = {{"type", "Replace"}, {"pattern", {{"String", "c"}}}, {"content", "dd"}};
  EXPECT_EQ(make(json)->bytes(263), std::string(4'000'000, 'd'));
}

TEST(TokenizerJson, TemplatesPutAFewTokens) {
  Json json = fallback_json();
  Json& ids = json["post_processor"]["special_tokens"]["<s>"]["ids"];
  ids = std::vector<int>(64, 1);
  EXPECT_EQ(make(json)->encode("ab").size(), 65u);
  ids.push_back(1);
  PANGU_EXPECT_ERROR(make(json), Unsupported, "tokenizer.json", "more than 64 tokens");
}

TEST(TokenizerJson, RefusesRegularExpressionsThatNeedTooLong) {
  Json json = byte_level_json();
  json["pre_tokenizer"] = {
      {"type", "Split"}, {"pattern", {{"Regex", "(a|a)+$"}}}, {"behavior", "Isolated"}};
  PANGU_EXPECT_ERROR(make(json)->encode(std::string(64, 'a') + "c"), InputError, "(a|a)+$",
                     "limit");
}

TEST(LoadTokenizer, GgufFilesAreKnownByTheirContent) {
  test::ScratchDir dir;
  test::GgufBytes gguf;
  gguf.header(0, 4)
      .key_string("tokenizer.ggml.model", "gpt2")
      .key_string("tokenizer.ggml.pre", "gpt-2")
      .key_strings("tokenizer.ggml.tokens", {"a", "b", "ab"})
      .key_strings("tokenizer.ggml.merges", {"a b"});
  test::write_file(dir / "sha256-5ee4f07cdb9beadb", gguf.text());
  EXPECT_THAT(load_tokenizer(dir / "sha256-5ee4f07cdb9beadb")->encode("ab"), ElementsAre(2));
  test::write_file(dir / "x.gguf", gguf.text());
  EXPECT_THAT(load_tokenizer(dir.path())->encode("ab"), ElementsAre(2));
}

TEST(LoadTokenizer, AModelFileStepsInForAnUnknownTokenizerJson) {
  test::ScratchDir dir;
  Json json = fallback_json();
  json["normalizer"] = {{"type", "Precompiled"}};
  test::write_file(dir / "tokenizer.json", json.dump());
  PANGU_EXPECT_ERROR(load_tokenizer(dir.path()), Unsupported, "Precompiled", "tokenizer.model");
  text::SentencePieceModel model;
  using Type = text::SentencePieceModel::Type;
  model.pieces = {{"<unk>", 0, Type::kUnknown},
                  {"\u2581a", -1, Type::kNormal},
                  {"\u2581", -2, Type::kNormal},
                  {"a", -3, Type::kNormal}};
  model.set_bpe_specs(false);
  test::write_file(dir / "tokenizer.model", model.serialize());
  test::CapturedLog log;
  EXPECT_EQ(load_tokenizer(dir.path())->kind(), "SentencePiece BPE");
  ASSERT_EQ(log.warnings().size(), 1u);
  EXPECT_THAT(log.warnings()[0], testing::HasSubstr("Precompiled"));
  EXPECT_THAT(log.warnings()[0], testing::HasSubstr("tokenizer.model instead"));
  // A file that is named is meant, and one that is damaged is no reason to take another.
  PANGU_EXPECT_ERROR(load_tokenizer(dir / "tokenizer.json"), Unsupported, "Precompiled");
  test::write_file(dir / "tokenizer.json", "{");
  PANGU_EXPECT_ERROR(load_tokenizer(dir.path()), FileError, "tokenizer.json");
}

TEST(LoadTokenizer, FilesBeyondTheLimitsAreNamedWithTheNumber) {
  test::ScratchDir dir;
  test::write_file(dir / "tokenizer.model", "x");
  std::filesystem::resize_file(dir / "tokenizer.model", (256 << 20) + 1);  // takes no space
  PANGU_EXPECT_ERROR(load_tokenizer(dir.path()), FileError, "tokenizer.model", "268435457",
                     "268435456");
  test::write_file(dir / "tokenizer.json", std::string(65, '[') + std::string(65, ']'));
  PANGU_EXPECT_ERROR(load_tokenizer(dir.path()), FileError, "tokenizer.json", "64 levels");
}

TEST(LoadTokenizer, NamesWhatIsMissing) {
  test::ScratchDir dir;
  PANGU_EXPECT_ERROR(load_tokenizer(dir.path()), FileError, "tokenizer.json", "tokenizer.model",
                     dir.path().c_str());
  PANGU_EXPECT_ERROR(load_tokenizer(dir / "absent.gguf"), FileError, "absent.gguf");
  PANGU_EXPECT_ERROR(load_tokenizer(dir / "absent"), FileError, "absent");
  test::write_file(dir / "notes.txt", "hello");
  PANGU_EXPECT_ERROR(load_tokenizer(dir / "notes.txt"), Unsupported, "notes.txt");
  test::write_file(dir / "tokenizer.json", "{");
  PANGU_EXPECT_ERROR(load_tokenizer(dir.path()), FileError, "tokenizer.json");
  test::write_file(dir / "tokenizer.json", fallback_json().dump());
  EXPECT_EQ(load_tokenizer(dir / "tokenizer.json")->kind(), "BPE");
}

}  // namespace
}  // namespace pangu
