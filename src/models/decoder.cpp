// SPDX-License-Identifier: Apache-2.0
// T tokens in this pass, of any sequences; E hidden size. The residual stream x is f32.
#include "models/decoder.h"

#include <utility>

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

Tensor Decoder::layer(int64_t l, const Tensor& input, const Pass& pass, Context& ctx) const {
  using namespace ops;
  const DecoderLayer& w = weights_.layers[static_cast<std::size_t>(l)];
  Tensor x = input;
  Tensor a = attention_heads(w, x, {config_, pass.batch, pass.angles, pass.cache, l}, ctx);
  if (l == pass.layers - 1) {
    // Nothing after the last attention looks at other rows: go on with those that matter.
    a = gather_rows(a, pass.batch.logit_rows, ctx);
    x = gather_rows(x, pass.batch.logit_rows, ctx);
  }
  // x += Wo · attention
  x = linear_add(a, w.o, x, ctx);
  // x += Wdown · (silu(Wgate f) ⊙ Wup f)
  return linear_add(mlp_neurons(w, x, config_, ctx), w.down, x, ctx);
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
