// SPDX-License-Identifier: Apache-2.0
#include "text/gguf/tokenizer_gguf.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "base/clipped.h"
#include "base/error.h"
#include "base/log.h"
#include "base/utf8.h"
#include "text/bpe/bpe_byte_level.h"
#include "text/gguf/tokenizer_pre_kinds.h"
#include "text/huggingface/staged_tokenizer.h"
#include "text/sentencepiece/sentencepiece_charsmap.h"
#include "text/sentencepiece/sentencepiece_tokenizer.h"

namespace pangu::text {
namespace {

const PreKind& required_pre_kind(const GgufMetadata& gguf) {
  const auto stated = gguf.find_string("tokenizer.ggml.pre");
  if (!stated) {
    log::warning(
        "[tokenizer] {} does not say how text is cut into words (tokenizer.ggml.pre): 'default' is "
        "taken. If the model was trained with another way, its replies are worse than they should "
        "be. Convert the model again with a converter of today, or use its Hugging Face folder.",
        gguf.file());
  }
  const std::string_view name = stated.value_or("default");
  if (const PreKind* kind = find_pre_kind(name)) return *kind;
  std::string known;
  for (const PreKind& kind : pre_kinds()) known += fmt::format(" {}", kind.name);
  fail<Unsupported>(
      "[tokenizer] {}: the pre-tokenizer '{}' (tokenizer.ggml.pre) is not supported. "
      "Known:{}. Use the model's Hugging Face folder.",
      gguf.file(), clipped(name), known);
}

/// The arrays that belong together, checked for size and content.
struct GgufVocabulary {
  std::vector<std::string_view> tokens;
  std::vector<std::int64_t> types;
};

GgufVocabulary read_vocabulary(const GgufMetadata& gguf) {
  GgufVocabulary v;
  v.tokens = gguf.get_strings("tokenizer.ggml.tokens");
  v.types.assign(v.tokens.size(), gguf_type::kNormal);
  if (gguf.contains("tokenizer.ggml.token_type")) {
    v.types = gguf.get_ints("tokenizer.ggml.token_type", 0, gguf_type::kByte);
  }
  if (v.types.size() != v.tokens.size()) {
    fail<FileError>(
        "[tokenizer] {}: {} tokens but {} token types. As many were expected; convert the "
        "model again.",
        gguf.file(), v.tokens.size(), v.types.size());
  }
  for (std::size_t id = 0; id < v.tokens.size(); ++id) {
    if (utf8::find_invalid(v.tokens[id]) != utf8::npos) {
      fail<FileError>(
          "[tokenizer] {}: token {} ('{}') is not valid UTF-8. Convert the model again.",
          gguf.file(), id, clipped(v.tokens[id]));
    }
  }
  return v;
}

/// Control tokens are special; user-defined ones are cut out of the text like them.
void read_added(const GgufMetadata& gguf, const GgufVocabulary& v, TokenizerParts& parts) {
  std::set<std::int64_t> shown;
  if (gguf.contains(kShownSpecialKey)) {
    const auto ids = gguf.get_ints(kShownSpecialKey, 0, std::ssize(v.tokens) - 1);
    shown.insert(ids.begin(), ids.end());
  }
  for (std::size_t id = 0; id < v.tokens.size(); ++id) {
    if (v.types[id] != gguf_type::kControl && v.types[id] != gguf_type::kUserDefined) continue;
    if (v.tokens[id].empty()) continue;
    AddedToken token;
    token.id = static_cast<TokenId>(id);
    token.content = v.tokens[id];
    token.special = v.types[id] == gguf_type::kControl;
    if (token.special && !shown.contains(token.id)) parts.special.push_back(token.id);
    parts.added.push_back(std::move(token));
  }
}

std::optional<TokenId> read_id(const GgufMetadata& gguf, std::string_view key, std::int64_t last) {
  // Converters write -1, or its unsigned form, for "none".
  const auto found = gguf.find_int(key, -1, UINT32_MAX);
  if (!found || *found == -1 || *found == UINT32_MAX) return std::nullopt;
  return static_cast<TokenId>(gguf.get_int(key, 0, last));
}

void read_roles(const GgufMetadata& gguf, std::size_t tokens, bool add_bos, TokenizerParts& parts) {
  const auto id = [&](const char* key) {
    return read_id(gguf, key, static_cast<std::int64_t>(tokens) - 1);
  };
  parts.bos = id("tokenizer.ggml.bos_token_id");
  parts.eos = id("tokenizer.ggml.eos_token_id");
  parts.pad = id("tokenizer.ggml.padding_token_id");
  parts.unk = id("tokenizer.ggml.unknown_token_id");
  const bool with_bos = gguf.find_bool("tokenizer.ggml.add_bos_token").value_or(add_bos);
  const bool with_eos = gguf.find_bool("tokenizer.ggml.add_eos_token").value_or(false);
  if (with_bos && parts.bos) parts.prefix = {*parts.bos};
  if (with_eos && parts.eos) parts.suffix = {*parts.eos};
  parts.chat_template = gguf.find_string("tokenizer.chat_template").value_or("");
}

std::shared_ptr<const Tokenizer> make_byte_level(const GgufMetadata& gguf) {
  const PreKind& kind = required_pre_kind(gguf);
  const GgufVocabulary v = read_vocabulary(gguf);
  TokenizerParts parts(gguf.file());
  read_added(gguf, v, parts);
  read_roles(gguf, v.tokens.size(), kind.add_bos, parts);
  parts.kind = "byte-level BPE";
  parts.vocabulary.reserve(v.tokens.size());
  for (std::size_t id = 0; id < v.tokens.size(); ++id) {
    if (v.tokens[id].empty()) continue;  // an id that no token has
    const bool added = v.types[id] == gguf_type::kControl || v.types[id] == gguf_type::kUserDefined;
    parts.vocabulary.put(static_cast<TokenId>(id), v.tokens[id],
                         added ? std::string(v.tokens[id]) : from_byte_level(v.tokens[id]));
  }
  TextStages stages;
  BpeParts bpe;
  bpe.options.ignore_merges = kind.ignore_merges;
  for (const std::string_view merge : gguf.get_strings("tokenizer.ggml.merges")) {
    // A piece has at least one character, and in this alphabet none is a space.
    const std::size_t space = merge.find(' ', 1);
    if (space == std::string_view::npos) {
      fail<FileError>(
          "[tokenizer] {}: the merge '{}' is not two pieces with a space between. Convert "
          "the model again.",
          gguf.file(), clipped(merge));
    }
    bpe.merges.emplace_back(merge.substr(0, space), merge.substr(space + 1));
  }
  if (kind.nfc) stages.normalizer.emplace_back(UnicodeStep{NormalForm::kNfc});
  for (const std::string_view pattern : kind.patterns) {
    stages.pre_tokenizer.emplace_back(
        SplitStep{Regex(pattern, gguf.file()), SplitBehavior::kIsolated, false});
  }
  stages.pre_tokenizer.emplace_back(ByteLevelStep{});
  return make_bpe_tokenizer(std::move(parts), std::move(stages), bpe);
}

/// The token that stands for unknown text, or the number of tokens if none can. A model has one;
/// some converters give its type to all rows that pad the vocabulary too, and list the token itself
/// among the special ones.
std::size_t unknown_token(const GgufMetadata& gguf, const GgufVocabulary& v) {
  const auto can_be = [&](std::size_t id) {
    return v.types[id] == gguf_type::kUnknown || v.types[id] == gguf_type::kControl;
  };
  const std::int64_t last = std::ssize(v.tokens) - 1;
  const auto named = read_id(gguf, "tokenizer.ggml.unknown_token_id", last);
  if (named && can_be(static_cast<std::size_t>(*named))) return static_cast<std::size_t>(*named);
  const auto usual = static_cast<std::size_t>(
      std::ranges::find(v.tokens, std::string_view("<unk>")) - v.tokens.begin());
  if (usual < v.tokens.size() && can_be(usual)) return usual;
  const auto first = std::ranges::find(v.types, gguf_type::kUnknown) - v.types.begin();
  if (first <= last) return static_cast<std::size_t>(first);
  return last >= 0 && can_be(0) ? 0 : v.tokens.size();
}

SentencePieceModel make_model(const GgufMetadata& gguf, const GgufVocabulary& v) {
  using PieceType = SentencePieceModel::Type;
  const std::vector<float> scores = gguf.get_floats("tokenizer.ggml.scores");
  if (scores.size() != v.tokens.size()) {
    fail<FileError>(
        "[tokenizer] {}: {} tokens but {} scores. As many were expected; convert the "
        "model again.",
        gguf.file(), v.tokens.size(), scores.size());
  }
  const std::size_t unk = unknown_token(gguf, v);
  SentencePieceModel model;
  for (std::size_t id = 0; id < v.tokens.size(); ++id) {
    if (v.tokens[id].empty()) {
      fail<FileError>("[tokenizer] {}: token {} is empty. Convert the model again.", gguf.file(),
                      id);
    }
    auto type = static_cast<PieceType>(v.types[id]);
    // Rows that pad the vocabulary: 0 stands for "undefined", and only one token is the unknown
    // one.
    if (v.types[id] == 0 || v.types[id] == gguf_type::kUnknown) type = PieceType::kUnused;
    if (id == unk) type = PieceType::kUnknown;
    model.pieces.push_back({v.tokens[id], scores[id], type});
  }
  model.add_dummy_prefix = gguf.find_bool("tokenizer.ggml.add_space_prefix").value_or(true);
  model.remove_extra_whitespaces =
      gguf.find_bool("tokenizer.ggml.remove_extra_whitespaces").value_or(false);
  if (gguf.contains("tokenizer.ggml.precompiled_charsmap")) {
    model.charsmap = gguf.get_bytes("tokenizer.ggml.precompiled_charsmap");
    check_charsmap(model.charsmap, gguf.file());
  }
  model.set_bpe_specs(std::ranges::find(v.types, gguf_type::kByte) != v.types.end());
  return model;
}

std::shared_ptr<const Tokenizer> make_llama(const GgufMetadata& gguf) {
  const GgufVocabulary v = read_vocabulary(gguf);
  SentencePieceModel model = make_model(gguf, v);
  TokenizerParts parts(gguf.file());
  read_added(gguf, v, parts);
  fill_vocabulary(model, parts);
  read_roles(gguf, v.tokens.size(), true, parts);
  const std::size_t unk = unknown_token(gguf, v);
  if (!parts.unk && unk < v.tokens.size()) parts.unk = static_cast<TokenId>(unk);
  const bool prefix_first = gguf.find_bool(kPrefixFirstKey).value_or(false);
  return make_sentencepiece(std::move(model), std::move(parts), prefix_first);
}

}  // namespace

SentencePieceModel gguf_sentencepiece_model(const GgufMetadata& gguf) {
  return make_model(gguf, read_vocabulary(gguf));
}

std::shared_ptr<const Tokenizer> make_tokenizer_gguf(const GgufMetadata& gguf) {
  const std::string_view model = gguf.get_string("tokenizer.ggml.model");
  if (model == "gpt2") return make_byte_level(gguf);
  if (model == "llama") return make_llama(gguf);
  fail<Unsupported>(
      "[tokenizer] {}: the tokenizer model '{}' (tokenizer.ggml.model) is not "
      "supported; 'gpt2' and 'llama' are. Use the model's Hugging Face folder.",
      gguf.file(), clipped(model));
}

}  // namespace pangu::text
