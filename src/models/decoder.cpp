// SPDX-License-Identifier: Apache-2.0
// T tokens in this pass, of any sequences; H query heads, G key/value heads, D head size, E hidden
// size, F MLP width. The residual stream x is f32; what enters a matrix product has ctx.dtype().
#include "models/decoder.h"

#include <cmath>
#include <utility>

#include "ops/causal_attention.h"
#include "ops/tape.h"

namespace pangu {

Decoder::Decoder(ModelConfig config, Weights weights)
    : config_(std::move(config)),
      weights_(std::move(weights)),
      rotary_(config_.rope, config_.head_dim, config_.max_position_embeddings) {}

KvShape Decoder::kv_shape(KvFormat format) const {
  return {.n_layers = config_.n_layers,
          .n_kv_heads = config_.n_kv_heads,
          .head_dim = config_.head_dim,
          .format = format};
}

/// softmax(q kᵀ / √D) v of the normed input, each token over its own past: [T, H D].
Tensor Decoder::attend(int64_t l, const Tensor& x, const Pass& pass, Context& ctx) const {
  using namespace ops;
  const DecoderLayer& w = weights_.layers[static_cast<std::size_t>(l)];
  const int64_t H = config_.n_heads, G = config_.n_kv_heads, D = config_.head_dim;
  const auto eps = static_cast<float>(config_.rms_norm_eps);

  const Tensor h = rms_norm(x, w.attn_norm, eps, ctx.dtype(), ctx);  // [T, E]
  const Tensor qkv = linear(h, w.qkv, ctx);                          // [T, (H + 2 G) D]
  Tensor q = qkv.columns(0, H * D).split_last(H, D);
  Tensor k = qkv.columns(H * D, G * D).split_last(G, D);
  const Tensor v = qkv.columns((H + G) * D, G * D).split_last(G, D);
  if (w.q_norm.defined()) q = rms_norm(q, w.q_norm, eps, DType::kF32, ctx);
  if (w.k_norm.defined()) k = rms_norm(k, w.k_norm, eps, DType::kF32, ctx);
  q = rope(q, pass.angles, ctx);
  k = rope(k, pass.angles, ctx);
  const float scale = 1.0f / std::sqrt(static_cast<float>(D));
  if (!pass.cache) return causal_attention(q, k, v, pass.batch, scale, ctx.dtype(), ctx);
  kv_append(k, v, pass.batch, *pass.cache, l, ctx);
  return attention(q, pass.batch, *pass.cache, l, scale, ctx.dtype(), ctx);
}

Tensor Decoder::layer(int64_t l, const Tensor& input, const Pass& pass, Context& ctx) const {
  using namespace ops;
  const DecoderLayer& w = weights_.layers[static_cast<std::size_t>(l)];
  const auto eps = static_cast<float>(config_.rms_norm_eps);
  Tensor x = input, a = attend(l, x, pass, ctx);
  if (l == pass.layers - 1) {
    // Nothing after the last attention looks at other rows: go on with those that matter.
    a = gather_rows(a, pass.batch.logit_rows, ctx);
    x = gather_rows(x, pass.batch.logit_rows, ctx);
  }
  // x += Wo · attention
  x = linear_add(a, w.o, x, ctx);
  // x += Wdown · (silu(Wgate f) ⊙ Wup f)
  const Tensor f = rms_norm(x, w.mlp_norm, eps, ctx.dtype(), ctx);
  return linear_add(silu_mul(linear(f, w.gate_up, ctx), ctx.dtype(), ctx), w.down, x, ctx);
}

/// The normed states behind the last of `layers` layers: [logit rows, E].
Tensor Decoder::hidden(const Batch& batch, KvStorage* cache, int64_t layers, Context& ctx) const {
  const PackedMatrix& table =
      weights_.embedding.defined() ? weights_.embedding : weights_.head.parts.front();
  const Pass pass{batch, cache, layers, rotary_.angles(batch.positions, ctx)};
  Tensor x = ops::embedding(batch.tokens, table, ctx);  // [T, E]
  const bool recompute = ctx.tape() && ctx.tape()->recomputes_layers();
  for (int64_t l = 0; l < layers; ++l) {
    x = recompute
            ? ops::checkpoint(
                  x, [=, this, &ctx](const Tensor& in) { return layer(l, in, pass, ctx); }, ctx)
            : layer(l, x, pass, ctx);
  }
  return ops::rms_norm(x, weights_.final_norm, static_cast<float>(config_.rms_norm_eps),
                       ctx.dtype(), ctx);
}

Tensor Decoder::forward(const Batch& batch, KvStorage& cache, Context& ctx, int64_t layers) const {
  return ops::linear(hidden(batch, &cache, layers, ctx), weights_.head, ctx);
}

Tensor Decoder::hidden_states(const Batch& batch, Context& ctx) const {
  return hidden(batch, nullptr, config_.n_layers, ctx);
}

}  // namespace pangu
