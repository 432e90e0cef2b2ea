// SPDX-License-Identifier: Apache-2.0
#include "runtime/model.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "base/error.h"
#include "base/log.h"
#include "checkpoint/model_tokenizer.h"
#include "text/chat/tokenizer_chat_template.h"
#include "text/tokenizer/same_tokens.h"

namespace pangu {
namespace {

/// The tokenizer, where one is there or must be. One that is not needed stops nobody.
std::shared_ptr<const Tokenizer> load_model_tokenizer(const ModelFiles& files, bool is_needed) {
  try {
    auto tokenizer = find_tokenizer(files);
    // Says which files were looked for.
    if (!tokenizer && is_needed) return load_tokenizer(files.path);
    if (tokenizer) check_vocabulary(files, *tokenizer);
    return tokenizer;
  } catch (const Error& error) {
    if (is_needed) throw;
    log::warning("{} It is left out, since it is not needed here.", error.what());
    return nullptr;
  }
}

int64_t known_ids(const Tokenizer* tokenizer, int64_t rows) {
  return tokenizer ? std::min<int64_t>(tokenizer->vocab_size(), rows) : rows;
}

/// A model as far as it is known without its weights.
Model open_model(const ModelFiles& files, const LoadModelOptions& options) {
  Model model{.path = files.path,
              .generation = files.generation,
              .tokenizer = load_model_tokenizer(files, options.need_tokenizer),
              .network = nullptr};
  if (options.need_chat_template) model.chat_template();
  return model;
}

}  // namespace

std::optional<std::string> vocabulary_difference(const Vocabulary& a, const std::string& a_name,
                                                 const Vocabulary& b, const std::string& b_name) {
  if (a.size != b.size) {
    return fmt::format("{} knows {} tokens, {} {}", a_name, a.size, b_name, b.size);
  }
  if (!a.tokenizer || !b.tokenizer) return std::nullopt;
  return text::token_difference(*a.tokenizer, a_name, *b.tokenizer, b_name,
                                static_cast<TokenId>(a.size));
}

int64_t Model::known_ids() const {
  return pangu::known_ids(tokenizer.get(), config().vocab_size);
}

ChatTemplate Model::chat_template() const {
  if (!tokenizer) {
    fail<ConfigError>(
        "[chat] {} has no tokenizer, and so no chat template. Use a model made for chat.",
        path.string());
  }
  return chat_template_of(*tokenizer, path);
}

std::vector<TokenId> Model::eos_ids() const {
  std::set<TokenId> ids(generation.eos_token_ids.begin(), generation.eos_token_ids.end());
  ids.insert(config().eos_token_ids.begin(), config().eos_token_ids.end());
  if (tokenizer && tokenizer->eos_id()) ids.insert(*tokenizer->eos_id());
  return {ids.begin(), ids.end()};
}

SamplingOptions Model::default_sampling() const {
  SamplingOptions s;
  s.temperature = generation.do_sample ? static_cast<float>(generation.temperature) : 0.0f;
  s.top_k = static_cast<int>(generation.top_k);
  s.top_p = static_cast<float>(generation.top_p);
  s.min_p = static_cast<float>(generation.min_p);
  s.repetition_penalty = static_cast<float>(generation.repetition_penalty);
  return s;
}

Vocabulary check_model(const std::filesystem::path& path, const LoadModelOptions& options) {
  const ModelFiles files = ModelFiles::open(path);
  const Model model = open_model(files, options);
  return {model.path, model.tokenizer, known_ids(model.tokenizer.get(), files.config.vocab_size)};
}

Model load_model(const std::filesystem::path& path, const LoadModelOptions& options, Context& ctx) {
  const ModelFiles files = ModelFiles::open(path);
  Model model = open_model(files, options);
  model.formats = options.formats;
  model.network = load_language_model(
      files.config, *files.source, {.formats = options.formats, .progress = options.progress}, ctx);
  return model;
}

}  // namespace pangu
