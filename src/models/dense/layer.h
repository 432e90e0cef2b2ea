// SPDX-License-Identifier: Apache-2.0
// One layer of the dense decoder: its weights, and its arithmetic in stages, for the decoder that
// runs through them and for those who look at what goes from one to the next (models/layer_walk.h).
//
//   h       = attention_input(w, x)                [T, E]
//   heads   = attention_heads(w, h, pass)          [T, H D]
//   x'      = attention_sum(w, heads, x)           [T, E]
//   f       = mlp_input(w, x')                     [T, E]
//   neurons = mlp_neurons(w, f)                    [T, F]
//   result  = mlp_sum(w, neurons, x')              [T, E]
//
// The residual stream x is f32; what enters a matrix product has ctx.dtype().
#pragma once

#include "models/config/config.h"
#include "models/schema.h"
#include "ops/linear.h"
#include "ops/paged_attention.h"
#include "ops/rope.h"

namespace pangu {

/// Weights of one layer; n query heads H, key/value heads G of size D, hidden size E, width F.
struct DecoderLayer {
  Tensor attn_norm;       ///< [E]
  Linear qkv;             ///< [(H + 2 G) D, E]: queries, keys, values
  Tensor q_norm, k_norm;  ///< [D], or undefined
  Linear o;               ///< [E, H D]
  Tensor attn_post_norm;  ///< [E] of sandwich norms, or undefined
  Tensor mlp_norm;        ///< [E]
  Linear gate_up;         ///< [2 F, E]: gates, then ups
  Linear down;            ///< [E, F]
  Tensor mlp_post_norm;   ///< [E] of sandwich norms, or undefined
  float eps = 0;          ///< of all norms

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

/// norm(x): what enters q, k and v.
Tensor attention_input(const DecoderLayer& w, const Tensor& x, Context& ctx);
/// softmax(q kᵀ / √D) v, each token over its own past: what enters o.
Tensor attention_heads(const DecoderLayer& w, const Tensor& input, const AttentionPass& pass,
                       Context& ctx);
/// x + o heads; x + norm(o heads) with sandwich norms.
Tensor attention_sum(const DecoderLayer& w, const Tensor& heads, const Tensor& x, Context& ctx);

/// norm(x): what enters gate and up.
Tensor mlp_input(const DecoderLayer& w, const Tensor& x, Context& ctx);
/// silu(gate f) * (up f) of the input f: what enters down.
Tensor mlp_neurons(const DecoderLayer& w, const Tensor& input, Context& ctx);
/// x + down neurons; x + norm(down neurons) with sandwich norms.
/// Source of sandwich norms: Pangu Ultra, arXiv:2504.07866.
Tensor mlp_sum(const DecoderLayer& w, const Tensor& neurons, const Tensor& x, Context& ctx);

}  // namespace pangu
