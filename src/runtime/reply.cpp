// SPDX-License-Identifier: Apache-2.0
#include "runtime/reply.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "runtime/logprobs.h"

namespace pangu {

std::string_view name(FinishReason reason) {
  switch (reason) {
    case FinishReason::kStop:
      return "stop";
    case FinishReason::kLength:
      return "length";
    case FinishReason::kCancelled:
      return "cancelled";
  }
  return "unknown";
}

Reply::Reply(const Model& model, const GenerateOptions& options, std::span<const TokenId> eos_ids,
             std::span<const TokenId> prompt, int64_t room, TokenCallback on_token)
    : options_(options),
      on_token_(std::move(on_token)),
      room_(options.max_tokens < 0 ? room : std::min(room, options.max_tokens)),
      stops_(options.stop_tokens),
      matcher_(options.stop) {
  if (!options.ignore_eos) stops_.insert(stops_.end(), eos_ids.begin(), eos_ids.end());
  if (model.tokenizer) {
    decoder_.emplace(model.tokenizer);
    decoder_->prime(prompt);
  }
}

TokenId Reply::choose(const Sampler& sampler, std::span<const float> logits,
                      const TokenHistory& history, SamplerScratch& scratch) const {
  const TokenId sampled = sampler.sample(logits, history, scratch);
  const std::size_t at = result.ids.size();
  return at < options_.replay.size() ? options_.replay[at] : sampled;
}

bool Reply::push(TokenId id, std::span<const float> logits) {
  result.ids.push_back(id);
  GeneratedToken token{.id = id, .text = {}, .logprob = {}, .top = {}};
  if (options_.top_logprobs >= 0) {
    TokenLogprobs lp = token_logprobs(logits, id, options_.top_logprobs);
    token.logprob = lp.chosen.logprob;
    token.top = std::move(lp.top);
  }
  bool goes_on = std::find(stops_.begin(), stops_.end(), id) == stops_.end();
  if (goes_on && decoder_) token.text = matcher_.feed(decoder_->push(id)).emit;
  goes_on = goes_on && !matcher_.stopped();
  emit(token);
  if (goes_on && full()) {
    result.finish_reason = FinishReason::kLength;
    goes_on = false;
  }
  return goes_on;
}

void Reply::finish() {
  std::string rest = decoder_ ? matcher_.feed(decoder_->flush()).emit : "";
  rest += matcher_.flush();
  if (!rest.empty()) emit({.id = -1, .text = std::move(rest), .logprob = {}, .top = {}});
}

void Reply::emit(const GeneratedToken& token) {
  result.text += token.text;
  if (on_token_) on_token_(token);
}

void check_generate_options(const GenerateOptions& options) {
  if (options.top_logprobs < -1) {
    fail<ConfigError>("[generate] top_logprobs is {}; -1 is off, 0 and more ask for alternatives.",
                      options.top_logprobs);
  }
}

void check_prompt(const ModelConfig& config, std::span<const TokenId> prompt, int64_t positions) {
  if (prompt.empty()) {
    fail<InputError>(
        "[generate] the prompt is empty: there is nothing to continue. Give some text.");
  }
  const auto n = static_cast<int64_t>(prompt.size());
  if (n >= positions) {
    fail<InputError>(
        "[generate] the prompt has {} tokens, but the context holds {} and a reply needs room too. "
        "Shorten the prompt or ask for a larger context (--ctx; the model was trained for {}).",
        n, positions, config.max_position_embeddings);
  }
  for (std::size_t i = 0; i < prompt.size(); ++i) {
    if (prompt[i] < 0 || prompt[i] >= config.vocab_size) {
      fail<InputError>("[generate] token {} of the prompt has id {}, but the model knows 0 to {}.",
                       i, prompt[i], config.vocab_size - 1);
    }
  }
}

int64_t checked_positions(const Model& model, int64_t positions) {
  const auto& window = model.config().sliding_window;
  if (positions <= 0) {
    fail<ConfigError>("[context] {} positions were asked for; give a positive number (--ctx).",
                      positions);
  }
  if (window && positions > *window) {
    fail<ConfigError>(
        "[context] {} attends to a sliding window of {} positions; contexts of up to that length "
        "are supported, but {} were asked for. Use --ctx {}.",
        model.path.string(), *window, positions, *window);
  }
  return positions;
}

}  // namespace pangu
