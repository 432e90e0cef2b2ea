// SPDX-License-Identifier: Apache-2.0
#include "measure/timed_passes.h"

#include <algorithm>

#include "base/resources.h"
#include "runtime/prefill_chunk.h"

namespace pangu {

TimedPasses::TimedPasses(const LanguageModel& model, const PassWork& work, int64_t spare,
                         Context& ctx)
    : model_(model),
      work_(work),
      ctx_(ctx),
      // The last page of each sequence may stay empty but for one position.
      cache_(model.kv_shape(work.kv),
             (work.prompt_tokens + work.decode_tokens + spare + kPagePositions) * work.batch,
             ctx.shared_device()) {}

void TimedPasses::warm_up() {
  const SequenceId id = cache_.create();
  for (const int64_t n : {int64_t{16}, int64_t{1}}) pass(id, n, Logits::kLast);
  cache_.release(id);
}

void TimedPasses::begin() {
  for (int64_t s = 0; s < work_.batch; ++s) {
    check();
    sequences_.push_back(cache_.create());
  }
}

double TimedPasses::prefill() {
  const Stopwatch watch;
  for (const SequenceId id : sequences_) {
    for (int64_t done = 0; done < work_.prompt_tokens;) {
      const int64_t n = std::min(kPrefillChunk, work_.prompt_tokens - done);
      done += n;
      pass(id, n, done == work_.prompt_tokens ? Logits::kLast : Logits::kNone);
    }
  }
  return static_cast<double>(work_.prompt_tokens * work_.batch) / watch.seconds();
}

double TimedPasses::decode() {
  const Stopwatch watch;
  for (int64_t i = 0; i < work_.decode_tokens; ++i) {
    Batch batch;
    for (const SequenceId id : sequences_) cache_.append(id, tokens(1), Logits::kLast, batch);
    forward(batch);
  }
  return static_cast<double>(work_.decode_tokens * work_.batch) / watch.seconds();
}

void TimedPasses::end() {
  for (const SequenceId id : sequences_) cache_.release(id);
  sequences_.clear();
}

TokenCost TimedPasses::prefill_cost() const {
  return pangu::prefill_cost(model_, position_bytes(), work_.prompt_tokens, kPrefillChunk);
}

TokenCost TimedPasses::decode_cost() const {
  return pangu::decode_cost(model_, position_bytes(), work_.prompt_tokens, work_.decode_tokens,
                            work_.batch);
}

double TimedPasses::pass(SequenceId id, int64_t n, Logits logits) {
  Batch batch;
  cache_.append(id, tokens(n), logits, batch);
  const Stopwatch watch;
  forward(batch);
  return watch.seconds();
}

std::vector<TokenId> TimedPasses::tokens(int64_t n) {
  std::vector<TokenId> ids(static_cast<std::size_t>(n));
  const auto vocab = static_cast<std::uint64_t>(model_.config().vocab_size);
  for (TokenId& id : ids) id = static_cast<TokenId>(rng_() % vocab);
  return ids;
}

double TimedPasses::position_bytes() const {
  return KvStorage::position_bytes(model_.kv_shape(work_.kv), ctx_.device());
}

}  // namespace pangu
