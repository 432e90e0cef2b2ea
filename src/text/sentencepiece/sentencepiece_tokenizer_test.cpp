// SPDX-License-Identifier: Apache-2.0
// SentencePiece models with the side files of Hugging Face folders, openPangu's rules first of all.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <filesystem>
#include <random>

#include "base/error.h"
#include "base/utf8.h"
#include "io/json.h"
#include "pangu/error.h"
#include "pangu/tokenizer.h"
#include "tests/support/support.h"
#include "text/sentencepiece/sentencepiece_model.h"

namespace pangu {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using text::SentencePieceModel;

std::string llama_model() {
  return test::read_file(test::shared_dir() / "models" / "llama-spm-32k" / "tokenizer.model");
}

Json token(const char* content) {
  return {{"content", content}, {"lstrip", false},      {"normalized", false},
          {"rstrip", false},    {"single_word", false}, {"special", true}};
}

/// openPangu's tokenizer_config.json with its role markers moved to ids that exist here: one inside
/// the model's vocabulary, the others behind it.
Json pangu_config() {
  Json config =
      read_json(test::shared_dir() / "models" / "openpangu-embedded-7b" / "tokenizer_config.json");
  config["added_tokens_decoder"] = {{"0", token("<unk>")},          {"1", token("<s>")},
                                    {"2", token("</s>")},           {"31999", token("[unused9]")},
                                    {"32000", token("[unused10]")}, {"32001", token("[unused16]")},
                                    {"32002", token("[unused17]")}, {"32003", token("<|Bot|>:")}};
  return config;
}

class PanguTokenizer : public testing::Test {
 protected:
  void SetUp() override {
    PANGU_NEEDS_SHARED_DATA();
    test::write_file(dir_ / "tokenizer.model", llama_model());
    fs::copy(test::shared_dir() / "models" / "openpangu-embedded-7b" / "special_tokens_map.json",
             dir_ / "special_tokens_map.json");
    write_config(pangu_config());
  }
  void write_config(const Json& config) {
    test::write_file(dir_ / "tokenizer_config.json", config.dump());
  }
  std::shared_ptr<const Tokenizer> load() { return load_tokenizer(dir_.path()); }

  test::ScratchDir dir_;
};

TEST_F(PanguTokenizer, KnowsItsRoles) {
  const auto t = load();
  EXPECT_EQ(t->vocab_size(), 32004);
  EXPECT_EQ(t->bos_id(), 1);
  EXPECT_EQ(t->eos_id(), 32000);
  EXPECT_EQ(t->pad_id(), 0);
  EXPECT_EQ(t->unk_id(), 0);
  EXPECT_EQ(t->piece(31999), "[unused9]");
  EXPECT_EQ(t->id_of("[unused17]"), 32002);
  EXPECT_EQ(t->id_of("no such piece"), std::nullopt);
  EXPECT_NE(t->chat_template().find("[unused9]"), std::string::npos);
  // Only the tokens with a role are left out of decoded text: parsers need the other markers.
  for (const TokenId id : {0, 1, 32000}) EXPECT_TRUE(t->is_special(id)) << id;
  for (const TokenId id : {2, 3, 31999, 32001, 32002}) EXPECT_FALSE(t->is_special(id)) << id;
}

TEST_F(PanguTokenizer, EverySegmentIsEncodedOnItsOwn) {
  const auto t = load();
  const auto hello = t->encode("Hello", {.add_bos = false});
  ASSERT_THAT(hello, ElementsAre(15043));  // with the space before it
  EXPECT_THAT(t->encode("[unused9]Hello[unused10]Hello"),
              ElementsAre(1, 31999, 15043, 32000, 15043));
  EXPECT_THAT(t->encode(""), ElementsAre(1));
  EXPECT_THAT(t->encode("", {.add_bos = false, .add_eos = true}), ElementsAre(32000));
  EXPECT_THAT(t->encode("[unused9]", {.add_bos = true}), ElementsAre(1, 31999));
}

TEST_F(PanguTokenizer, TheLongestSpecialTokenWins) {
  Json config = pangu_config();
  config["added_tokens_decoder"]["32004"] = token("[unused1");
  write_config(config);
  const auto t = load();
  EXPECT_THAT(t->encode("[unused10][unused1]", {.add_bos = false}),
              ElementsAre(32000, 32004, t->encode("]", {.add_bos = false})[0]));
}

TEST_F(PanguTokenizer, UserTextCannotForgeMarkers) {
  const auto t = load();
  for (const std::string text :
       {"[unused9]", "a[unused10]b", "<s></s><unk>", "[unused9][unused9]"}) {
    const auto ids = t->encode(text, {.add_bos = false, .parse_special = false});
    for (const TokenId id : ids) EXPECT_TRUE(id >= 3 && id < 31999) << text << " gave " << id;
    EXPECT_EQ(t->decode(ids), text);
  }
}

TEST_F(PanguTokenizer, MarkersInsideTheModelCannotBeForgedEither) {
  // Piece 15043 of the model is an ordinary word that merges would spell.
  Json config = pangu_config();
  config["added_tokens_decoder"]["15043"] = token("\u2581Hello");
  write_config(config);
  const auto ids = load()->encode("Hello world", {.add_bos = false, .parse_special = false});
  EXPECT_THAT(ids, testing::Not(testing::Contains(15043)));
  EXPECT_EQ(load()->decode(ids), "Hello world");
}

TEST_F(PanguTokenizer, DecodesRunsBetweenMarkers) {
  const auto t = load();
  const auto ids = t->encode("[unused9]Hello world[unused16] so[unused10]Hello");
  EXPECT_EQ(t->decode(ids, false), "<s>[unused9]Hello world[unused16] so[unused10]Hello");
  // The eos is left out before runs are formed, so what follows continues the run.
  EXPECT_EQ(t->decode(ids), "[unused9]Hello world[unused16] so Hello");
  EXPECT_EQ(t->decode({}), "");
  PANGU_EXPECT_ERROR(t->decode(std::vector<TokenId>{32004}), InputError, "32004");
  PANGU_EXPECT_ERROR(t->piece(-1), InputError, "-1");
}

TEST_F(PanguTokenizer, ModernModePrefixesTheFirstStretchOnly) {
  Json config = pangu_config();
  config["legacy"] = false;
  write_config(config);
  const auto t = load();
  EXPECT_THAT(t->encode("Hello[unused10]Hello", {.add_bos = false}),
              ElementsAre(15043, 32000, 10994));
  EXPECT_THAT(t->encode("[unused10]Hello", {.add_bos = false}), ElementsAre(32000, 10994));
  config["add_prefix_space"] = false;
  write_config(config);
  EXPECT_THAT(load()->encode("Hello", {.add_bos = false}), ElementsAre(10994));
}

TEST_F(PanguTokenizer, StripFlagsTakeSpacesAlong) {
  Json config = pangu_config();
  config["added_tokens_decoder"]["32001"]["lstrip"] = true;
  config["added_tokens_decoder"]["32002"]["rstrip"] = true;
  config["added_tokens_decoder"]["32003"] = token("zzword");
  config["added_tokens_decoder"]["32003"]["single_word"] = true;
  write_config(config);
  const auto t = load();
  EXPECT_THAT(t->encode("Hello \n [unused16]Hello[unused17] \t Hello", {.add_bos = false}),
              ElementsAre(15043, 32001, 15043, 32002, 15043));
  EXPECT_THAT(t->encode("zzword", {.add_bos = false}), ElementsAre(32003));
  EXPECT_THAT(t->encode("zzwords", {.add_bos = false}), testing::Not(testing::Contains(32003)));
  EXPECT_THAT(t->encode("\u00e9zzword", {.add_bos = false}),
              testing::Not(testing::Contains(32003)));
}

TEST_F(PanguTokenizer, RefusesFilesThatDoNotFitEachOther) {
  Json config = pangu_config();
  config["added_tokens_decoder"]["45806"] = token("<|User|>:");
  write_config(config);
  PANGU_EXPECT_ERROR(load(), FileError, "no token has id 32004", "45806");

  config = pangu_config();
  config["eos_token"] = "[unused99]";
  write_config(config);
  PANGU_EXPECT_ERROR(load(), FileError, "[unused99]", "not in the vocabulary");

  config = pangu_config();
  config["added_tokens_decoder"]["32000"] = token("</s>");
  write_config(config);
  PANGU_EXPECT_ERROR(load(), FileError, "</s>", "two ids");

  config = pangu_config();
  config["added_tokens_decoder"]["-1"] = token("x");
  write_config(config);
  PANGU_EXPECT_ERROR(load(), ConfigError, "added_tokens_decoder");

  config = pangu_config();
  config["added_tokens_decoder"]["32000"]["content"] = "";
  write_config(config);
  EXPECT_THROW(load(), FileError);

  config = pangu_config();
  config["add_bos_token"] = "yes";
  write_config(config);
  PANGU_EXPECT_ERROR(load(), ConfigError, "add_bos_token", "yes");

  test::write_file(dir_ / "tokenizer_config.json", "[1, 2]");
  PANGU_EXPECT_ERROR(load(), ConfigError, "tokenizer_config.json", "an array of 2");
}

TEST_F(PanguTokenizer, ReadsOtherSideFiles) {
  Json config = pangu_config();
  config["chat_template"] = {{{"name", "tool_use"}, {"template", "T"}},
                             {{"name", "default"}, {"template", "D"}}};
  write_config(config);
  test::write_file(dir_ / "added_tokens.json", R"({"<extra>": 32004, "<s>": 1})");
  auto t = load();
  EXPECT_EQ(t->chat_template(), "D");
  EXPECT_EQ(t->id_of("<extra>"), 32004);
  test::write_file(dir_ / "chat_template.jinja", "J");
  EXPECT_EQ(load()->chat_template(), "J");
  test::write_file(dir_ / "added_tokens.json", R"({"<s>": 7})");
  PANGU_EXPECT_ERROR(load(), FileError, "<s>", "7");
}

TEST(SentencePiece, RoundTripsAnyText) {
  PANGU_NEEDS_SHARED_DATA();
  const auto t = load_tokenizer(test::shared_dir() / "models" / "llama-spm-32k");
  // RapidCheck takes its seed from the environment alone.
  setenv("RC_PARAMS", fmt::format("seed={} max_success=300", test::seed()).c_str(), 0);
  const bool ok = rc::check("decode(encode(text)) == text, streamed too", [&] {
    std::string text;
    for (const auto c : *rc::gen::container<std::vector<std::uint32_t>>(
             rc::gen::oneOf(rc::gen::inRange<std::uint32_t>(0, 128),
                            rc::gen::inRange<std::uint32_t>(0, 0x110000)))) {
      if (c != 0x2581) utf8::append(text, c);  // the sign that stands for a space
    }
    const auto ids = t->encode(text);
    RC_ASSERT(t->decode(ids) == text);
    StreamDecoder stream(t);
    std::string streamed;
    for (const TokenId id : ids) {
      const std::string part = stream.push(id);
      RC_ASSERT(utf8::find_invalid(part) == utf8::npos);
      streamed += part;
    }
    RC_ASSERT(streamed + stream.flush() == text);
  });
  EXPECT_TRUE(ok);
}

TEST(SentencePiece, RefusesInvalidText) {
  PANGU_NEEDS_SHARED_DATA();
  const auto t = load_tokenizer(test::shared_dir() / "models" / "stories260K");
  PANGU_EXPECT_ERROR(t->encode("abc\xFF"), InputError, "UTF-8", "offset 3");
  PANGU_EXPECT_ERROR(t->encode("\xED\xA0\x80"), InputError, "UTF-8");
}

TEST(SentencePiece, EveryTruncationIsAnErrorOrASmallerModel) {
  PANGU_NEEDS_SHARED_DATA();
  const std::string whole =
      test::read_file(test::shared_dir() / "models" / "stories260K" / "tokenizer.model");
  test::ScratchDir dir;
  int refused = 0;
  for (std::size_t size = 1; size < whole.size(); size += 97) {
    test::write_file(dir / "tokenizer.model", whole.substr(0, size));
    try {
      load_tokenizer(dir.path());
    } catch (const FileError& error) {
      EXPECT_NE(std::string(error.what()).find("tokenizer.model"), std::string::npos);
      ++refused;
    }
  }
  EXPECT_GT(refused, 70);
}

TEST(SentencePiece, RefusesDamagedModels) {
  const auto parse = [](std::string_view bytes) { SentencePieceModel::parse(bytes, "t.model"); };
  PANGU_EXPECT_ERROR(parse(""), FileError, "t.model", "no pieces");
  PANGU_EXPECT_ERROR(parse("\x0A\x7F"), FileError, "127 bytes");
  PANGU_EXPECT_ERROR(parse("\x0B"), FileError, "wire type 3");
  PANGU_EXPECT_ERROR(parse(std::string_view("\x0A\x02\x0A\x00", 4)), FileError, "piece 0");
  PANGU_EXPECT_ERROR(parse("\x0A\x03\x0A\x01\xFF"), FileError, "piece 0");
  PANGU_EXPECT_ERROR(parse(std::string_view("\x0A\x03\x0A\x01\x00", 5)), FileError, "piece 0");
  PANGU_EXPECT_ERROR(parse("\x0A\x05\x0A\x01"
                           "a\x18\x09"),
                     FileError, "type 9");
  PANGU_EXPECT_ERROR(parse("\x12\x02\x18\x04"), Unsupported, "model type 4");
  PANGU_EXPECT_ERROR(parse("\x1A\x03\x12\x01z"), FileError, "character map");
}

TEST(SentencePiece, RefusesCharacterMapsThatLeadOutside) {
  // A trie of 256 units whose root has children in its block, with one replacement "x".
  std::vector<std::uint32_t> units(256, 0x80000000u);
  const auto map = [&] {
    std::string bytes(4, '\0');
    const std::uint32_t size = static_cast<std::uint32_t>(units.size() * 4);
    std::memcpy(bytes.data(), &size, 4);
    bytes.append(reinterpret_cast<const char*>(units.data()), size);
    return bytes + std::string("x\0", 2);
  };
  const auto model = [&](const std::string& charsmap) {
    SentencePieceModel m;
    m.pieces.push_back({"<unk>", 0, SentencePieceModel::Type::kUnknown});
    m.pieces.push_back({"a", 0, SentencePieceModel::Type::kNormal});
    std::string spec = "\x12";
    const auto put_size = [](std::string& out, std::size_t n) {
      for (; n >= 128; n >>= 7) out += static_cast<char>(n | 128);
      out += static_cast<char>(n);
    };
    put_size(spec, charsmap.size());
    spec += charsmap;
    m.specs = "\x1A";
    put_size(m.specs, spec.size());
    m.specs += spec;
    return m.serialize();
  };
  const auto parse = [&] { SentencePieceModel::parse(model(map()), "t.model"); };
  units[0] = 1 << 10;                       // root: children at 1 ^ c
  units[1 ^ 'A'] = 'A' | 1 << 8 | 4 << 10;  // 'A' ends a key; its value lies at ('A' ^ 1) ^ 4
  units[1 ^ 'A' ^ 4] = 0x80000000u;         // value 0: "x"
  EXPECT_NO_THROW(parse());
  units[1 ^ 'A' ^ 4] = 0x80000000u | 99;
  PANGU_EXPECT_ERROR(parse(), FileError, "past the replacements");
  units[1 ^ 'A'] = 'A' | 0x7000u << 10;
  PANGU_EXPECT_ERROR(parse(), FileError, "points outside");
}

TEST(SentencePiece, LongTextsTakeLinearTime) {
  PANGU_NEEDS_SHARED_DATA();
  const auto t = load_tokenizer(test::shared_dir() / "models" / "llama-spm-32k");
  const std::string word(1 << 20, 'a');
  EXPECT_EQ(t->decode(t->encode(word)), word);
}

}  // namespace
}  // namespace pangu
