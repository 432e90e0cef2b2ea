// SPDX-License-Identifier: Apache-2.0
// T tokens in this pass, of any sequences; E hidden size. The residual stream x is f32.
#include "models/dense/decoder.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "ops/gather_rows.h"
#include "ops/rms_norm.h"
#include "ops/tape.h"

namespace pangu {

Decoder::Decoder(ModelConfig config, Weights weights)
    : LanguageModel(std::move(config)),
      weights_(std::move(weights)),
      rotary_(this->config().rope, this->config().head_dim,
              this->config().max_position_embeddings) {}

KvShape Decoder::kv_shape(KvFormat format) const {
  return {.n_layers = config().n_layers,
          .n_kv_heads = config().n_kv_heads,
          .head_dim = config().head_dim,
          .format = format};
}

const PackedMatrix& Decoder::embedding() const {
  return weights_.embedding.defined() ? weights_.embedding : weights_.head.parts.front();
}

std::vector<WeightUse> Decoder::weights() const {
  std::vector<WeightUse> all;
  for (std::size_t l = 0; l < weights_.layers.size(); ++l) {
    const DecoderLayer& w = weights_.layers[l];
    const bool is_last = l + 1 == weights_.layers.size();
    const auto layer = static_cast<std::int64_t>(l);
    const auto vector = [&](const Tensor& x, bool every) {
      if (x.defined()) all.push_back({.layer = layer, .vector = &x, .by_every_token = every});
    };
    const auto product = [&](TensorInput input, bool every) {
      all.push_back(
          {.layer = layer, .input = input, .product = &w.linear(input), .by_every_token = every});
    };
    vector(w.attn_norm, true);
    product(TensorInput::kAttentionNorm, true);
    vector(w.q_norm, true);
    vector(w.k_norm, true);
    // Behind the last attention only the rows that matter go on.
    product(TensorInput::kHeads, !is_last);
    vector(w.attn_post_norm, !is_last);
    vector(w.mlp_norm, !is_last);
    product(TensorInput::kMlpNorm, !is_last);
    product(TensorInput::kNeurons, !is_last);
    vector(w.mlp_post_norm, !is_last);
  }
  all.push_back({.vector = &weights_.final_norm, .by_every_token = false});
  all.push_back(
      {.input = TensorInput::kFinalNorm, .product = &weights_.head, .by_every_token = false});
  return all;
}

Tensor Decoder::layer(int64_t l, const Tensor& input, const Pass& pass, Context& ctx) const {
  const DecoderLayer& w = weights_.layers[static_cast<std::size_t>(l)];
  Tensor x = input;
  Tensor heads = attention_heads(w, attention_input(w, x, ctx),
                                 {config(), pass.batch, pass.angles, pass.cache, l}, ctx);
  if (pass.narrows && l == pass.layers - 1) {
    // Nothing after the last attention looks at other rows: go on with those that matter.
    heads = ops::gather_rows(heads, pass.batch.logit_rows, ctx);
    x = ops::gather_rows(x, pass.batch.logit_rows, ctx);
  }
  x = attention_sum(w, heads, x, ctx);
  return mlp_sum(w, mlp_neurons(w, mlp_input(w, x, ctx), ctx), x, ctx);
}

namespace {

/// The layers that a pass runs. Throws ShapeError for options that do not go together.
int64_t layers_of_pass(const PassOptions& options, int64_t all) {
  int64_t deepest = -1;
  for (const LayerStream& stream : options.streams) {
    if (stream.layers < 0 || stream.layers > all) {
      fail<ShapeError>(
          "[model] the residual stream behind {} layers was asked for. The model has {}: 0 to {} "
          "were expected.",
          stream.layers, all, all);
    }
    deepest = std::max(deepest, stream.layers);
  }
  if (options.streams_only) {
    if (deepest >= 0 && !options.layers && !options.hidden) return deepest;
    fail<ShapeError>(
        "[model] a pass for residual streams alone was asked for {}. Name at least one stream, and "
        "nothing else.",
        deepest < 0 ? "without any of them" : "with other layers or states beside them");
  }
  const int64_t layers = options.layers.value_or(all);
  if (deepest < layers) return layers;
  fail<ShapeError>(
      "[model] the residual stream behind {} layers was asked for in a pass of {}, whose last one "
      "computes only rows that give logits. Ask for one before, or for streams only.",
      deepest, layers);
}

void keep_stream(std::span<LayerStream> streams, int64_t layers, const Tensor& x) {
  for (LayerStream& stream : streams) {
    if (stream.layers == layers) stream.states = x;
  }
}

}  // namespace

/// The residual stream behind the last layer of the pass, of the rows that it goes on with.
Tensor Decoder::run_layers(const Pass& pass, Context& ctx) const {
  Tensor x = ops::embedding(pass.batch.tokens, embedding(), ctx);  // [T, E]
  const bool recompute = ctx.tape() && ctx.tape()->recomputes_layers();
  keep_stream(pass.streams, 0, x);
  for (int64_t l = 0; l < pass.layers; ++l) {
    x = recompute
            ? ops::checkpoint(
                  x, [=, this, &ctx](const Tensor& in) { return layer(l, in, pass, ctx); }, ctx)
            : layer(l, x, pass, ctx);
    keep_stream(pass.streams, l + 1, x);
  }
  return x;
}

Tensor Decoder::final_norm(const Tensor& x, Context& ctx) const {
  return ops::rms_norm(x, weights_.final_norm, static_cast<float>(config().rms_norm_eps),
                       ctx.dtype(), ctx);
}

Tensor Decoder::forward(const Batch& batch, KvStorage& cache, Context& ctx,
                        const PassOptions& options) const {
  const Tensor x = run_layers({.batch = batch,
                               .cache = &cache,
                               .layers = layers_of_pass(options, config().n_layers),
                               .narrows = !options.streams_only,
                               .angles = rotary_.angles(batch.positions, ctx),
                               .streams = options.streams},
                              ctx);
  if (options.streams_only) return {};
  const Tensor states = final_norm(x, ctx);
  if (options.hidden) *options.hidden = states;
  if (options.hidden_only) return {};
  return ops::linear(states, weights_.head, ctx);
}

Tensor Decoder::hidden_states(const Batch& batch, Context& ctx) const {
  const Tensor x = run_layers({.batch = batch,
                               .cache = nullptr,
                               .layers = config().n_layers,
                               .angles = rotary_.angles(batch.positions, ctx)},
                              ctx);
  return final_norm(x, ctx);
}

}  // namespace pangu
