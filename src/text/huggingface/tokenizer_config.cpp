// SPDX-License-Identifier: Apache-2.0
#include "text/huggingface/tokenizer_config.h"

#include <algorithm>
#include <charconv>
#include <unordered_map>
#include <unordered_set>

#include "base/clipped.h"
#include "base/error.h"
#include "base/utf8.h"
#include "io/folder_links.h"
#include "io/mapped_file.h"

namespace pangu::text {
namespace {

namespace fs = std::filesystem;

/// A file that cannot be looked at counts as missing.
bool is_present(const fs::path& path) {
  std::error_code error;
  return fs::exists(path, error);
}

std::optional<Json> read_if_present(const fs::path& path) {
  if (!is_present(path)) return std::nullopt;
  return read_json(path);
}

/// A token named either by its text or by an AddedToken object.
std::optional<std::string> token_text(const JsonObject& json, std::string_view key) {
  const Json* value = json.find(key);
  if (!value) return std::nullopt;
  if (value->is_object()) return json.get_object(key).get_string("content");
  return json.get_string(key);
}

std::optional<bool> flag(const JsonObject& json, std::string_view key) {
  if (!json.contains(key)) return std::nullopt;
  return json.get_bool(key);
}

void read_token_names(const JsonObject& json, TokenizerConfig& config) {
  const auto take = [&](std::string_view key, std::optional<std::string>& into) {
    if (auto text = token_text(json, key)) into = std::move(text);
  };
  take("bos_token", config.bos);
  take("eos_token", config.eos);
  take("pad_token", config.pad);
  take("unk_token", config.unk);
  const Json* others = json.find("additional_special_tokens");
  if (!others) return;
  if (!others->is_array()) json.reject("additional_special_tokens", "an array of tokens");
  for (const Json& other : *others) {
    const Json& text = other.is_object() && other.contains("content") ? other["content"] : other;
    if (!text.is_string()) json.reject("additional_special_tokens", "an array of tokens");
    config.other_special.push_back(text.get<std::string>());
  }
}

TokenId parse_id(const std::string& text, const JsonObject& json) {
  TokenId id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc() || end != text.data() + text.size() || id < 0) {
    json.reject("added_tokens_decoder", "an object whose keys are token ids");
  }
  return id;
}

void read_added_decoder(const JsonObject& json, TokenizerConfig& config) {
  if (!json.contains("added_tokens_decoder")) return;
  const JsonObject decoder = json.get_object("added_tokens_decoder");
  for (const auto& [key, value] : decoder.json().items()) {
    const TokenId id = parse_id(key, json);
    config.added.push_back(read_added_token(decoder.get_object(key), id, false));
  }
}

/// A string, or a list of named templates of which "default" counts.
void read_template(const JsonObject& json, TokenizerConfig& config) {
  const Json* value = json.find("chat_template");
  if (!value) return;
  if (!value->is_array()) {
    config.chat_template = json.get_string("chat_template");
    return;
  }
  for (const Json& entry : *value) {
    const JsonObject named(json.file(), entry);
    if (named.get_string("name") == "default") config.chat_template = named.get_string("template");
  }
}

void read_config(const JsonObject& json, TokenizerConfig& config) {
  config.has_config = true;
  read_token_names(json, config);
  config.add_bos = flag(json, "add_bos_token");
  config.add_eos = flag(json, "add_eos_token");
  config.legacy = flag(json, "legacy");
  config.add_prefix_space = flag(json, "add_prefix_space");
  read_added_decoder(json, config);
  read_template(json, config);
}

/// added_tokens.json, the older list: it repeats, or completes, added_tokens_decoder.
void read_added_list(const JsonObject& json, TokenizerConfig& config) {
  std::unordered_map<std::string, TokenId> known;
  for (const AddedToken& token : config.added) known.emplace(token.content, token.id);
  for (const auto& [content, value] : json.json().items()) {
    const auto id = static_cast<TokenId>(json.get_int(content, 0, Vocabulary::kMaxTokens - 1));
    const auto it = known.find(content);
    if (it == known.end()) {
      AddedToken token;
      token.id = id;
      token.content = content;
      config.added.push_back(std::move(token));
    } else if (it->second != id) {
      fail<FileError>(
          "[tokenizer] {}: the token '{}' has id {}, but {} in tokenizer_config.json. "
          "Use the files that came with the model.",
          json.file(), clipped(content), id, it->second);
    }
  }
}

/// The tokens that have a role are special even where a file does not say so.
void mark_roles(TokenizerConfig& config) {
  std::unordered_set<std::string_view> special(config.other_special.begin(),
                                               config.other_special.end());
  for (const auto* role : {&config.bos, &config.eos, &config.pad, &config.unk}) {
    if (*role) special.insert(**role);
  }
  for (AddedToken& token : config.added) {
    if (special.contains(token.content)) token.special = true;
  }
}

}  // namespace

AddedToken read_added_token(const JsonObject& json, TokenId id, bool special) {
  AddedToken token;
  token.id = id;
  token.content = json.get_string("content");
  token.special = json.get_bool_or("special", special);
  token.lstrip = json.get_bool_or("lstrip", false);
  token.rstrip = json.get_bool_or("rstrip", false);
  token.single_word = json.get_bool_or("single_word", false);
  token.normalized = json.get_bool_or("normalized", !token.special);
  return token;
}

std::optional<TokenId> TokenizerConfig::id_of(const std::optional<std::string>& content,
                                              const Vocabulary& vocabulary) const {
  if (!content) return std::nullopt;
  if (const auto id = vocabulary.find(*content)) return id;
  fail<FileError>(
      "[tokenizer] {}: the special token '{}' is not in the vocabulary of {} tokens. Are "
      "all tokenizer files from the same model?",
      file, clipped(*content), vocabulary.size());
}

TokenizerConfig read_tokenizer_config(const fs::path& folder) {
  TokenizerConfig config;
  config.file = folder.string();
  const auto read = [&](const char* name, auto reader) {
    const fs::path path = folder / name;
    if (const auto json = read_if_present(path)) reader(JsonObject(path.string(), *json), config);
  };
  read("special_tokens_map.json", read_token_names);
  read("tokenizer_config.json", read_config);
  read("added_tokens.json", read_added_list);
  mark_roles(config);
  std::sort(config.added.begin(), config.added.end(),
            [](const AddedToken& a, const AddedToken& b) { return a.id < b.id; });
  if (const fs::path path = folder / "chat_template.jinja"; is_present(path)) {
    require_own_file(folder, path);
    const MappedFile file(path);
    config.chat_template.assign(reinterpret_cast<const char*>(file.data()), file.size());
    utf8::require_valid(config.chat_template, path.string());
  }
  return config;
}

}  // namespace pangu::text
