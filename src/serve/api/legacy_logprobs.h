// SPDX-License-Identifier: Apache-2.0
// Log-probabilities of /v1/completions: lists that run side by side
// (https://platform.openai.com/docs/api-reference/completions/object).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "io/json.h"
#include "pangu/engine.h"
#include "pangu/generation.h"
#include "pangu/tokenizer.h"

namespace pangu::serve {

/// tokens, token_logprobs, top_logprobs, text_offset of one choice, as its tokens come. Offsets
/// count characters of the choice's text; markers, which are not in it, take none.
class LegacyLogprobs {
 public:
  /// `before` is what the choice's text goes on from.
  LegacyLogprobs(std::shared_ptr<const Tokenizer> tokenizer, std::span<const TokenId> before);

  /// Without a log-probability, as the first token of an echoed prompt: null.
  void add(const GeneratedToken& token);
  /// What was added since the last call.
  Json take();

 private:
  std::shared_ptr<const Tokenizer> tokenizer_;
  StreamDecoder decoder_;
  Json tokens_ = Json::array(), logprobs_ = Json::array(), top_ = Json::array(),
       offsets_ = Json::array();
  std::int64_t offset_ = 0;
};

/// What a model thinks of each token of a prompt, with so many alternatives; the first one has
/// none. Computes: for ServedModel::post().
std::vector<GeneratedToken> score_prompt(Engine& engine, std::span<const TokenId> prompt,
                                         int top_logprobs);

}  // namespace pangu::serve
