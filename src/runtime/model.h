// SPDX-License-Identifier: Apache-2.0
// A model with everything that came with it: weights, tokenizer, chat template, sampling defaults.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "models/config/generation_config.h"
#include "models/model_files.h"
#include "models/weights/load.h"
#include "pangu/sampling.h"
#include "pangu/tokenizer.h"
#include "text/chat/chat_template.h"

namespace pangu {

struct LoadModelOptions {
  WeightFormats formats;  ///< of the weights in memory; by default as they are stored
  ProgressFn progress;
  bool need_tokenizer = true;       ///< whether a folder without a tokenizer is refused
  bool need_chat_template = false;  ///< whether one without a chat template is, too
};

/// The tokens that a model knows.
struct Vocabulary {
  std::filesystem::path model;
  std::shared_ptr<const Tokenizer> tokenizer;  ///< null if there is none
  std::int64_t size = 0;                       ///< Model::known_ids()
};

/// What differs between the tokens of two models, which the text calls by these names; nothing
/// where they are the same. Where either has no tokenizer their number is all that is looked at.
std::optional<std::string> vocabulary_difference(const Vocabulary& a, const std::string& a_name,
                                                 const Vocabulary& b, const std::string& b_name);

struct Model {
  std::filesystem::path path;
  WeightFormats formats;  ///< of the weights in memory, as they were asked for
  GenerationConfig generation;
  std::shared_ptr<const Tokenizer> tokenizer;  ///< null if there is none and none is needed
  std::unique_ptr<LanguageModel> network;

  const ModelConfig& config() const { return network->config(); }
  /// Rows of the output head that are tokens; some models pad it, and padding is never drawn.
  int64_t known_ids() const;
  Vocabulary vocabulary() const { return {path, tokenizer, known_ids()}; }
  /// Parsed when it is asked for: a template that is not understood stops nobody who does not chat.
  /// Throws ConfigError if the model has none.
  ChatTemplate chat_template() const;
  /// Ids that end a reply, from all files that name some, ascending.
  std::vector<TokenId> eos_ids() const;
  /// Sampling as the model's authors advise; greedy where they say nothing.
  SamplingOptions default_sampling() const;
};

/// What load_model() checks before it reads weights, for commands that need several models one
/// after another: the last one's faults are then known before the first one's work. Throws as it
/// does. Returns the tokens.
Vocabulary check_model(const std::filesystem::path& path, const LoadModelOptions& options);

/// Loads a Hugging Face folder or a GGUF file. Everything that can be checked without reading
/// weights is checked first: config, tokenizer, presence of the shards. Throws FileError,
/// ConfigError, Unsupported, ShapeError, OutOfMemory.
Model load_model(const std::filesystem::path& path, const LoadModelOptions& options, Context& ctx);

}  // namespace pangu
