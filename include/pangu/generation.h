// SPDX-License-Identifier: Apache-2.0
// What a reply is asked to be, and what comes of it.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "pangu/constraint.h"
#include "pangu/sampling.h"
#include "pangu/speculation.h"
#include "pangu/token.h"
#include "pangu/tool_call.h"

namespace pangu {

enum class FinishReason {
  kStop,      ///< an end-of-text token, a stop token or a stop string
  kLength,    ///< max_tokens, or the context is full (Generation::context_full)
  kCancelled  ///< cancel was requested
};

/// "stop", "length", "cancelled".
std::string_view name(FinishReason reason);

/// How the thinking before an answer ended.
enum class ThinkingEnd {
  kNone,       ///< there was no thinking
  kModel,      ///< the model closed it
  kBudget,     ///< GenerateOptions::think_budget
  kLoop,       ///< GenerateOptions::end_think_loops
  kRequest,    ///< GenerateOptions::end_thinking
  kUnfinished  ///< the reply ended within it, for the reason that finish_reason gives
};

/// All of them, in their order.
inline constexpr std::array kThinkingEnds = {ThinkingEnd::kNone,    ThinkingEnd::kModel,
                                             ThinkingEnd::kBudget,  ThinkingEnd::kLoop,
                                             ThinkingEnd::kRequest, ThinkingEnd::kUnfinished};

/// "none", "model", "budget", "loop", "request", "unfinished".
std::string_view name(ThinkingEnd end);

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
  /// Tells calls of tools from text, as replies to prompts with tools need it; with
  /// split_reasoning, where the answer alone is looked at. What is not written as the model's
  /// family writes calls is text. Refused with Unsupported where that is not known
  /// (Engine::can_call_tools).
  bool split_tool_calls = false;
  /// Tokens of thinking that a reply may have, over all its thinking; -1: no limit. Then the
  /// model's closing marker comes, as if the model had written it, and the answer follows; 0 closes
  /// the thinking as it opens. A character of several tokens is finished first. Refused with
  /// ConfigError where the model has no markers of thinking.
  std::int64_t think_budget = -1;
  /// Closes thinking in the same way where it says the same over and over: a stretch of up to 512
  /// tokens, word for word, four times or more and over 256 tokens or more.
  bool end_think_loops = true;
  /// Closes thinking in the same way once it is requested, from any thread; from then on there is
  /// none. Without effect where the model has no markers of thinking.
  std::stop_token end_thinking = {};
  /// What the answer may say (pangu/grammar.h); null: anything. Thinking is free; the grammar
  /// begins behind it, and behind a line break that the model may put there. End-of-text and stop
  /// tokens come where the grammar lets the answer end, and where nothing else can come the reply
  /// ends without one. Refused with ConfigError if it was made for another vocabulary, and together
  /// with `replay`. Whoever asks for log-probabilities gets those of the model, which knows of no
  /// grammar.
  std::shared_ptr<const OutputGrammar> grammar = {};
  /// A reply shares what was computed for its prompt only with those of the same salt: whoever does
  /// not know it cannot tell from the time that others take what was asked.
  std::string cache_salt = {};
  /// Tokens to take in place of the chosen ones while everything is computed as ever: measures how
  /// fast a model of this shape would write a known text. Where thinking is closed, the marker
  /// takes the place of what is recorded there.
  std::vector<TokenId> replay = {};
};

/// A token of the reply. `text` is what it completes: whole characters, possibly none, and nothing
/// that may still turn out to be part of a stop string.
struct GeneratedToken {
  TokenId id;
  std::string text;
  std::string reasoning = {};                  ///< as `text`, of the reasoning; split_reasoning
  std::vector<ToolCallDelta> tool_calls = {};  ///< split_tool_calls
  std::optional<float> logprob;                ///< natural logarithm, before sampling options
  std::vector<TokenLogprob> top;               ///< likeliest first
};

/// Called for every token, in order, on the thread that generates. Text that only the end of the
/// reply releases comes in a last call with id -1.
using TokenCallback = std::function<void(const GeneratedToken& token)>;

struct Generation {
  std::vector<TokenId> ids;  ///< of the reply, an end-of-text token included
  std::string text;          ///< of the reply, special tokens and stop string left out
  std::string reasoning;  ///< before the answer; empty without split_reasoning, where text has it
  std::vector<ToolCall> tool_calls;  ///< in their order; empty without split_tool_calls
  std::int64_t thinking_tokens = 0;  ///< within the markers of thinking, split or not
  std::int64_t answer_tokens = 0;    ///< outside; the markers themselves belong to neither
  ThinkingEnd thinking_end = ThinkingEnd::kNone;  ///< of the last one, if it thought several times
  FinishReason finish_reason = FinishReason::kStop;
  std::string stop_text = {};  ///< the one of GenerateOptions::stop that ended it, if one did
  bool context_full = false;   ///< the context, not max_tokens, ended it
  std::int64_t prompt_tokens = 0;
  std::int64_t cached_tokens = 0;  ///< of the prompt, taken from the cache of the call before
  double prefill_s = 0;            ///< from the call to the first token
  double decode_s = 0;             ///< from the first token to the last
  SpeculationStats speculation;    ///< without passes if it is off and no grammar forced a token
};

}  // namespace pangu
