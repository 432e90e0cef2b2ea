// SPDX-License-Identifier: Apache-2.0
#include "runtime/generator.h"

#include <algorithm>
#include <utility>

#include "base/resources.h"
#include "runtime/reply.h"

namespace pangu {

Generator::Generator(const Model& model, Context& ctx, int64_t positions, KvFormat kv)
    : model_(model),
      ctx_(ctx),
      positions_(checked_positions(model, positions)),
      known_ids_(model.known_ids()),
      eos_ids_(model.eos_ids()),
      cache_(model.decoder->kv_shape(kv), positions_, ctx.shared_device()),
      sequence_(cache_.create()) {}

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
  check_prompt(model_.config(), prompt, positions_);
  const Sampler sampler(options.sampling);
  check_generate_options(options);
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
    const std::span<const float> row(logits.data<float>(), static_cast<std::size_t>(known_ids_));
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
