// SPDX-License-Identifier: Apache-2.0
#include "runtime/generate/reply.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "runtime/cache/context_length.h"
#include "runtime/score/logprobs.h"

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
    if (options.split_reasoning) splitter_.emplace(*model.tokenizer, prompt);
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
  GeneratedToken token{.id = id, .text = {}, .reasoning = {}, .logprob = {}, .top = {}};
  if (options_.top_logprobs >= 0) {
    TokenLogprobs lp = token_logprobs(logits, id, options_.top_logprobs);
    token.logprob = lp.chosen.logprob;
    token.top = std::move(lp.top);
  }
  bool goes_on = std::find(stops_.begin(), stops_.end(), id) == stops_.end();
  if (goes_on && decoder_) add_text(id, token);
  goes_on = goes_on && !matcher_.stopped();
  emit(token);
  if (goes_on && full()) {
    end_full();
    goes_on = false;
  }
  return goes_on;
}

void Reply::end_full() {
  result.finish_reason = FinishReason::kLength;
  result.context_full = options_.max_tokens < 0 || room_ < options_.max_tokens;
}

void Reply::add_text(TokenId id, GeneratedToken& token) {
  if (!splitter_ || !splitter_->is_marker(id)) {
    return add_parts(matcher_.feed(decoder_->push(id)).emit, token);
  }
  // No stop string goes across a marker.
  add_rest(token);
  if (matcher_.stopped()) return;
  matcher_.reset();
  splitter_->turn(id);
}

void Reply::add_parts(std::string_view text, GeneratedToken& token) {
  if (!splitter_) {
    token.text += text;
    return;
  }
  const ReplyParts parts = splitter_->take(text);
  token.reasoning += parts.reasoning;
  token.text += parts.answer;
}

void Reply::add_rest(GeneratedToken& token) {
  const std::string last = matcher_.feed(decoder_->flush()).emit;
  add_parts(last + matcher_.flush(), token);
  if (!splitter_) return;
  const ReplyParts parts = splitter_->flush();
  token.reasoning += parts.reasoning;
  token.text += parts.answer;
}

void Reply::finish() {
  if (!decoder_) return;
  GeneratedToken rest{.id = -1, .text = {}, .reasoning = {}, .logprob = {}, .top = {}};
  add_rest(rest);
  if (!rest.text.empty() || !rest.reasoning.empty()) emit(rest);
}

void Reply::emit(const GeneratedToken& token) {
  result.text += token.text;
  result.reasoning += token.reasoning;
  if (on_token_) on_token_(token);
}

void check_generate_options(const GenerateOptions& options) {
  options.sampling.validate();
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
  if (n >= positions) refuse_long_prompt(config, n, false, positions);
  for (std::size_t i = 0; i < prompt.size(); ++i) {
    if (prompt[i] < 0 || prompt[i] >= config.vocab_size) {
      fail<InputError>("[generate] token {} of the prompt has id {}, but the model knows 0 to {}.",
                       i, prompt[i], config.vocab_size - 1);
    }
  }
}

}  // namespace pangu
