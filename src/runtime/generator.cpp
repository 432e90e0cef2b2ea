// SPDX-License-Identifier: Apache-2.0
#include "runtime/generator.h"

#include <algorithm>
#include <utility>

#include "base/resources.h"
#include "runtime/logprobs.h"
#include "runtime/stop_matcher.h"

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

namespace {

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

}  // namespace

/// What has been generated so far, and whether it is finished.
class Generator::Reply {
 public:
  Reply(const Model& model, const GenerateOptions& options, std::span<const TokenId> eos_ids,
        std::span<const TokenId> prompt, int64_t room, const TokenCallback& on_token)
      : options_(options),
        on_token_(on_token),
        room_(options.max_tokens < 0 ? room : std::min(room, options.max_tokens)),
        stops_(options.stop_tokens),
        matcher_(options.stop) {
    if (!options.ignore_eos) stops_.insert(stops_.end(), eos_ids.begin(), eos_ids.end());
    if (model.tokenizer) {
      decoder_.emplace(model.tokenizer);
      decoder_->prime(prompt);
    }
  }

  bool full() const { return static_cast<int64_t>(result.ids.size()) >= room_; }

  /// Takes the next token; returns whether the reply goes on.
  bool push(TokenId id, std::span<const float> logits) {
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

  /// Hands over the text that was held back.
  void finish() {
    std::string rest = decoder_ ? matcher_.feed(decoder_->flush()).emit : "";
    rest += matcher_.flush();
    if (!rest.empty()) emit({.id = -1, .text = std::move(rest), .logprob = {}, .top = {}});
  }

  Generation result;

 private:
  void emit(const GeneratedToken& token) {
    result.text += token.text;
    if (on_token_) on_token_(token);
  }

  const GenerateOptions& options_;
  const TokenCallback& on_token_;
  int64_t room_;
  std::vector<TokenId> stops_;
  StopMatcher matcher_;
  std::optional<StreamDecoder> decoder_;
};

Generator::Generator(const Model& model, Context& ctx, int64_t positions, KvFormat kv)
    : model_(model),
      ctx_(ctx),
      positions_(checked_positions(model, positions)),
      known_ids_(model.tokenizer
                     ? std::min<int64_t>(model.tokenizer->vocab_size(), model.config().vocab_size)
                     : model.config().vocab_size),
      eos_ids_(model.eos_ids()),
      cache_(model.decoder->kv_shape(kv), positions_, ctx.shared_device()),
      sequence_(cache_.create()) {}

void Generator::check_prompt(std::span<const TokenId> prompt) const {
  if (prompt.empty()) {
    fail<InputError>(
        "[generate] the prompt is empty: there is nothing to continue. Give some text.");
  }
  const auto n = static_cast<int64_t>(prompt.size());
  if (n >= positions_) {
    fail<InputError>(
        "[generate] the prompt has {} tokens, but the context holds {} and a reply needs room too. "
        "Shorten the prompt or ask for a larger context (--ctx; the model was trained for {}).",
        n, positions_, model_.config().max_position_embeddings);
  }
  for (std::size_t i = 0; i < prompt.size(); ++i) {
    if (prompt[i] < 0 || prompt[i] >= model_.config().vocab_size) {
      fail<InputError>("[generate] token {} of the prompt has id {}, but the model knows 0 to {}.",
                       i, prompt[i], model_.config().vocab_size - 1);
    }
  }
}

int64_t Generator::reuse_prefix(std::span<const TokenId> prompt) {
  const auto [in_prompt, in_cache] =
      std::mismatch(prompt.begin(), prompt.end(), cached_.begin(), cached_.end());
  // The last token of the prompt always runs again: its logits are needed.
  const auto shared = std::min<std::ptrdiff_t>(in_prompt - prompt.begin(),
                                               static_cast<std::ptrdiff_t>(prompt.size()) - 1);
  cache_.truncate(sequence_, shared);
  cached_.resize(static_cast<std::size_t>(shared));
  return shared;
}

Tensor Generator::run(std::span<const TokenId> tokens, Logits logits) {
  Batch batch;
  cache_.append(sequence_, tokens, logits, batch);
  try {
    Tensor out = model_.decoder->forward(batch, cache_.storage(), ctx_);
    cached_.insert(cached_.end(), tokens.begin(), tokens.end());
    return out;
  } catch (...) {
    cache_.truncate(sequence_, static_cast<int64_t>(cached_.size()));
    throw;
  }
}

bool Generator::prefill(std::span<const TokenId> prompt, const std::stop_token& cancel,
                        Tensor& logits) {
  while (cached_.size() < prompt.size()) {
    if (cancel.stop_requested()) return false;
    const std::size_t n = std::min<std::size_t>(kPrefillChunk, prompt.size() - cached_.size());
    const bool last = cached_.size() + n == prompt.size();
    logits = run(prompt.subspan(cached_.size(), n), last ? Logits::kLast : Logits::kNone);
  }
  return true;
}

Generation Generator::generate(std::span<const TokenId> prompt, const GenerateOptions& options,
                               const TokenCallback& on_token) {
  check_prompt(prompt);
  const Sampler sampler(options.sampling);
  if (options.top_logprobs < -1) {
    fail<ConfigError>("[generate] top_logprobs is {}; -1 is off, 0 and more ask for alternatives.",
                      options.top_logprobs);
  }
  const int64_t room = positions_ - static_cast<int64_t>(prompt.size());
  Reply reply(model_, options, eos_ids_, prompt, room, on_token);
  TokenHistory history = sampler.make_history();
  history.append_prompt(prompt);

  Stopwatch watch;
  reply.result.prompt_tokens = static_cast<int64_t>(prompt.size());
  reply.result.cached_tokens = reuse_prefix(prompt);
  Tensor logits;
  if (!prefill(prompt, options.cancel, logits)) {
    reply.result.finish_reason = FinishReason::kCancelled;
    return std::move(reply.result);
  }
  reply.result.prefill_s = watch.seconds();
  if (reply.full()) {
    reply.result.finish_reason = FinishReason::kLength;
    return std::move(reply.result);
  }

  watch.restart();
  for (;;) {
    const std::span<const float> row(logits.data<float>(),
                                     static_cast<std::size_t>(logits.count()));
    const TokenId id = sampler.sample(row, history, scratch_);
    history.push(id);
    if (!reply.push(id, row)) break;
    if (options.cancel.stop_requested()) {
      reply.result.finish_reason = FinishReason::kCancelled;
      break;
    }
    logits = run(std::span(&id, 1), Logits::kLast);
  }
  reply.result.decode_s = watch.seconds();
  reply.finish();
  return std::move(reply.result);
}

}  // namespace pangu
