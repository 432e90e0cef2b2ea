// SPDX-License-Identifier: Apache-2.0
// One layer of the dense decoder: its weights, and its arithmetic in stages, for the decoder that
// runs through them and for those who look at what goes from one to the next (calibration).
//
//   heads   = attention_heads(w, x, pass, ctx)       [T, H D]
//   x'      = x + o heads
//   neurons = mlp_neurons(w, x', config, ctx)        [T, F]
//   result  = x' + down neurons
#pragma once

#include "models/config.h"
#include "models/schema.h"
#include "ops/attention.h"
#include "ops/layers.h"
#include "ops/linear.h"

namespace pangu {

/// Weights of one layer; n query heads H, key/value heads G of size D, hidden size E, width F.
struct DecoderLayer {
  Tensor attn_norm;       ///< [E]
  Linear qkv;             ///< [(H + 2 G) D, E]: queries, keys, values
  Tensor q_norm, k_norm;  ///< [D], or undefined
  Linear o;               ///< [E, H D]
  Tensor mlp_norm;        ///< [E]
  Linear gate_up;         ///< [2 F, E]: gates, then ups
  Linear down;            ///< [E, F]

  /// The product that reads this input.
  Linear& linear(TensorInput input);
  const Linear& linear(TensorInput input) const;
  /// The weights of a norm.
  Tensor& norm(TensorRole role);
};

/// What the attention of one layer reads besides weights and the residual stream.
struct AttentionPass {
  const ModelConfig& config;
  const Batch& batch;
  const ops::RopeAngles& angles;
  KvStorage* cache = nullptr;  ///< without one, tokens see the batch alone
  int64_t layer = 0;           ///< of the cache
};

/// softmax(q kᵀ / √D) v of the normed input, each token over its own past.
/// x f32 [T, E]. Returns what enters o: [T, H D] of type ctx.dtype().
Tensor attention_heads(const DecoderLayer& w, const Tensor& x, const AttentionPass& pass,
                       Context& ctx);

/// silu(gate f) * (up f) of the normed input f.
/// x f32 [T, E]. Returns what enters down: [T, F] of type ctx.dtype().
Tensor mlp_neurons(const DecoderLayer& w, const Tensor& x, const ModelConfig& config, Context& ctx);

}  // namespace pangu
