// SPDX-License-Identifier: Apache-2.0
#include "text/huggingface/tokenizer_hf_write.h"

#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "io/atomic_file.h"
#include "io/json.h"
#include "text/gguf/tokenizer_gguf.h"
#include "text/gguf/tokenizer_pre_kinds.h"

namespace pangu::text {
namespace {

namespace fs = std::filesystem;

struct Source {
  const GgufMetadata& gguf;
  std::shared_ptr<const Tokenizer> tokenizer;
  std::vector<std::int64_t> types;
  TokenId size;  ///< without padding at the end

  bool is_added(TokenId id) const { return tokenizer->ends_run(id); }
};

Source read_source(const GgufMetadata& gguf) {
  Source s{gguf, make_tokenizer_gguf(gguf), {}, 0};
  s.size = s.tokenizer->vocab_size();
  s.types.assign(static_cast<std::size_t>(s.size), gguf_type::kNormal);
  if (gguf.contains("tokenizer.ggml.token_type")) {
    s.types = gguf.get_ints("tokenizer.ggml.token_type", 0, gguf_type::kByte);
  }
  while (s.size > 1 && s.types[static_cast<std::size_t>(s.size) - 1] == gguf_type::kUnused &&
         s.tokenizer->piece(s.size - 1) == fmt::format("[PAD{}]", s.size - 1)) {
    --s.size;
  }
  return s;
}

/// The flags of an added token. GGUF says nothing but whether it is special.
Json flags(const Source& s, TokenId id) {
  return {{"content", s.tokenizer->piece(id)},
          {"special", s.types[static_cast<std::size_t>(id)] == gguf_type::kControl},
          {"lstrip", false},
          {"rstrip", false},
          {"single_word", false},
          {"normalized", false}};
}

bool puts(const Source& s, std::optional<TokenId> id, const EncodeOptions& options) {
  return id && s.tokenizer->encode("", options) == std::vector<TokenId>{*id};
}
bool puts_bos(const Source& s) {
  return puts(s, s.tokenizer->bos_id(), {.add_eos = false});
}
bool puts_eos(const Source& s) {
  return puts(s, s.tokenizer->eos_id(), {.add_bos = false});
}

Json tokenizer_config(const Source& s, const char* tokenizer_class) {
  const Tokenizer& t = *s.tokenizer;
  Json json{{"tokenizer_class", tokenizer_class},
            {"add_bos_token", puts_bos(s)},
            {"add_eos_token", puts_eos(s)},
            {"clean_up_tokenization_spaces", false}};
  const auto put = [&](const char* key, std::optional<TokenId> id) {
    if (id && *id < s.size) json[key] = t.piece(*id);
  };
  put("bos_token", t.bos_id());
  put("eos_token", t.eos_id());
  put("pad_token", t.pad_id());
  // Whoever names it makes it special.
  if (t.unk_id() && t.is_special(*t.unk_id())) put("unk_token", t.unk_id());
  Json added = Json::object();
  for (TokenId id = 0; id < s.size; ++id) {
    if (s.is_added(id)) added[std::to_string(id)] = flags(s, id);
  }
  json["added_tokens_decoder"] = std::move(added);
  // Without the list, a tokenizer.model's special tokens are part of the decoded text.
  Json hidden = Json::array();
  for (TokenId id = 0; id < s.size; ++id) {
    if (s.is_added(id) && t.is_special(id)) hidden.push_back(t.piece(id));
  }
  if (!hidden.empty()) json["additional_special_tokens"] = std::move(hidden);
  if (!t.chat_template().empty()) json["chat_template"] = t.chat_template();
  return json;
}

void write_sentencepiece(const Source& s, const fs::path& folder) {
  SentencePieceModel model = gguf_sentencepiece_model(s.gguf);
  model.pieces.resize(static_cast<std::size_t>(s.size));
  write_file_atomically(folder / "tokenizer.model", model.serialize());
  Json config = tokenizer_config(s, "LlamaTokenizer");
  const bool prefix_first = s.gguf.find_bool(kPrefixFirstKey).value_or(false);
  config["legacy"] = !prefix_first;
  config["add_prefix_space"] = prefix_first || model.add_dummy_prefix;
  write_json(folder / "tokenizer_config.json", config);
}

Json pre_tokenizer_json(const PreKind& kind) {
  Json steps = Json::array();
  for (const std::string_view pattern : kind.patterns) {
    steps.push_back({{"type", "Split"},
                     {"pattern", {{"Regex", pattern}}},
                     {"behavior", "Isolated"},
                     {"invert", false}});
  }
  steps.push_back({{"type", "ByteLevel"},
                   {"add_prefix_space", false},
                   {"trim_offsets", true},
                   {"use_regex", false}});
  return {{"type", "Sequence"}, {"pretokenizers", std::move(steps)}};
}

/// Puts bos and eos around a text and around each of a pair, where the tokenizer does.
Json post_processor_json(const Source& s) {
  const Tokenizer& t = *s.tokenizer;
  Json special = Json::object();
  const auto wrapped = [&](const char* sequence, int type_id) {
    Json part = Json::array();
    const auto add = [&](TokenId id) {
      const std::string& name = t.piece(id);
      part.push_back({{"SpecialToken", {{"id", name}, {"type_id", type_id}}}});
      special[name] = {{"id", name}, {"ids", {id}}, {"tokens", {name}}};
    };
    if (puts_bos(s)) add(*t.bos_id());
    part.push_back({{"Sequence", {{"id", sequence}, {"type_id", type_id}}}});
    if (puts_eos(s)) add(*t.eos_id());
    return part;
  };
  const Json single = wrapped("A", 0);
  Json pair = single;
  for (const Json& part : wrapped("B", 1)) pair.push_back(part);
  if (special.empty()) return {{"type", "ByteLevel"}, {"trim_offsets", true}};
  return {{"type", "TemplateProcessing"},
          {"single", single},
          {"pair", std::move(pair)},
          {"special_tokens", std::move(special)}};
}

Json tokenizer_json(const Source& s) {
  const PreKind& kind =
      *find_pre_kind(s.gguf.find_string("tokenizer.ggml.pre").value_or("default"));
  Json added = Json::array();
  Json vocabulary = Json::object();
  for (TokenId id = 0; id < s.size; ++id) {
    if (s.tokenizer->piece(id).empty()) continue;  // an id that no token has
    if (!s.is_added(id)) {
      vocabulary[s.tokenizer->piece(id)] = id;
    } else {
      added.push_back(flags(s, id));
      added.back()["id"] = id;
    }
  }
  Json model{{"type", "BPE"},
             {"dropout", nullptr},
             {"unk_token", nullptr},
             {"byte_fallback", false},
             {"fuse_unk", false},
             {"ignore_merges", kind.ignore_merges},
             {"vocab", std::move(vocabulary)},
             {"merges", s.gguf.get_strings("tokenizer.ggml.merges")}};
  Json normalizer;
  if (kind.nfc) normalizer = {{"type", "NFC"}};
  return {{"version", "1.0"},
          {"truncation", nullptr},
          {"padding", nullptr},
          {"added_tokens", std::move(added)},
          {"normalizer", std::move(normalizer)},
          {"pre_tokenizer", pre_tokenizer_json(kind)},
          {"post_processor", post_processor_json(s)},
          {"decoder",
           {{"type", "ByteLevel"},
            {"add_prefix_space", true},
            {"trim_offsets", true},
            {"use_regex", true}}},
          {"model", std::move(model)}};
}

}  // namespace

void write_hf_tokenizer(const GgufMetadata& gguf, const fs::path& folder) {
  const Source s = read_source(gguf);
  if (gguf.get_string("tokenizer.ggml.model") == "llama") return write_sentencepiece(s, folder);
  write_json(folder / "tokenizer.json", tokenizer_json(s));
  write_json(folder / "tokenizer_config.json", tokenizer_config(s, "PreTrainedTokenizerFast"));
}

}  // namespace pangu::text
