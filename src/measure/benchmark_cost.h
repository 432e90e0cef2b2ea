// SPDX-License-Identifier: Apache-2.0
// What a token costs at least: operations to do and bytes to read, from the shapes alone.
//
// With H query heads of size D, L layers, P prompt tokens and T decoded ones in each of B
// sequences:
//   products   2 n k for a matrix [n, k], for every token that passes through it. A prompt passes
//              through everything but the output head and what follows attention in the last layer,
//              which the engine computes for its last token alone.
//   attention  4 H D L operations for every position attended to (q k and p v), causal: token i of
//              a sequence attends to i + 1. On average (P + 1) / 2 in prefill, P + (T + 1) / 2 in
//              decode.
//   weights    all that are used are read once a pass: P / chunk passes in prefill (rounded up),
//              one for each B tokens in decode.
//   cache      a pass reads each position that it attends to once.
// Norms, rotary embedding, sampling, activations and the rows of the embedding are left out.
#pragma once

#include "models/language_model.h"

namespace pangu {

/// Means over the tokens of a measurement.
struct TokenCost {
  double product_ops = 0, attention_ops = 0;
  double weight_bytes = 0, cache_bytes = 0;

  double ops() const { return product_ops + attention_ops; }
  double bytes() const { return weight_bytes + cache_bytes; }
  double ops_per_byte() const { return bytes() > 0 ? ops() / bytes() : 0; }
};

/// `position_bytes`: of the cache, over all layers. `chunk`: tokens of one pass.
TokenCost prefill_cost(const LanguageModel& model, double position_bytes, int64_t prompt_tokens,
                       int64_t chunk);
TokenCost decode_cost(const LanguageModel& model, double position_bytes, int64_t prompt_tokens,
                      int64_t decode_tokens, int64_t batch);

/// Bytes that all packed weights take in memory.
int64_t weight_bytes(const LanguageModel& model);

}  // namespace pangu
