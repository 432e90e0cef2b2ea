// SPDX-License-Identifier: Apache-2.0
// What a reply is asked to be, and what comes of it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "pangu/sampling.h"
#include "pangu/speculation.h"
#include "pangu/token.h"

namespace pangu {

enum class FinishReason {
  kStop,      ///< an end-of-text token, a stop token or a stop string
  kLength,    ///< max_tokens, or the context is full (Generation::context_full)
  kCancelled  ///< cancel was requested
};

/// "stop", "length", "cancelled".
std::string_view name(FinishReason reason);

struct GenerateOptions {
  SamplingOptions sampling = {.temperature = 0.0f};
  std::int64_t max_tokens = -1;      ///< -1: until the context is full
  std::vector<std::string> stop;     ///< texts that end the reply; not part of it
  std::vector<TokenId> stop_tokens;  ///< beside the model's end-of-text tokens
  bool ignore_eos = false;           ///< go on past the model's end-of-text tokens
  int top_logprobs = -1;             ///< -1: no log-probabilities; else this many alternatives
  std::stop_token cancel = {};       ///< checked between passes over the model
  /// Tells what the model thinks from what it answers, as replies to chat_prompt() need it: neither
  /// text then has the markers ([unused16], <think>, ...). Without it `text` has all of it, as it
  /// was written.
  bool split_reasoning = false;
  /// Tokens to take in place of the chosen ones while everything is computed as ever: measures how
  /// fast a model of this shape would write a known text.
  std::vector<TokenId> replay = {};
};

/// A token of the reply. `text` is what it completes: whole characters, possibly none, and nothing
/// that may still turn out to be part of a stop string.
struct GeneratedToken {
  TokenId id;
  std::string text;
  std::string reasoning = {};     ///< as `text`, of the reasoning; split_reasoning
  std::optional<float> logprob;   ///< natural logarithm, before sampling options
  std::vector<TokenLogprob> top;  ///< likeliest first
};

/// Called for every token, in order, on the thread that generates. Text that only the end of the
/// reply releases comes in a last call with id -1.
using TokenCallback = std::function<void(const GeneratedToken& token)>;

struct Generation {
  std::vector<TokenId> ids;  ///< of the reply, an end-of-text token included
  std::string text;          ///< of the reply, special tokens and stop string left out
  std::string reasoning;  ///< before the answer; empty without split_reasoning, where text has it
  FinishReason finish_reason = FinishReason::kStop;
  bool context_full = false;  ///< the context, not max_tokens, ended it
  std::int64_t prompt_tokens = 0;
  std::int64_t cached_tokens = 0;  ///< of the prompt, taken from the cache of the call before
  double prefill_s = 0;            ///< from the call to the first token
  double decode_s = 0;             ///< from the first token to the last
  SpeculationStats speculation;    ///< without passes if it is off
};

}  // namespace pangu
