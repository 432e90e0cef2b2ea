// SPDX-License-Identifier: Apache-2.0
// Unigram models of tokenizer.json files, against libsentencepiece on the same pieces.
#include "text/unigram/unigram_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sentencepiece_processor.h>

#include <array>
#include <functional>
#include <random>
#include <set>

#include "base/error.h"
#include "io/json.h"
#include "pangu/error.h"
#include "pangu/tokenizer.h"
#include "tests/support/support.h"
#include "text/huggingface/tokenizer_json.h"
#include "text/sentencepiece/sentencepiece_model.h"

namespace pangu::text {
namespace {

using testing::ElementsAre;
using Pieces = std::vector<std::pair<std::string, double>>;

Json unigram_json(const Pieces& pieces) {
  return {{"added_tokens", {{{"id", 0}, {"content", "<unk>"}, {"special", true}}}},
          {"pre_tokenizer", {{"type", "Metaspace"}, {"prepend_scheme", "always"}}},
          {"decoder", {{"type", "Metaspace"}, {"prepend_scheme", "always"}}},
          {"model", {{"type", "Unigram"}, {"unk_id", 0}, {"vocab", pieces}}}};
}

std::shared_ptr<const Tokenizer> make(const Json& json) {
  return make_tokenizer_json(JsonObject("tokenizer.json", json), {});
}

const Pieces kPieces = {{"<unk>", 0},   {"\u2581", -2},  {"a", -3},        {"b", -3.5},
                        {"ab", -4},     {"ba", -4.5},    {"\u2581ab", -5}, {"aba", -9},
                        {"\u4F60", -6}, {"\u2581b", -20}};

TEST(Unigram, TakesTheMostLikelyPieces) {
  const auto t = make(unigram_json(kPieces));
  EXPECT_EQ(t->kind(), "Unigram");
  EXPECT_THAT(t->encode("ab"), ElementsAre(6));            // -5
  EXPECT_THAT(t->encode("aba"), ElementsAre(6, 2));        // -8; " a" "ba" is -9.5, " " "aba" -11
  EXPECT_THAT(t->encode("b a"), ElementsAre(1, 3, 1, 2));  // " b" costs more than its parts
  EXPECT_THAT(t->encode("\u4F60xyb"), ElementsAre(1, 8, 0, 3));  // unknown characters are one
  EXPECT_EQ(t->decode(t->encode("ab \u4F60 ba")), "ab \u4F60 ba");
  EXPECT_EQ(t->unk_id(), 0);
}

TEST(Unigram, SpellsUnknownCharactersInBytes) {
  Json json = unigram_json(kPieces);
  json["model"]["byte_fallback"] = true;
  EXPECT_THAT(make(json)->encode("x"), ElementsAre(1, 0));  // without the bytes, unknown
  for (int byte = 0; byte < 256; ++byte) {
    json["model"]["vocab"].push_back({fmt::format("<0x{:02X}>", byte), -50});
  }
  json["decoder"] = {{"type", "Sequence"},
                     {"decoders", {{{"type", "ByteFallback"}}, {{"type", "Metaspace"}}}}};
  const auto t = make(json);
  const TokenId first = static_cast<TokenId>(kPieces.size());
  EXPECT_THAT(t->encode("a\u00E4b"), ElementsAre(1, 2, first + 0xC3, first + 0xA4, 3));
  EXPECT_EQ(t->decode(t->encode("a\u00E4b")), "a\u00E4b");
}

TEST(Unigram, APrecompiledNormalizerNeedsTheSentencePieceFile) {
  Json json = unigram_json(kPieces);
  json["normalizer"] = {{"type", "Precompiled"}, {"precompiled_charsmap", "AAAA"}};
  PANGU_EXPECT_ERROR(make(json), Unsupported, "tokenizer.json", "\"Precompiled\" is not supported",
                     "SentencePiece file", "as tokenizer.model");
  json["normalizer"] = {{"type", "Sequence"}, {"normalizers", {json["normalizer"]}}};
  PANGU_EXPECT_ERROR(make(json), Unsupported, "normalizer.normalizers[0] (Precompiled)");
}

TEST(Unigram, RefusesWhatDoesNotFit) {
  const auto expect_error = [](const std::function<void(Json&)>& damage, const char* reason) {
    Json json = unigram_json(kPieces);
    damage(json["model"]);
    PANGU_EXPECT_ERROR(make(json), Error, "tokenizer.json", reason);
  };
  expect_error([](Json& m) { m["vocab"] = 3; }, "[piece, score]");
  expect_error([](Json& m) { m["vocab"][1] = "a"; }, "token 1 of the vocabulary is \"a\"");
  expect_error([](Json& m) { m["vocab"][1] = {"a", "b"}; }, "token 1");
  expect_error([](Json& m) { m["vocab"][1][0] = "a"; }, "'a' has two ids");
  expect_error([](Json& m) { m["unk_id"] = 10; }, "unk_id");
  expect_error([](Json& m) { m["vocab"][1][0] = std::string(1025, 'a'); },
               "1025 bytes; at most 1024");
  Json json = unigram_json(kPieces);
  json["model"]["unk_id"] = nullptr;
  EXPECT_THAT(make(json)->encode("ab"), ElementsAre(6));
  PANGU_EXPECT_ERROR(make(json)->encode("abx"), InputError, "'x'", "unk_id");
}

TEST(Unigram, AgreesWithSentencePiece) {
  std::mt19937_64 random(test::seed());
  const auto word = [&](std::size_t longest) {
    std::string out;
    for (std::size_t n = 1 + random() % longest; n > 0; --n) {
      out += std::array{"a", "b", "c", "\u4F60", "\U0001F600"}[random() % 5];
    }
    return out;
  };
  for (int round = 0; round < 30; ++round) {
    Pieces pieces = {{"<unk>", 0}, {"a", -3}, {"\u4F60", -4}};
    std::set<std::string> known = {"a", "\u4F60"};
    while (pieces.size() < 20) {
      const std::string piece = word(4);
      // Sums of these are exact, in float as in double.
      const double score = -static_cast<double>(1 + random() % 10'000) / 1024;
      if (known.insert(piece).second) pieces.emplace_back(piece, score);
    }
    SentencePieceModel model;
    for (const auto& [piece, score] : pieces) {
      model.pieces.push_back({piece, static_cast<float>(score), SentencePieceModel::Type::kNormal});
    }
    model.pieces[0].type = SentencePieceModel::Type::kUnknown;
    model.set_add_dummy_prefix(false);
    sentencepiece::SentencePieceProcessor reference;
    ASSERT_TRUE(reference.LoadFromSerializedProto(model.serialize()).ok());
    Json json = unigram_json(pieces);
    json["pre_tokenizer"] = nullptr;
    const auto t = make(json);
    for (int i = 0; i < 30; ++i) {
      const std::string text = word(12);
      std::vector<int> want;
      ASSERT_TRUE(reference.Encode(text, &want).ok());
      EXPECT_EQ(t->encode(text), want) << text;
    }
  }
}

TEST(Unigram, AMegabyteOfOneWordTakesLinearTime) {
  Json json = unigram_json(kPieces);
  std::string text;
  while (text.size() < 1'000'000) text += "abx";
  const auto t = make(json);
  EXPECT_EQ(t->encode(text).size(), 2 * (text.size() / 3));
}

}  // namespace
}  // namespace pangu::text
