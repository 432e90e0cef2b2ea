// SPDX-License-Identifier: Apache-2.0
// T tokens in this pass, of any sequences; H query heads, G key/value heads, D head size, E hidden
// size, F MLP width. The residual stream x is f32; what enters a matrix product has ctx.dtype().
#include "models/decoder.h"

#include <cmath>
#include <utility>

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
Tensor Decoder::attend(const DecoderLayer& w, int64_t l, const Tensor& x, const Batch& batch,
                       const ops::RopeAngles& angles, KvStorage& cache, Context& ctx) const {
  using namespace ops;
  const int64_t H = config_.n_heads, G = config_.n_kv_heads, D = config_.head_dim;
  const auto eps = static_cast<float>(config_.rms_norm_eps);

  const Tensor h = rms_norm(x, w.attn_norm, eps, ctx.dtype(), ctx);  // [T, E]
  const Tensor qkv = linear(h, w.qkv, ctx);                          // [T, (H + 2 G) D]
  Tensor q = qkv.columns(0, H * D).split_last(H, D);
  Tensor k = qkv.columns(H * D, G * D).split_last(G, D);
  const Tensor v = qkv.columns((H + G) * D, G * D).split_last(G, D);
  if (w.q_norm.defined()) q = rms_norm(q, w.q_norm, eps, DType::kF32, ctx);
  if (w.k_norm.defined()) k = rms_norm(k, w.k_norm, eps, DType::kF32, ctx);
  kv_append(rope(k, angles, ctx), v, batch, cache, l, ctx);
  const float scale = 1.0f / std::sqrt(static_cast<float>(D));
  return attention(rope(q, angles, ctx), batch, cache, l, scale, ctx.dtype(), ctx);
}

Tensor Decoder::forward(const Batch& batch, KvStorage& cache, Context& ctx) const {
  using namespace ops;
  const auto eps = static_cast<float>(config_.rms_norm_eps);
  const PackedMatrix& table =
      weights_.embedding.defined() ? weights_.embedding : weights_.head.parts.front();
  const RopeAngles angles = rotary_.angles(batch.positions, ctx);
  Tensor x = embedding(batch.tokens, table, ctx);  // [T, E]

  for (int64_t l = 0; l < config_.n_layers; ++l) {
    const DecoderLayer& w = weights_.layers[static_cast<std::size_t>(l)];

    // x += Wo · attention
    Tensor a = attend(w, l, x, batch, angles, cache, ctx);
    if (l == config_.n_layers - 1) {
      // Nothing after the last attention looks at other rows: go on with those that matter.
      a = gather_rows(a, batch.logit_rows, ctx);
      x = gather_rows(x, batch.logit_rows, ctx);
    }
    x = linear_add(a, w.o, x, ctx);

    // x += Wdown · (silu(Wgate f) ⊙ Wup f)
    const Tensor f = rms_norm(x, w.mlp_norm, eps, ctx.dtype(), ctx);
    x = linear_add(silu_mul(linear(f, w.gate_up, ctx), ctx.dtype(), ctx), w.down, x, ctx);
  }
  return linear(rms_norm(x, weights_.final_norm, eps, ctx.dtype(), ctx), weights_.head, ctx);
}

}  // namespace pangu
