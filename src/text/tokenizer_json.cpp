// SPDX-License-Identifier: Apache-2.0
// Putting a tokenizer.json together: vocabulary, added tokens, model, post-processor.
#include "text/tokenizer_json.h"

#include <charconv>
#include <unordered_map>
#include <utility>

#include "base/error.h"
#include "text/bpe_byte_level.h"
#include "text/bpe_tokenizer.h"

namespace pangu::text {
namespace {

/// "<0x0A>" as the byte it names.
std::optional<char> byte_of(std::string_view piece) {
  if (piece.size() != 6 || !piece.starts_with("<0x") || piece.back() != '>') return std::nullopt;
  unsigned value = 0;
  const auto [end, error] = std::from_chars(piece.data() + 3, piece.data() + 5, value, 16);
  if (error != std::errc() || end != piece.data() + 5) return std::nullopt;
  return static_cast<char>(value);
}

std::string decoded(const std::string& piece, const DecoderFacts& facts) {
  if (facts.byte_level) return from_byte_level(piece);
  std::string text = piece;
  for (const auto& [from, to] : facts.replacements) {
    for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
      text.replace(at, from.size(), to);
    }
  }
  if (facts.byte_fallback) {
    if (const auto byte = byte_of(text)) return {*byte};
  }
  return text;
}

void read_vocabulary(const JsonObject& model, const DecoderFacts& facts, Vocabulary& vocabulary) {
  const JsonObject pieces = model.get_object("vocab");
  vocabulary.reserve(pieces.json().size());
  for (const auto& [piece, value] : pieces.json().items()) {
    const auto id = pieces.get_int(piece, 0, Vocabulary::kMaxTokens - 1);
    vocabulary.put(static_cast<TokenId>(id), piece, decoded(piece, facts));
  }
}

/// Added tokens repeat a token of the model's vocabulary, or extend it.
void put_added(const AddedToken& token, TokenizerParts& parts) {
  Vocabulary& vocabulary = parts.vocabulary;
  const auto known = vocabulary.find(token.content);
  if (known && *known == token.id) {
    vocabulary.set_bytes(token.id, token.content);
  } else {
    vocabulary.put(token.id, token.content, token.content);
  }
  if (token.special) parts.special.push_back(token.id);
  parts.added.push_back(token);
}

void read_added(const JsonObject& json, const TokenizerConfig& config, TokenizerParts& parts) {
  if (const Json* list = json.find("added_tokens")) {
    if (!list->is_array()) json.reject("added_tokens", "an array of tokens");
    for (const Json& element : *list) {
      const JsonObject token(json.file(), element);
      const auto id = token.get_int("id", 0, Vocabulary::kMaxTokens - 1);
      put_added(read_added_token(token, static_cast<TokenId>(id), false), parts);
    }
  }
  // Files that were edited by hand list some tokens in tokenizer_config.json alone.
  std::unordered_map<std::string, TokenId> known;
  for (const AddedToken& token : parts.added) known.emplace(token.content, token.id);
  for (const AddedToken& token : config.added) {
    const auto it = known.find(token.content);
    if (it == known.end()) {
      put_added(token, parts);
    } else if (it->second != token.id) {
      fail<FileError>(
          "[tokenizer] {}: the token '{}' has id {}, but {} in the files beside it. Use "
          "the files that came with the model.",
          json.file(), token.content, it->second, token.id);
    }
  }
}

/// Merges are written "a b" or, where pieces may hold spaces, ["a", "b"].
std::vector<BpeModel::Merge> read_merges(const JsonObject& model) {
  const Json* list = model.find("merges");
  if (!list || !list->is_array()) model.reject("merges", "an array of merges");
  std::vector<BpeModel::Merge> merges;
  merges.reserve(list->size());
  for (const Json& entry : *list) {
    if (entry.is_array() && entry.size() == 2 && entry[0].is_string() && entry[1].is_string()) {
      merges.emplace_back(entry[0].get_ref<const std::string&>(),
                          entry[1].get_ref<const std::string&>());
      continue;
    }
    const std::string_view text =
        entry.is_string() ? std::string_view(entry.get_ref<const std::string&>()) : "";
    const std::size_t space = text.find(' ');
    if (space == std::string_view::npos || text.find(' ', space + 1) != std::string_view::npos) {
      fail<ConfigError>(
          "[tokenizer] {}: merge {} is {}; two pieces, as \"a b\" or [\"a\", \"b\"], "
          "were expected. Use the file that came with the model.",
          model.file(), merges.size(), describe(entry));
    }
    merges.emplace_back(text.substr(0, space), text.substr(space + 1));
  }
  return merges;
}

BpeOptions read_options(const JsonObject& model, const Vocabulary& vocabulary) {
  for (const char* key : {"continuing_subword_prefix", "end_of_word_suffix"}) {
    if (!model.get_string_or(key, "").empty()) {
      fail<Unsupported>("[tokenizer] {}: the BPE model has {} \"{}\", which is not supported.",
                        model.file(), key, model.get_string(key));
    }
  }
  if (model.get_number_or("dropout", 0, 0, 1) != 0) {
    fail<Unsupported>(
        "[tokenizer] {}: the BPE model has dropout {}, which makes ids random; it is "
        "for training only. Set it to null.",
        model.file(), model.get_number("dropout", 0, 1));
  }
  BpeOptions options;
  if (model.contains("unk_token")) {
    options.unk_id = vocabulary.find(model.get_string("unk_token"));
    if (!options.unk_id) model.reject("unk_token", "a token of the vocabulary");
  }
  options.fuse_unk = model.get_bool_or("fuse_unk", false);
  options.byte_fallback = model.get_bool_or("byte_fallback", false);
  options.ignore_merges = model.get_bool_or("ignore_merges", false);
  return options;
}

/// The ids that the template of a TemplateProcessing puts before and after one text.
void read_template(const JsonObject& json, TokenizerParts& parts) {
  const Json* single = json.find("single");
  if (!single || !single->is_array()) json.reject("single", "an array");
  bool before = true;
  for (const Json& element : *single) {
    const JsonObject item(json.file(), element);
    if (item.contains("Sequence")) {
      if (!before) json.reject("single", "a template with one sequence");
      before = false;
      continue;
    }
    const std::string& name = item.get_object("SpecialToken").get_string("id");
    const JsonObject token = json.get_object("special_tokens").get_object(name);
    for (const auto id : token.get_ints("ids", 0, Vocabulary::kMaxTokens - 1)) {
      (before ? parts.prefix : parts.suffix).push_back(static_cast<TokenId>(id));
    }
  }
  if (before) json.reject("single", "a template with one sequence");
}

void read_post_processor(const JsonObject& json, TokenizerParts& parts) {
  const std::string& type = json.get_string("type");
  if (type == "Sequence") {
    const Json* list = json.find("processors");
    if (!list || !list->is_array()) json.reject("processors", "an array of components");
    for (const Json& element : *list) {
      read_post_processor(JsonObject(json.file(), element), parts);
    }
  } else if (type == "TemplateProcessing") {
    if (!parts.prefix.empty() || !parts.suffix.empty()) {
      refuse_component(json, "post_processor", "a second template");
    }
    read_template(json, parts);
  } else if (type != "ByteLevel") {  // which only moves offsets
    refuse_component(json, "post_processor");
  }
}

/// tokenizer_config.json has the last word about bos and eos where it speaks of them.
void apply_config(const TokenizerConfig& config, TokenizerParts& parts) {
  parts.bos = config.id_of(config.bos, parts.vocabulary);
  parts.eos = config.id_of(config.eos, parts.vocabulary);
  parts.pad = config.id_of(config.pad, parts.vocabulary);
  if (const auto unk = config.id_of(config.unk, parts.vocabulary)) parts.unk = unk;
  const auto apply = [](std::optional<bool> wanted, std::optional<TokenId> id,
                        std::vector<TokenId>& ids) {
    if (!wanted) return;
    if (!*wanted) ids.clear();
    if (*wanted && ids.empty() && id) ids.push_back(*id);
  };
  apply(config.add_bos, parts.bos, parts.prefix);
  apply(config.add_eos, parts.eos, parts.suffix);
  // Without that file, a template that puts exactly one token says which it is.
  if (!parts.bos && parts.prefix.size() == 1) parts.bos = parts.prefix.front();
  if (!parts.eos && parts.suffix.size() == 1) parts.eos = parts.suffix.front();
  parts.chat_template = config.chat_template;
}

}  // namespace

std::shared_ptr<const Tokenizer> make_tokenizer_json(const JsonObject& json,
                                                     const TokenizerConfig& config) {
  const JsonObject model = json.get_object("model");
  if (model.get_string_or("type", "BPE") != "BPE") refuse_component(model, "model");
  const DecoderFacts facts =
      json.contains("decoder") ? read_decoder(json.get_object("decoder")) : DecoderFacts{};

  TokenizerParts parts(json.file());
  read_vocabulary(model, facts, parts.vocabulary);
  BpeStages stages;
  stages.options = read_options(model, parts.vocabulary);
  parts.unk = stages.options.unk_id;
  read_added(json, config, parts);
  stages.merges = read_merges(model);
  if (json.contains("normalizer")) {
    stages.normalizer = read_normalizer(json.get_object("normalizer"));
  }
  if (json.contains("pre_tokenizer")) {
    stages.pre_tokenizer = read_pre_tokenizer(json.get_object("pre_tokenizer"));
  }
  if (json.contains("post_processor")) {
    read_post_processor(json.get_object("post_processor"), parts);
  }
  apply_config(config, parts);
  parts.leading_space = facts.leading_space;
  parts.kind = facts.byte_level ? "byte-level BPE" : "BPE";
  return make_bpe_tokenizer(std::move(parts), std::move(stages));
}

}  // namespace pangu::text
