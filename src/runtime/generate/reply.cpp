// SPDX-License-Identifier: Apache-2.0
#include "runtime/generate/reply.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

#include "base/error.h"
#include "base/hash.h"
#include "runtime/cache/context_length.h"
#include "runtime/score/logprobs.h"

namespace pangu {
namespace {

ThinkingFrame thinking_frame(const Model& model) {
  if (!model.tokenizer || !can_think(*model.tokenizer)) return {};
  const Tokenizer& tokenizer = *model.tokenizer;
  ThinkingFrame frame{.opening = opening_tokens(tokenizer, thinking_markers(tokenizer))};
  for (const char* text : {"\n", "\n\n"}) {
    const auto ids =
        tokenizer.encode(text, {.add_bos = false, .add_eos = false, .parse_special = false});
    // SentencePiece may put a blank in front.
    if (!ids.empty() && tokenizer.bytes(ids.back()) == text)
      frame.line_breaks.push_back(ids.back());
  }
  return frame;
}

void check_grammar(const Model& model, const GenerateOptions& options) {
  if (!options.grammar) return;
  const std::int64_t known = model.tokenizer ? model.tokenizer->vocab_size() : model.known_ids();
  if (options.grammar->vocab_size() != known) {
    fail<ConfigError>(
        "[grammar] it was made for a vocabulary of {} tokens, but this model's has {}. Make it "
        "with "
        "this model's tokenizer.",
        options.grammar->vocab_size(), known);
  }
  if (!options.replay.empty()) {
    fail<ConfigError>(
        "[grammar] a grammar says which tokens may come, and `replay` which ones do: leave one of "
        "both out.");
  }
}

}  // namespace

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

namespace {

/// The same for the same reply, so that ids of calls are, too.
std::uint64_t reply_hash(std::span<const TokenId> prompt, const SamplingOptions& sampling) {
  ContentHash hash(sampling.seed);
  hash.add(std::as_bytes(prompt));
  return hash.value();
}

void append_deltas(std::vector<ToolCallDelta>& to, std::vector<ToolCallDelta>&& from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

}  // namespace

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
    const auto format =
        options.split_tool_calls ? tool_call_format(*model.tokenizer) : std::nullopt;
    if (format) tools_.emplace(*format, reply_hash(prompt, options.sampling));
    thinking_.emplace(model.tokenizer, options, prompt);
    thinking_->report(result);
  }
  if (options.grammar) {
    grammar_.emplace(*options.grammar, stops_, thinking_frame(model),
                     thinking_ && thinking_->is_thinking());
    guide_.emplace(*grammar_, model.tokenizer);
  }
}

TokenId Reply::choose(const Sampler& sampler, std::span<const float> logits,
                      const TokenHistory& history, SamplerScratch& scratch) {
  const TokenId sampled = grammar_ ? sample_allowed(sampler, logits, history, scratch)
                                   : sampler.sample(logits, history, scratch);
  if (const auto forced = thinking_ ? thinking_->forced() : std::nullopt) return *forced;
  const std::size_t at = result.ids.size();
  return at < options_.replay.size() ? options_.replay[at] : sampled;
}

TokenId Reply::sample_allowed(const Sampler& sampler, std::span<const float> logits,
                              const TokenHistory& history, SamplerScratch& scratch) {
  const auto allowed = grammar_->mask(logits, scratch.masked);
  TokenId id = sampler.sample(allowed, history, scratch);
  if (grammar_->governs() || !thinking_ || !thinking_->begins_answer(id)) return id;
  // What stands behind a marker in the same token would escape the grammar.
  if (allowed.data() != scratch.masked.data()) {
    scratch.masked.assign(logits.begin(), logits.end());
  }
  while (thinking_->begins_answer(id)) {
    scratch.masked[static_cast<std::size_t>(id)] = -std::numeric_limits<float>::infinity();
    id = sampler.sample(scratch.masked, history, scratch);
  }
  return id;
}

bool Reply::push(TokenId id, std::span<const float> logits) {
  result.ids.push_back(id);
  if (thinking_) {
    thinking_->push(id);
    thinking_->report(result);
  } else {
    ++result.answer_tokens;
  }
  GeneratedToken token{.id = id, .text = {}, .logprob = {}, .top = {}};
  if (options_.top_logprobs >= 0) {
    TokenLogprobs lp = token_logprobs(logits, id, options_.top_logprobs);
    token.logprob = lp.chosen.logprob;
    token.top = std::move(lp.top);
  }
  bool goes_on = std::find(stops_.begin(), stops_.end(), id) == stops_.end();
  if (goes_on && grammar_) follow_grammar(id);
  if (goes_on && decoder_) add_text(id, token);
  goes_on = goes_on && !matcher_.stopped() && !(grammar_ && grammar_->is_over());
  emit(token);
  if (goes_on && full()) {
    end_full();
    goes_on = false;
  }
  return goes_on;
}

void Reply::follow_grammar(TokenId id) {
  // The text is to be what the grammar has read, its first blank included.
  if (decoder_ && grammar_->governs()) decoder_->continue_run();
  if (grammar_->governs()) guide_->push(id);
  grammar_->push(id, thinking_ && thinking_->is_thinking());
}

void Reply::end_full() {
  result.finish_reason = FinishReason::kLength;
  result.context_full = options_.max_tokens < 0 || room_ < options_.max_tokens;
}

void Reply::add_text(TokenId id, GeneratedToken& token) {
  const bool turns = splitter_ && splitter_->is_marker(id);
  if (!turns && !takes_tool_marker(id)) {
    return add_parts(matcher_.feed(decoder_->push(id)).emit, token);
  }
  // No stop string goes across a marker.
  if (turns) {
    add_rest(token);
  } else {
    add_held(token);
  }
  if (matcher_.stopped()) return;
  matcher_.reset();
  if (turns) return splitter_->turn(id);
  ToolCallParts parts = tools_->turn(id);
  token.text += parts.text;
  append_deltas(token.tool_calls, std::move(parts.calls));
}

/// What looks like a call while the model thinks is none.
bool Reply::takes_tool_marker(TokenId id) const {
  return tools_ && tools_->is_marker(id) && !(splitter_ && splitter_->is_reasoning());
}

void Reply::add_parts(std::string_view text, GeneratedToken& token) {
  if (!splitter_) return add_answer(text, token);
  const ReplyParts parts = splitter_->take(text);
  token.reasoning += parts.reasoning;
  add_answer(parts.answer, token);
}

void Reply::add_answer(std::string_view text, GeneratedToken& token) {
  if (!tools_) {
    token.text += text;
    return;
  }
  ToolCallParts parts = tools_->take(text);
  token.text += parts.text;
  append_deltas(token.tool_calls, std::move(parts.calls));
}

void Reply::add_held(GeneratedToken& token) {
  const std::string last = matcher_.feed(decoder_->flush()).emit;
  add_parts(last + matcher_.flush(), token);
  if (!splitter_) return;
  const ReplyParts parts = splitter_->flush();
  token.reasoning += parts.reasoning;
  add_answer(parts.answer, token);
}

void Reply::add_rest(GeneratedToken& token) {
  add_held(token);
  if (!tools_) return;
  ToolCallParts parts = tools_->flush();
  token.text += parts.text;
  append_deltas(token.tool_calls, std::move(parts.calls));
}

void Reply::finish() {
  if (!decoder_) return;
  GeneratedToken rest{.id = -1, .text = {}, .logprob = {}, .top = {}};
  add_rest(rest);
  result.stop_text = matcher_.matched();
  if (!rest.text.empty() || !rest.reasoning.empty() || !rest.tool_calls.empty()) emit(rest);
}

void Reply::emit(const GeneratedToken& token) {
  result.text += token.text;
  result.reasoning += token.reasoning;
  for (const ToolCallDelta& delta : token.tool_calls) add_delta(result.tool_calls, delta);
  if (on_token_) on_token_(token);
}

void check_generate_options(const Model& model, const GenerateOptions& options) {
  options.sampling.validate();
  for (const LogitBias& one : options.sampling.logit_bias) {
    if (one.id < model.known_ids()) continue;
    fail<ConfigError>("[sampling] logit_bias names token {}, but the model knows 0 to {}.", one.id,
                      model.known_ids() - 1);
  }
  check_think_budget(model.tokenizer.get(), options.think_budget);
  if (options.split_tool_calls && model.tokenizer && !tool_call_format(*model.tokenizer)) {
    fail<Unsupported>(
        "[generate] how this model writes calls of tools is not known: its chat template speaks of "
        "none, or of a form that this version does not read. Ask for a reply without tools.");
  }
  check_grammar(model, options);
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
