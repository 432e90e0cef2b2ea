// SPDX-License-Identifier: Apache-2.0
#include "checkpoint/model_tokenizer.h"

#include <algorithm>

#include "base/clipped.h"
#include "base/error.h"
#include "base/log.h"
#include "text/gguf/tokenizer_gguf.h"

namespace pangu {

std::shared_ptr<const Tokenizer> find_tokenizer(const ModelFiles& model) {
  if (model.gguf) {
    if (!has_vocabulary(model.gguf->metadata())) return nullptr;
    return text::make_tokenizer_gguf(model.gguf->metadata());
  }
  const bool has_any = std::filesystem::exists(model.path / "tokenizer.json") ||
                       std::filesystem::exists(model.path / "tokenizer.model");
  return has_any ? load_tokenizer(model.path) : nullptr;
}

void check_vocabulary(const ModelFiles& model, const Tokenizer& tokenizer) {
  const int64_t rows = model.config.vocab_size, tokens = tokenizer.vocab_size();
  for (auto id = static_cast<TokenId>(std::min(rows, tokens)); id < tokens; ++id) {
    // What comes from its own text alone may never come.
    if (tokenizer.ends_run(id) || tokenizer.piece(id).empty()) continue;
    fail<ConfigError>(
        "[load] {}: the tokenizer has {} tokens, but the model's vocabulary (vocab_size) has {}: "
        "the embedding has no rows for the last {}, of which '{}' can come from any text. Do "
        "tokenizer and model belong together?",
        model.path.string(), tokens, rows, tokens - rows, clipped(tokenizer.piece(id)));
  }
  if (tokens > rows) {
    log::warning(
        "[load] {}: the embedding has no rows for the last {} added tokens, such as '{}'. A text "
        "that has one of them is refused.",
        model.path.string(), tokens - rows,
        clipped(tokenizer.piece(static_cast<TokenId>(tokens - 1))));
  }
}

bool has_vocabulary(const GgufMetadata& gguf) {
  const auto model = gguf.find_string("tokenizer.ggml.model");
  return model && *model != "no_vocab" && *model != "none";
}

}  // namespace pangu
