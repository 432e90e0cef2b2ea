// SPDX-License-Identifier: Apache-2.0
// Putting a tokenizer.json together: stages, model, added tokens, post-processor.
#include "text/huggingface/tokenizer_json.h"

#include <unordered_map>
#include <utility>

#include "base/clipped.h"
#include "base/error.h"
#include "text/huggingface/staged_tokenizer.h"
#include "text/huggingface/tokenizer_json_models.h"

namespace pangu::text {
namespace {

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
    for (std::size_t i = 0; i < list->size(); ++i) {
      const JsonObject token = json.get_element("added_tokens", i);
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
          json.file(), clipped(token.content), it->second, token.id);
    }
  }
}

// A template puts its tokens around every text; those in use have one or two.
constexpr std::size_t kMaxTemplateTokens = 64;

/// The ids that the template of a TemplateProcessing puts before and after one text.
void read_template(const JsonObject& json, TokenizerParts& parts) {
  bool before = true;
  for_each_component(json, "single", [&](const JsonObject& item) {
    if (item.contains("Sequence")) {
      if (!before) json.reject("single", "a template with one sequence");
      before = false;
      return;
    }
    const std::string& name = item.get_object("SpecialToken").get_string("id");
    const JsonObject token = json.get_object("special_tokens").get_object(name);
    for (const auto id : token.get_ints("ids", 0, Vocabulary::kMaxTokens - 1)) {
      (before ? parts.prefix : parts.suffix).push_back(static_cast<TokenId>(id));
    }
    if (parts.prefix.size() + parts.suffix.size() > kMaxTemplateTokens) {
      fail<Unsupported>(
          "[tokenizer] {}: the template of the post_processor puts more than {} tokens around a "
          "text. No tokenizer in use comes near that; is the file damaged?",
          json.file(), kMaxTemplateTokens);
    }
  });
  if (before) json.reject("single", "a template with one sequence");
}

void read_post_processor(const JsonObject& json, TokenizerParts& parts) {
  const std::string& type = json.get_string("type");
  if (type == "Sequence") {
    for_each_component(json, "processors",
                       [&](const JsonObject& part) { read_post_processor(part, parts); });
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
  const std::string type = model.get_string_or("type", "BPE");
  if (type != "BPE" && type != "Unigram") refuse_component(model, "model");
  const DecoderFacts facts =
      json.contains("decoder") ? read_decoder(json.get_object("decoder")) : DecoderFacts{};
  TextStages stages;
  if (json.contains("normalizer")) {
    stages.normalizer = read_normalizer(json.get_object("normalizer"));
  }
  if (json.contains("pre_tokenizer")) {
    stages.pre_tokenizer = read_pre_tokenizer(json.get_object("pre_tokenizer"));
  }
  TokenizerParts parts(json.file());
  // Added tokens come behind those of the model, and what surrounds a text after both.
  const auto read_rest = [&](std::optional<TokenId> unk) {
    parts.unk = unk;
    read_added(json, config, parts);
    if (json.contains("post_processor")) {
      read_post_processor(json.get_object("post_processor"), parts);
    }
    apply_config(config, parts);
    parts.leading_space = facts.leading_space;
  };
  if (type == "Unigram") {
    const UnigramParts unigram = read_unigram_model(model, facts, parts.vocabulary);
    read_rest(unigram.unk_id);
    parts.kind = "Unigram";
    return make_unigram_tokenizer(std::move(parts), std::move(stages), unigram);
  }
  const BpeParts bpe = read_bpe_model(model, facts, parts.vocabulary);
  read_rest(bpe.options.unk_id);
  parts.kind = facts.byte_level ? "byte-level BPE" : "BPE";
  return make_bpe_tokenizer(std::move(parts), std::move(stages), bpe);
}

}  // namespace pangu::text
