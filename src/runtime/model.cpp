// SPDX-License-Identifier: Apache-2.0
#include "runtime/model.h"

#include <algorithm>
#include <set>
#include <utility>

#include "io/checkpoint.h"

namespace pangu {
namespace {

std::string special_text(const Tokenizer& tokenizer, std::optional<TokenId> id) {
  return id ? tokenizer.piece(*id) : std::string();
}

/// Ids past the embedding would read weights that do not exist.
void check_vocabulary(const std::filesystem::path& folder, const ModelConfig& config,
                      const Tokenizer& tokenizer) {
  if (tokenizer.vocab_size() > config.vocab_size) {
    fail<ConfigError>(
        "[load] {}: the tokenizer has {} tokens, but config.json says vocab_size {}: the embedding "
        "has no rows for the last {}. Do tokenizer and model belong together?",
        folder.string(), tokenizer.vocab_size(), config.vocab_size,
        tokenizer.vocab_size() - config.vocab_size);
  }
}

/// Anything but a folder is refused by name, before a reader stumbles over its bytes.
void check_is_folder(const std::filesystem::path& path) {
  if (std::filesystem::is_directory(path)) return;
  if (!std::filesystem::exists(path)) {
    fail<FileError>("[load] there is no '{}'. A Hugging Face folder was expected. Check the path.",
                    path.string());
  }
  fail<Unsupported>(
      "[load] {} is a file. A model is loaded from a Hugging Face folder (config.json, "
      "safetensors, "
      "tokenizer). Give the folder.",
      path.string());
}

/// Whether a folder holds any file that a tokenizer could be read from.
bool has_tokenizer(const std::filesystem::path& folder) {
  return std::filesystem::exists(folder / "tokenizer.json") ||
         std::filesystem::exists(folder / "tokenizer.model");
}

}  // namespace

ChatTemplate Model::chat_template() const {
  if (!tokenizer || tokenizer->chat_template().empty()) {
    fail<ConfigError>(
        "[chat] {} has no chat template (tokenizer_config.json, chat_template). Use a model made "
        "for chat, or give a plain prompt with -p.",
        path.string());
  }
  return ChatTemplate::parse(tokenizer->chat_template(),
                             {.bos_token = special_text(*tokenizer, tokenizer->bos_id()),
                              .eos_token = special_text(*tokenizer, tokenizer->eos_id()),
                              .unk_token = special_text(*tokenizer, tokenizer->unk_id()),
                              .pad_token = special_text(*tokenizer, tokenizer->pad_id()),
                              .origin = "the chat template of " + path.string()});
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

Model load_model(const std::filesystem::path& folder, const LoadModelOptions& options,
                 Context& ctx) {
  check_is_folder(folder);
  const ModelConfig config = read_model_config(folder);
  Model model{.path = folder,
              .generation = read_generation_config(folder),
              .tokenizer = nullptr,
              .decoder = nullptr};
  if (options.need_tokenizer || has_tokenizer(folder)) {
    model.tokenizer = load_tokenizer(folder);
    check_vocabulary(folder, config, *model.tokenizer);
  }
  if (options.need_chat_template) model.chat_template();
  const Checkpoint checkpoint = Checkpoint::open(folder);
  const auto source = checkpoint_source(checkpoint, config.quantization);
  model.decoder = std::make_unique<Decoder>(load_decoder(
      config, *source, {.formats = options.formats, .progress = options.progress}, ctx));
  return model;
}

}  // namespace pangu
