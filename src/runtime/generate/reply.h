// SPDX-License-Identifier: Apache-2.0
// A reply in the making: takes one token after the other, gives out text, and knows when it is
// over.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "pangu/generation.h"
#include "runtime/generate/answer_grammar.h"
#include "runtime/generate/grammar_guide.h"
#include "runtime/generate/stop_matcher.h"
#include "runtime/generate/thinking_control.h"
#include "runtime/model.h"
#include "runtime/sample/sampler.h"
#include "text/chat/reasoning.h"
#include "text/chat/tool_call_parser.h"

namespace pangu {

/// The options must outlive it.
class Reply {
 public:
  /// `room` is how many tokens the context can still take after the prompt.
  Reply(const Model& model, const GenerateOptions& options, std::span<const TokenId> eos_ids,
        std::span<const TokenId> prompt, int64_t room, TokenCallback on_token);

  /// Whether max_tokens or the room is used up.
  bool full() const { return static_cast<int64_t>(result.ids.size()) >= room_; }

  /// Ends the reply because it is full.
  void end_full();

  /// Tokens that it may still take.
  int64_t left() const { return room_ - static_cast<int64_t>(result.ids.size()); }

  /// What its grammar says of the tokens to come; null without one.
  TokenGuide* guide() { return guide_ ? &*guide_ : nullptr; }

  /// The next token: the sampler's, of those that the grammar allows, that of a recording, or one
  /// that closes the thinking. Throws as AnswerGrammar::mask does.
  TokenId choose(const Sampler& sampler, std::span<const float> logits, const TokenHistory& history,
                 SamplerScratch& scratch);

  /// Takes the next token with the logits it was drawn from; returns whether the reply goes on. If
  /// not, the finish reason is set.
  bool push(TokenId id, std::span<const float> logits);

  /// Hands over the text that was held back.
  void finish();

  Generation result;

 private:
  TokenId sample_allowed(const Sampler& sampler, std::span<const float> logits,
                         const TokenHistory& history, SamplerScratch& scratch);
  void follow_grammar(TokenId id);
  /// Adds the text that a token completes to what is to be given out.
  void add_text(TokenId id, GeneratedToken& token);
  void add_parts(std::string_view text, GeneratedToken& token);
  void add_answer(std::string_view text, GeneratedToken& token);
  /// Adds what was held back for stop strings and markers of thinking, because a marker comes.
  void add_held(GeneratedToken& token);
  /// The same because the text or its reasoning is over, and what may have been a call.
  void add_rest(GeneratedToken& token);
  bool takes_tool_marker(TokenId id) const;
  void emit(const GeneratedToken& token);

  const GenerateOptions& options_;
  TokenCallback on_token_;
  int64_t room_;
  std::vector<TokenId> stops_;
  StopMatcher matcher_;
  std::optional<StreamDecoder> decoder_;
  std::optional<ReasoningSplitter> splitter_;
  std::optional<ToolCallParser> tools_;
  std::optional<ThinkingControl> thinking_;
  std::optional<AnswerGrammar> grammar_;
  std::optional<GrammarGuide> guide_;
};

/// Refuses options that no reply of the model can keep. Throws ConfigError.
void check_generate_options(const Model& model, const GenerateOptions& options);

/// Refuses prompts that cannot be run: empty, with ids outside the vocabulary, or so long that a
/// context of `positions` leaves no room for a reply. Throws InputError.
void check_prompt(const ModelConfig& config, std::span<const TokenId> prompt, int64_t positions);

}  // namespace pangu
