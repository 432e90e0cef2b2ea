// SPDX-License-Identifier: Apache-2.0
// T tokens in this pass, of any sequences; E hidden size. The residual stream x is f32.
#include "models/decoder.h"

#include <utility>

#include "ops/gather_rows.h"
#include "ops/rms_norm.h"
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
  const DecoderLayer& w = weights_.layers[static_cast<std::size_t>(l)];
  Tensor x = input;
  Tensor heads = attention_heads(w, attention_input(w, x, ctx),
                                 {config_, pass.batch, pass.angles, pass.cache, l}, ctx);
  if (l == pass.layers - 1) {
    // Nothing after the last attention looks at other rows: go on with those that matter.
    heads = ops::gather_rows(heads, pass.batch.logit_rows, ctx);
    x = ops::gather_rows(x, pass.batch.logit_rows, ctx);
  }
  x = attention_sum(w, heads, x, ctx);
  return mlp_sum(w, mlp_neurons(w, mlp_input(w, x, ctx), ctx), x, ctx);
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
