// SPDX-License-Identifier: Apache-2.0
// Real vocabularies against published ids, and every way to load one vocabulary against the others.
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "io/gguf_metadata.h"
#include "io/gguf_write.h"
#include "io/json.h"
#include "io/mapped_file.h"
#include "pangu/tokenizer.h"
#include "tests/support/gguf_bytes.h"
#include "tests/support/support.h"
#include "text/gguf/tokenizer_gguf_write.h"
#include "text/huggingface/tokenizer_hf_write.h"
#include "text/sentencepiece/sentencepiece_model.h"

namespace pangu {
namespace {

namespace fs = std::filesystem;

struct Case {
  std::string text;
  std::vector<TokenId> ids;
};

/// Texts stand between separator lines; the ids of each are one line of the other file.
std::vector<Case> read_cases(const fs::path& folder) {
  std::vector<Case> cases;
  const std::string input = test::read_file(folder / "conformance.inp");
  const std::string separator = "\n__ggml_vocab_test__\n";
  std::istringstream lines(test::read_file(folder / "conformance.out"));
  std::size_t begin = 0;
  for (std::size_t end; (end = input.find(separator, begin)) != std::string::npos;
       begin = end + separator.size()) {
    Case one{input.substr(begin, end - begin), {}};
    std::string line;
    std::getline(lines, line);
    std::istringstream numbers(line);
    for (TokenId id; numbers >> id;) one.ids.push_back(id);
    cases.push_back(std::move(one));
  }
  std::string rest;
  EXPECT_FALSE(std::getline(lines, rest) && !rest.empty()) << "more ids than texts: " << rest;
  return cases;
}

void expect_conformance(const Tokenizer& tokenizer, const std::vector<Case>& cases) {
  ASSERT_GE(cases.size(), 40u);
  for (const Case& one : cases) {
    SCOPED_TRACE("text: '" + one.text + "'");
    EXPECT_EQ(tokenizer.encode(one.text, {.add_bos = false, .add_eos = false}), one.ids);
    EXPECT_EQ(tokenizer.decode(one.ids), one.text);
  }
}

fs::path models() {
  return test::shared_dir() / "models";
}

TEST(TokenizerConformance, LlamaSentencePiece) {
  PANGU_NEEDS_SHARED_DATA();
  const auto tokenizer = load_tokenizer(models() / "llama-spm-32k");
  EXPECT_EQ(tokenizer->kind(), "SentencePiece BPE");
  EXPECT_EQ(tokenizer->vocab_size(), 32000);
  EXPECT_EQ(tokenizer->bos_id(), 1);
  EXPECT_EQ(tokenizer->eos_id(), 2);
  EXPECT_EQ(tokenizer->unk_id(), 0);
  expect_conformance(*tokenizer, read_cases(models() / "llama-spm-32k"));
}

TEST(TokenizerConformance, Gpt2Gguf) {
  PANGU_NEEDS_SHARED_DATA();
  const auto tokenizer = load_tokenizer(models() / "gpt2-bpe" / "vocab.gguf");
  EXPECT_EQ(tokenizer->kind(), "byte-level BPE");
  expect_conformance(*tokenizer, read_cases(models() / "gpt2-bpe"));
}

TEST(TokenizerConformance, Qwen2Gguf) {
  PANGU_NEEDS_SHARED_DATA();
  const auto tokenizer = load_tokenizer(models() / "qwen2-bpe");  // the folder has one GGUF file
  expect_conformance(*tokenizer, read_cases(models() / "qwen2-bpe"));
}

/// The tokenizer.json that the vocabulary of a GGUF file would have been published as.
Json json_twin(const GgufMetadata& gguf, const Json& pre_tokenizer, const Json& normalizer,
               bool merges_as_pairs) {
  Json json = {{"version", "1.0"},
               {"normalizer", normalizer},
               {"pre_tokenizer", pre_tokenizer},
               {"post_processor", {{"type", "ByteLevel"}, {"trim_offsets", false}}},
               {"decoder", {{"type", "ByteLevel"}}}};
  Json& model = json["model"] = {{"type", "BPE"}, {"dropout", nullptr}, {"unk_token", nullptr}};
  const auto tokens = gguf.get_strings("tokenizer.ggml.tokens");
  const auto types = gguf.get_ints("tokenizer.ggml.token_type", 0, 6);
  Json vocab = Json::object();
  Json added = Json::array();
  for (std::size_t id = 0; id < tokens.size(); ++id) {
    if (types[id] == 1) {
      vocab[std::string(tokens[id])] = id;
    } else {
      added.push_back({{"id", id},
                       {"content", std::string(tokens[id])},
                       {"special", types[id] == 3},
                       {"normalized", false},
                       {"lstrip", false},
                       {"rstrip", false},
                       {"single_word", false}});
    }
  }
  Json merges = Json::array();
  for (const std::string_view merge : gguf.get_strings("tokenizer.ggml.merges")) {
    const std::size_t space = merge.find(' ');
    if (merges_as_pairs) {
      merges.push_back({std::string(merge.substr(0, space)), std::string(merge.substr(space + 1))});
    } else {
      merges.push_back(std::string(merge));
    }
  }
  model["vocab"] = std::move(vocab);
  model["merges"] = std::move(merges);
  json["added_tokens"] = std::move(added);
  return json;
}

void expect_json_twin_agrees(const char* model, const Json& pre_tokenizer, const Json& normalizer,
                             bool merges_as_pairs) {
  const MappedFile file(models() / model / "vocab.gguf");
  const auto gguf = GgufMetadata::parse(file.bytes(), "vocab.gguf");
  test::ScratchDir dir;
  test::write_file(dir / "tokenizer.json",
                   json_twin(gguf, pre_tokenizer, normalizer, merges_as_pairs).dump());
  const auto twin = load_tokenizer(dir.path());
  EXPECT_EQ(twin->kind(), "byte-level BPE");
  expect_conformance(*twin, read_cases(models() / model));

  const auto original = load_tokenizer(models() / model / "vocab.gguf");
  ASSERT_EQ(twin->vocab_size(), original->vocab_size());
  for (TokenId id = 0; id < twin->vocab_size(); ++id) {
    ASSERT_EQ(twin->bytes(id), original->bytes(id)) << id;
    ASSERT_EQ(twin->is_special(id), original->is_special(id)) << id;
  }
}

TEST(TokenizerConformance, Gpt2Json) {
  PANGU_NEEDS_SHARED_DATA();
  const Json byte_level = {
      {"type", "ByteLevel"}, {"add_prefix_space", false}, {"trim_offsets", true}};
  expect_json_twin_agrees("gpt2-bpe", byte_level, nullptr, false);
}

TEST(TokenizerConformance, Qwen2Json) {
  PANGU_NEEDS_SHARED_DATA();
  const char* pattern =
      R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
  const Json split = {{"type", "Split"},
                      {"pattern", {{"Regex", pattern}}},
                      {"behavior", "Isolated"},
                      {"invert", false}};
  const Json byte_level = {{"type", "ByteLevel"},
                           {"add_prefix_space", false},
                           {"trim_offsets", false},
                           {"use_regex", false}};
  expect_json_twin_agrees("qwen2-bpe",
                          {{"type", "Sequence"}, {"pretokenizers", {split, byte_level}}},
                          {{"type", "NFC"}}, true);
}

TEST(TokenizerConformance, LlamaGgufAgreesWithSentencePiece) {
  PANGU_NEEDS_SHARED_DATA();
  const auto original = load_tokenizer(models() / "llama-spm-32k");
  const std::string proto = test::read_file(models() / "llama-spm-32k" / "tokenizer.model");
  std::vector<std::string> tokens;
  std::vector<float> scores;
  std::vector<std::int32_t> types;
  for (const auto& piece : text::SentencePieceModel::parse(proto, "tokenizer.model").pieces) {
    tokens.emplace_back(piece.text);
    scores.push_back(piece.score);
    types.push_back(static_cast<std::int32_t>(piece.type));
  }
  test::GgufBytes gguf;
  gguf.header(0, 5)
      .key_string("tokenizer.ggml.model", "llama")
      .key_strings("tokenizer.ggml.tokens", tokens)
      .key_floats("tokenizer.ggml.scores", scores)
      .key_i32s("tokenizer.ggml.token_type", types)
      .key_u32("tokenizer.ggml.bos_token_id", 1);
  test::ScratchDir dir;
  test::write_file(dir / "llama.gguf", gguf.text());
  const auto twin = load_tokenizer(dir / "llama.gguf");
  EXPECT_EQ(twin->bos_id(), 1);
  EXPECT_EQ(twin->unk_id(), 0);
  EXPECT_EQ(twin->vocab_size(), original->vocab_size());
  expect_conformance(*twin, read_cases(models() / "llama-spm-32k"));
}

/// A GGUF file whose only keys are those of a folder's tokenizer, the vocabulary padded by 3.
std::vector<std::string> write_gguf_vocabulary(const fs::path& folder, const fs::path& file) {
  const auto tokenizer = load_tokenizer(folder);
  GgufKeys keys;
  std::vector<std::string> notes;
  text::put_tokenizer(folder, *tokenizer, tokenizer->vocab_size() + 3, keys, notes);
  if (const auto eos = tokenizer->eos_id()) {
    keys.put_u32("tokenizer.ggml.eos_token_id", static_cast<std::uint32_t>(*eos));
  }
  write_gguf(file, keys, {});
  return notes;
}

void write_hf_folder(const fs::path& gguf, const fs::path& folder) {
  fs::create_directory(folder);
  const MappedFile file(gguf);
  text::write_hf_tokenizer(GgufMetadata::parse(file.bytes(), gguf.string()), folder);
}

void expect_same_tokens(const Tokenizer& a, const Tokenizer& b) {
  EXPECT_EQ(a.bos_id(), b.bos_id());
  EXPECT_EQ(a.eos_id(), b.eos_id());
  EXPECT_EQ(a.pad_id(), b.pad_id());
  EXPECT_EQ(a.unk_id(), b.unk_id());
  EXPECT_EQ(a.encode(""), b.encode(""));
  EXPECT_EQ(a.leading_space(), b.leading_space());
  EXPECT_EQ(a.kind(), b.kind());
  for (TokenId id = 0; id < std::min(a.vocab_size(), b.vocab_size()); ++id) {
    ASSERT_EQ(a.piece(id), b.piece(id)) << id;
    ASSERT_EQ(a.bytes(id), b.bytes(id)) << id;
    ASSERT_EQ(a.is_special(id), b.is_special(id)) << id;
    ASSERT_EQ(a.ends_run(id), b.ends_run(id)) << id;
  }
}

TEST(TokenizerConformance, GgufToHuggingFaceAndBack) {
  PANGU_NEEDS_SHARED_DATA();
  for (const std::string name : {"gpt2-bpe", "qwen2-bpe"}) {
    if (test::kSanitized && name == "qwen2-bpe") continue;  // three times the tokens
    SCOPED_TRACE(name);
    const test::ScratchDir dir;
    const auto cases = read_cases(models() / name);
    write_hf_folder(models() / name / "vocab.gguf", dir / "hf");
    const auto original = load_tokenizer(models() / name / "vocab.gguf");
    const auto hf = load_tokenizer(dir / "hf");
    EXPECT_EQ(hf->vocab_size(), original->vocab_size());
    expect_same_tokens(*hf, *original);
    expect_conformance(*hf, cases);

    EXPECT_TRUE(write_gguf_vocabulary(dir / "hf", dir / "back.gguf").empty());
    const auto back = load_tokenizer(dir / "back.gguf");
    EXPECT_EQ(back->vocab_size(), original->vocab_size() + 3);
    expect_same_tokens(*back, *original);
    expect_conformance(*back, cases);
  }
}

TEST(TokenizerConformance, SentencePieceToGgufAndBack) {
  PANGU_NEEDS_SHARED_DATA();
  const test::ScratchDir dir;
  const auto cases = read_cases(models() / "llama-spm-32k");
  const auto original = load_tokenizer(models() / "llama-spm-32k");
  EXPECT_TRUE(write_gguf_vocabulary(models() / "llama-spm-32k", dir / "m.gguf").empty());
  const auto gguf = load_tokenizer(dir / "m.gguf");
  EXPECT_EQ(gguf->vocab_size(), 32003);
  EXPECT_EQ(gguf->piece(32001), "[PAD32001]");
  expect_same_tokens(*gguf, *original);
  expect_conformance(*gguf, cases);

  write_hf_folder(dir / "m.gguf", dir / "hf");
  const auto back = load_tokenizer(dir / "hf");
  EXPECT_EQ(back->vocab_size(), 32000);
  expect_same_tokens(*back, *original);
  expect_conformance(*back, cases);
}

TEST(TokenizerConformance, StoriesGoldens) {
  PANGU_NEEDS_SHARED_DATA();
  const auto tokenizer = load_tokenizer(models() / "stories260K");
  const Json goldens = read_json(test::shared_dir() / "golden" / "stories260K_greedy.json");
  ASSERT_FALSE(goldens.empty());
  for (const Json& golden : goldens) {
    const auto prompt = golden["prompt"].get<std::string>();
    const auto prompt_ids = golden["prompt_ids"].get<std::vector<TokenId>>();
    const auto text = golden["greedy_text"].get<std::string>();
    EXPECT_EQ(tokenizer->encode(prompt), prompt_ids);
    auto ids = prompt_ids;
    for (const Json& id : golden["greedy_ids"]) ids.push_back(id.get<TokenId>());
    EXPECT_EQ(tokenizer->decode(ids), text);

    StreamDecoder stream(tokenizer);
    stream.prime(prompt_ids);
    std::string streamed = prompt;
    for (const Json& id : golden["greedy_ids"]) streamed += stream.push(id.get<TokenId>());
    EXPECT_EQ(streamed + stream.flush(), text);
  }
}

}  // namespace
}  // namespace pangu
