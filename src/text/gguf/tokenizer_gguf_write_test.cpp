// SPDX-License-Identifier: Apache-2.0
// Small tokenizers from Hugging Face files to GGUF keys and back; the real ones are in the
// conformance test.
#include "text/gguf/tokenizer_gguf_write.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "io/json.h"
#include "io/mapped_file.h"
#include "pangu/error.h"
#include "tests/support/support.h"
#include "text/gguf/tokenizer_gguf.h"
#include "text/gguf/tokenizer_pre_kinds.h"
#include "text/huggingface/tokenizer_hf_write.h"
#include "text/sentencepiece/sentencepiece_model.h"

namespace pangu::text {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using Type = SentencePieceModel::Type;
using Notes = std::vector<std::string>;

class TokenizerGgufWrite : public testing::Test {
 protected:
  /// The keys of the folder's tokenizer as a file, with its end-of-text token; `rows` of the
  /// embedding, or as many as there are tokens.
  GgufMetadata convert(std::optional<std::int64_t> rows = std::nullopt) {
    const auto tokenizer = load_tokenizer(dir_.path());
    GgufKeys keys;
    put_tokenizer(dir_.path(), *tokenizer, rows.value_or(tokenizer->vocab_size()), keys, notes_);
    if (const auto eos = tokenizer->eos_id()) {
      keys.put_u32("tokenizer.ggml.eos_token_id", static_cast<std::uint32_t>(*eos));
    }
    write_gguf(dir_ / "out/m.gguf", keys, {});
    bytes_ = test::read_file(dir_ / "out/m.gguf");
    return GgufMetadata::parse(std::as_bytes(std::span(bytes_)), "m.gguf");
  }
  std::shared_ptr<const Tokenizer> back(const GgufMetadata& gguf) {
    std::filesystem::create_directory(dir_ / "out/hf");
    write_hf_tokenizer(gguf, dir_ / "out/hf");
    return load_tokenizer(dir_ / "out/hf");
  }
  void write(const std::string& name, const std::string& content) {
    test::write_file(dir_ / name, content);
  }
  void write(const std::string& name, const Json& json) { write(name, json.dump()); }

  Notes notes_;

 private:
  void SetUp() override { std::filesystem::create_directory(dir_ / "out"); }
  test::ScratchDir dir_;
  std::string bytes_;
};

/// Pieces of a small SentencePiece model: letters, a word, and what every model has.
SentencePieceModel small_model() {
  SentencePieceModel model;
  model.pieces = {{"<unk>", 0, Type::kUnknown}, {"<s>", 0, Type::kControl},
                  {"</s>", 0, Type::kControl},  {"\u2581", -3, Type::kNormal},
                  {"a", -2, Type::kNormal},     {"\u2581a", -1, Type::kNormal},
                  {"b", -4, Type::kNormal},     {"[unused9]", 0, Type::kNormal}};
  model.remove_extra_whitespaces = false;
  model.set_bpe_specs(false);
  return model;
}

TEST_F(TokenizerGgufWrite, SentencePieceWithAddedTokens) {
  write("tokenizer.model", small_model().serialize());
  write("tokenizer_config.json",
        Json{{"added_tokens_decoder",
              {{"0", {{"content", "<unk>"}, {"special", true}}},
               {"7", {{"content", "[unused9]"}, {"special", true}}},
               {"8", {{"content", "<tool>"}, {"special", false}, {"rstrip", true}}},
               {"9", {{"content", "[think]"}, {"special", true}}}}},
             {"eos_token", "[unused9]"},
             {"pad_token", "<unk>"},
             {"unk_token", "<unk>"},
             {"chat_template", "T"}});
  const GgufMetadata m = convert(11);
  EXPECT_EQ(m.get_string("tokenizer.ggml.model"), "llama");
  EXPECT_EQ(m.get_string("tokenizer.ggml.pre"), "default");
  EXPECT_THAT(m.get_strings("tokenizer.ggml.tokens"),
              ElementsAre("<unk>", "<s>", "</s>", "\u2581", "a", "\u2581a", "b", "[unused9]",
                          "<tool>", "[think]", "[PAD10]"));
  EXPECT_THAT(m.get_ints("tokenizer.ggml.token_type", 0, 6),
              ElementsAre(3, 3, 3, 1, 1, 1, 1, 3, 4, 3, 5));
  EXPECT_THAT(m.get_floats("tokenizer.ggml.scores"),
              ElementsAre(-1000, -1000, -1000, -3, -2, -1, -4, -1000, -1000, -1000, -10000));
  EXPECT_EQ(m.get_int("tokenizer.ggml.bos_token_id", 0, 99), 1);
  EXPECT_EQ(m.get_int("tokenizer.ggml.padding_token_id", 0, 99), 0);
  EXPECT_EQ(m.get_int("tokenizer.ggml.unknown_token_id", 0, 99), 0);
  EXPECT_EQ(m.find_bool("tokenizer.ggml.add_bos_token"), true);
  EXPECT_EQ(m.find_bool("tokenizer.ggml.add_eos_token"), false);
  EXPECT_EQ(m.find_bool("tokenizer.ggml.add_space_prefix"), true);
  EXPECT_EQ(m.get_string("tokenizer.chat_template"), "T");
  EXPECT_THAT(notes_, ElementsAre(HasSubstr("1 added tokens take spaces")));
  for (const auto& t : {make_tokenizer_gguf(m), back(m)}) {
    EXPECT_THAT(t->encode("a[unused9]a<tool>b"), ElementsAre(1, 5, 7, 5, 8, 3, 6));
    EXPECT_THAT(t->encode("<unk>?"), ElementsAre(1, 0, 3, 0));
    EXPECT_EQ(t->eos_id(), 7);
    EXPECT_EQ(t->pad_id(), 0);
    EXPECT_EQ(t->chat_template(), "T");
    EXPECT_FALSE(t->is_special(8));
    // Nobody can forge it, but the reader of a reply sees it.
    EXPECT_THAT(t->encode("[think]", {.add_bos = false}), ElementsAre(9));
    EXPECT_NE(t->encode("[think]", {.add_bos = false, .parse_special = false}).back(), 9);
    EXPECT_EQ(t->decode(std::vector<TokenId>{9, 5, 7}), "[think]a");
  }
}

TEST_F(TokenizerGgufWrite, SentencePieceThatPrefixesTheTextOnly) {
  write("tokenizer.model", small_model().serialize());
  Json config{{"legacy", false}, {"add_bos_token", false}, {"add_eos_token", true}};
  write("tokenizer_config.json", config);
  const GgufMetadata m = convert();
  EXPECT_EQ(m.find_bool(kPrefixFirstKey), true);
  EXPECT_THAT(notes_, ElementsAre(HasSubstr("llama.cpp puts one behind")));
  for (const auto& t : {make_tokenizer_gguf(m), back(m)}) {
    EXPECT_THAT(t->encode("a<s>a"), ElementsAre(5, 1, 4, 2));
  }
  notes_.clear();
  config["add_prefix_space"] = false;
  write("tokenizer_config.json", config);
  const GgufMetadata none = convert();
  EXPECT_THAT(notes_, IsEmpty());
  for (const auto& t : {make_tokenizer_gguf(none), back(none)}) {
    EXPECT_THAT(t->encode("a<s>a"), ElementsAre(4, 1, 4, 2));
  }
}

TEST_F(TokenizerGgufWrite, SentencePieceThatDropsSpaces) {
  SentencePieceModel model = small_model();
  model.remove_extra_whitespaces = true;
  model.set_bpe_specs(false);
  write("tokenizer.model", model.serialize());
  const GgufMetadata m = convert();
  EXPECT_EQ(m.find_bool("tokenizer.ggml.remove_extra_whitespaces"), true);
  for (const auto& t : {make_tokenizer_gguf(m), back(m)}) {
    EXPECT_THAT(t->encode("  a   b "), ElementsAre(1, 5, 3, 6));
  }
}

/// A character map that turns 'A' into 'b': a trie of 256 units and its one replacement.
std::string small_charsmap() {
  std::vector<std::uint32_t> units(256, 0x80000000u);
  units[0] = 1 << 10;                       // root: children at 1 ^ c
  units[1 ^ 'A'] = 'A' | 1 << 8 | 4 << 10;  // 'A' ends a key; its value lies at ('A' ^ 1) ^ 4
  const auto size = static_cast<std::uint32_t>(units.size() * sizeof units[0]);
  std::string bytes(reinterpret_cast<const char*>(&size), sizeof size);
  bytes.append(reinterpret_cast<const char*>(units.data()), size);
  return bytes + std::string("b\0", 2);
}

TEST_F(TokenizerGgufWrite, SentencePieceThatRewritesText) {
  SentencePieceModel model = small_model();
  const std::string charsmap = small_charsmap();
  model.charsmap = charsmap;
  model.set_bpe_specs(false);
  write("tokenizer.model", model.serialize());
  const GgufMetadata m = convert();
  EXPECT_THAT(notes_, ElementsAre(HasSubstr("rewrites characters")));
  for (const auto& t : {make_tokenizer_gguf(m), back(m)}) {
    EXPECT_THAT(t->encode("aA"), ElementsAre(1, 5, 6));
  }
}

TEST_F(TokenizerGgufWrite, NotesUserDefinedPieces) {
  SentencePieceModel model = small_model();
  model.pieces.back().type = Type::kUserDefined;
  write("tokenizer.model", model.serialize());
  convert();
  EXPECT_THAT(notes_, ElementsAre(HasSubstr("1 user-defined pieces")));
}

TEST_F(TokenizerGgufWrite, RefusesUnigramModels) {
  SentencePieceModel model = small_model();
  model.specs.clear();  // unigram is the format's default
  write("tokenizer.model", model.serialize());
  PANGU_EXPECT_ERROR(convert(), Unsupported, "tokenizer.model", "unigram");
}

Json split(const std::string& pattern) {
  return {{"type", "Split"}, {"pattern", {{"Regex", pattern}}}, {"behavior", "Isolated"}};
}

/// A tokenizer.json of bytes a and b with one merge, cut as Llama 3 does.
Json small_json() {
  const std::string llama3 =
      R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
  return {{"added_tokens",
           {{{"id", 4}, {"content", "<|bos|>"}, {"special", true}, {"normalized", false}},
            {{"id", 5}, {"content", "<x>"}, {"special", false}, {"normalized", false}}}},
          {"pre_tokenizer",
           {{"type", "Sequence"},
            {"pretokenizers",
             {split(llama3),
              {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"use_regex", false}}}}}},
          {"post_processor",
           {{"type", "TemplateProcessing"},
            {"single",
             {{{"SpecialToken", {{"id", "<|bos|>"}, {"type_id", 0}}}},
              {{"Sequence", {{"id", "A"}, {"type_id", 0}}}}}},
            {"special_tokens", {{"<|bos|>", {{"id", "<|bos|>"}, {"ids", {4}}}}}}}},
          {"decoder", {{"type", "ByteLevel"}}},
          {"model",
           {{"type", "BPE"},
            {"ignore_merges", true},
            {"vocab", {{"a", 0}, {"b", 1}, {"ab", 2}, {"\u0120", 3}}},
            {"merges", Json::array({Json::array({"a", "b"})})}}}};
}

TEST_F(TokenizerGgufWrite, ByteLevel) {
  write("tokenizer.json", small_json());
  const GgufMetadata m = convert(7);
  EXPECT_EQ(m.get_string("tokenizer.ggml.model"), "gpt2");
  EXPECT_EQ(m.get_string("tokenizer.ggml.pre"), "llama-bpe");
  EXPECT_THAT(m.get_strings("tokenizer.ggml.tokens"),
              ElementsAre("a", "b", "ab", "\u0120", "<|bos|>", "<x>", "[PAD6]"));
  EXPECT_THAT(m.get_ints("tokenizer.ggml.token_type", 0, 6), ElementsAre(1, 1, 1, 1, 3, 4, 5));
  EXPECT_THAT(m.get_strings("tokenizer.ggml.merges"), ElementsAre("a b"));
  EXPECT_EQ(m.find_bool("tokenizer.ggml.add_bos_token"), true);
  EXPECT_THAT(notes_, IsEmpty());
  for (const auto& t : {make_tokenizer_gguf(m), back(m)}) {
    EXPECT_THAT(t->encode("ab<x> b"), ElementsAre(4, 2, 5, 3, 1));
    EXPECT_EQ(t->bos_id(), 4);
  }
}

TEST_F(TokenizerGgufWrite, HolesArePaddedAndTokensWithoutARowLeftOut) {
  Json json = small_json();
  json["added_tokens"][0]["id"] = 6;
  json["added_tokens"][1]["id"] = 9;
  json["post_processor"] = nullptr;
  write("tokenizer.json", json);
  const GgufMetadata m = convert(8);
  EXPECT_THAT(m.get_strings("tokenizer.ggml.tokens"),
              ElementsAre("a", "b", "ab", "\u0120", "[PAD4]", "[PAD5]", "<|bos|>", "[PAD7]"));
  EXPECT_THAT(m.get_ints("tokenizer.ggml.token_type", 0, 6), ElementsAre(1, 1, 1, 1, 5, 5, 3, 5));
  EXPECT_THAT(notes_, ElementsAre(HasSubstr("2 tokens, '' the first, have no row")));
  EXPECT_THAT(make_tokenizer_gguf(m)->encode("ab<|bos|>b"), ElementsAre(2, 6, 1));
}

TEST_F(TokenizerGgufWrite, NamesEveryWayOfCuttingThatIsKnown) {
  for (const PreKind& kind : pre_kinds()) {
    SCOPED_TRACE(kind.name);
    Json json = small_json();
    Json& steps = json["pre_tokenizer"]["pretokenizers"];
    const Json bytes = steps.back();
    steps = Json::array();
    for (const std::string_view pattern : kind.patterns)
      steps.push_back(split(std::string(pattern)));
    steps.push_back(bytes);
    json["model"]["ignore_merges"] = kind.ignore_merges;
    if (kind.nfc) json["normalizer"] = {{"type", "NFC"}};
    write("tokenizer.json", json);
    const PreKind* found = find_pre_kind(convert().get_string("tokenizer.ggml.pre"));
    ASSERT_NE(found, nullptr);
    EXPECT_EQ(found->patterns, kind.patterns);  // several names may mean the same
  }
  Json json = small_json();
  json["pre_tokenizer"] = {{"type", "ByteLevel"}, {"add_prefix_space", false}};
  json["model"]["ignore_merges"] = false;
  json["normalizer"] = {{"type", "Sequence"}, {"normalizers", Json::array()}};
  write("tokenizer.json", json);
  EXPECT_EQ(convert().get_string("tokenizer.ggml.pre"), "gpt-2");
  Json& steps = json["pre_tokenizer"] = {{"type", "Sequence"}};
  steps["pretokenizers"] = {{{"type", "Digits"}, {"individual_digits", true}},
                            {{"type", "ByteLevel"}, {"add_prefix_space", false}}};
  write("tokenizer.json", json);
  EXPECT_EQ(convert().get_string("tokenizer.ggml.pre"), "starcoder");
}

TEST_F(TokenizerGgufWrite, RefusesWhatGgufCannotSay) {
  const auto expect_refused = [&](const Json& json, const std::string& reason) {
    write("tokenizer.json", json);
    PANGU_EXPECT_ERROR(convert(), Unsupported, std::string("[tokenizer]"), reason);
  };
  Json json = small_json();
  json["pre_tokenizer"]["pretokenizers"][0]["pattern"]["Regex"] = "\\w+";
  expect_refused(json, "no name in GGUF");
  json = small_json();
  json["normalizer"] = {{"type", "NFKC"}};
  expect_refused(json, "no name in GGUF");
  json = small_json();
  json["model"]["ignore_merges"] = false;
  json["normalizer"] = {{"type", "NFC"}};
  expect_refused(json, "no name in GGUF");
  json = small_json();
  json["pre_tokenizer"]["pretokenizers"][1]["add_prefix_space"] = true;
  expect_refused(json, "no name in GGUF");
  json = small_json();
  json["post_processor"]["single"].push_back({{"SpecialToken", {{"id", "<|bos|>"}}}});
  json["post_processor"]["single"].push_back({{"SpecialToken", {{"id", "<|bos|>"}}}});
  expect_refused(json, "4, 4 after a text");
  json = small_json();
  json.erase("decoder");
  expect_refused(json, "without tokenizer.model");
}

}  // namespace
}  // namespace pangu::text
