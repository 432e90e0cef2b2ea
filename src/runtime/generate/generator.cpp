// SPDX-License-Identifier: Apache-2.0
#include "runtime/generate/generator.h"

#include <algorithm>
#include <utility>

#include "base/resources.h"
#include "ops/host.h"
#include "runtime/cache/context_length.h"
#include "runtime/generate/reply.h"
#include "runtime/speculation/draft_rows.h"
#include "runtime/speculation/speculation_sequence.h"

namespace pangu {

/// A reply while it is written.
struct Generator::Writing {
  const Sampler& sampler;
  TokenHistory history;
  Reply reply;
  std::unique_ptr<Speculation::Sequence> speculation;
};

Generator::Generator(const Model& model, Context& ctx, int64_t positions, KvFormat kv,
                     const SpeculationOptions& speculation, const Model* draft)
    : model_(model),
      ctx_(ctx),
      positions_(checked_positions(model, positions)),
      known_ids_(model.known_ids()),
      eos_ids_(model.eos_ids()),
      cache_(model.network->kv_shape(kv), positions_ + fork_positions(speculation),
             ctx.shared_device()),
      sequence_(cache_.create()),
      speculation_(speculation, model, draft, ctx, cache_, positions_, kv) {}

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
    Tensor out = to_host(model_.network->forward(batch, cache_.storage(), ctx_));
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

bool Generator::take(Writing& w, const float* row) {
  const std::span<const float> logits(row, static_cast<std::size_t>(known_ids_));
  const TokenId id = w.reply.choose(w.sampler, logits, w.history, scratch_);
  w.history.push(id);
  return w.reply.push(id, logits);
}

bool Generator::step(Writing& w) {
  const Speculation::Turn turn{w.speculation.get(), sequence_, w.reply.left()};
  speculation_.plan(std::span(&turn, 1), 1);
  const Stopwatch watch;
  const Draft& draft = w.speculation->draft();
  const std::size_t before = w.history.size();
  Batch batch;
  DraftRows rows(cache_, sequence_, w.history.tokens().back(), draft, batch);
  Draft::Index node = Draft::kRoot;
  bool goes_on = false;
  try {
    const Tensor logits = to_host(model_.network->forward(batch, cache_.storage(), ctx_));
    goes_on = follow_draft(draft, node, [&](Draft::Index at) {
      const bool more = take(w, logits.data<float>() + rows.row(at) * model_.config().vocab_size);
      return std::pair(w.history.tokens().back(), more);
    });
  } catch (...) {
    rows.undo();
    throw;
  }
  sequence_ = rows.keep(node);
  const auto came = w.history.tokens().subspan(before);
  // The last of them is not in the cache yet; the one before the first now is.
  const auto held = w.history.tokens().subspan(before - 1, came.size());
  cached_.insert(cached_.end(), held.begin(), held.end());
  w.speculation->advance(came);
  speculation_.record(std::span(&turn, 1), 1, watch.seconds());
  return goes_on;
}

Generation Generator::generate(std::span<const TokenId> prompt, const GenerateOptions& options,
                               const TokenCallback& on_token) {
  check_prompt(model_.config(), prompt, positions_);
  const Sampler sampler(options.sampling);
  check_generate_options(options);
  const int64_t room = positions_ - static_cast<int64_t>(prompt.size());
  Writing w{.sampler = sampler,
            .history = sampler.make_history(),
            .reply = Reply(model_, options, eos_ids_, prompt, room, on_token),
            .speculation = {}};
  w.history.append_prompt(prompt);
  Generation& result = w.reply.result;

  Stopwatch watch;
  result.prompt_tokens = static_cast<int64_t>(prompt.size());
  result.cached_tokens = reuse_prefix(prompt);
  Tensor logits;
  if (!prefill(prompt, options.cancel, logits)) {
    result.finish_reason = FinishReason::kCancelled;
    return std::move(result);
  }
  w.speculation = speculation_.open(prompt, sampler);
  result.prefill_s = watch.seconds();
  if (w.reply.full()) {
    result.finish_reason = FinishReason::kLength;
    return std::move(result);
  }

  watch.restart();
  bool goes_on = take(w, logits.data<float>());
  w.speculation->push(w.history.tokens().back());
  while (goes_on) {
    if (options.cancel.stop_requested()) {
      result.finish_reason = FinishReason::kCancelled;
      break;
    }
    goes_on = step(w);
  }
  result.decode_s = watch.seconds();
  if (speculation_.is_on()) result.speculation = w.speculation->stats;
  speculation_.learn(result.ids);
  w.reply.finish();
  return std::move(result);
}

}  // namespace pangu
