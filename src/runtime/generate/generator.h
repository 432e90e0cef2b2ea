// SPDX-License-Identifier: Apache-2.0
// The generation loop: prefill in chunks, then tokens one after the other or, where speculation
// guesses them, several at once, with stop conditions, streaming text, log-probabilities and
// cancellation.
#pragma once

#include <span>
#include <vector>

#include "pangu/generation.h"
#include "pangu/speculation.h"
#include "runtime/cache/kv_cache.h"
#include "runtime/model.h"
#include "runtime/sample/sampler.h"
#include "runtime/speculation/speculation.h"

namespace pangu {

/// Tokens per pass of a prefill: enough to reach the arithmetic peak, few enough that activations
/// stay in the caches and a cancellation is noticed soon.
inline constexpr int64_t kPrefillChunk = 512;

/// One conversation on a model. Keeps the cache between calls, so that a prompt which continues the
/// last one costs only what is new. Model and context must outlive it; one call at a time.
class Generator {
 public:
  /// Room for `positions` positions of a cache in format `kv`. Throws OutOfMemory if the cache does
  /// not fit the machine, ConfigError if positions is not positive or exceeds the model's sliding
  /// window.
  /// `draft` is the draft model of the speculation options, if they name one, and must outlive it,
  /// too. Throws what Speculation does.
  Generator(const Model& model, Context& ctx, int64_t positions, KvFormat kv,
            const SpeculationOptions& speculation = {.mode = SpeculationMode::kOff},
            const Model* draft = nullptr);

  int64_t positions() const { return positions_; }

  /// As Engine::generate.
  Generation generate(std::span<const TokenId> prompt, const GenerateOptions& options,
                      const TokenCallback& on_token);

 private:
  int64_t reuse_prefix(std::span<const TokenId> prompt);
  struct Writing;
  Tensor run(std::span<const TokenId> tokens, Logits logits);
  /// Takes the token after a row of logits; returns whether the reply goes on.
  bool take(Writing& w, const float* row);
  /// One pass over the last token and its draft; returns whether the reply goes on.
  bool step(Writing& w);
  /// Feeds all of the prompt that is not in the cache; false if cancelled on the way.
  bool prefill(std::span<const TokenId> prompt, const std::stop_token& cancel, Tensor& logits);

  const Model& model_;
  Context& ctx_;
  int64_t positions_;
  int64_t known_ids_;
  std::vector<TokenId> eos_ids_;
  KvCache cache_;
  SequenceId sequence_;
  std::vector<TokenId> cached_;  ///< tokens whose keys and values the cache holds
  SamplerScratch scratch_;
  Speculation speculation_;
};

}  // namespace pangu
