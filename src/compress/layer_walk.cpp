// SPDX-License-Identifier: Apache-2.0
#include "compress/layer_walk.h"

#include <utility>

#include "base/error.h"
#include "models/decoder_load.h"
#include "train/document_rows.h"

namespace pangu::compress {
namespace {

/// Rows of the table, decoded from where they are stored.
Tensor embed(std::span<const TokenId> tokens, const StoredMatrix& table, Context& ctx) {
  const auto n = static_cast<std::int64_t>(tokens.size());
  Tensor x = ctx.empty({n, table.k}, DType::kF32);
  for (std::int64_t t = 0; t < n; ++t) {
    const TokenId id = tokens[static_cast<std::size_t>(t)];
    if (id < 0 || id >= table.rows) {
      fail<InputError>("[calibration] token id {} is not among the {} of the vocabulary.", id,
                       table.rows);
    }
    decode_row(table.row(id), table.k, x.data<float>() + t * table.k);
  }
  return x;
}

}  // namespace

LayerWalk::LayerWalk(const ModelConfig& config, WeightSource& source,
                     std::span<const TokenBatch> sequences, Context& ctx)
    : config_(config),
      source_(source),
      ctx_(ctx),
      rotary_(config.rope, config.head_dim, config.max_position_embeddings) {
  const TensorSpec embedding = tensor_of(config, TensorRole::kEmbedding);
  const StoredMatrix table = source.matrix(embedding.name, embedding.rows, embedding.k);
  for (const TokenBatch& sequence : sequences) {
    batches_.push_back(DocumentRows(sequence).batch);
    outputs_.push_back(embed(sequence.tokens, table, ctx));
  }
  source.release(embedding.name);
}

bool LayerWalk::next() {
  if (index_ + 1 >= config_.n_layers) return false;
  ++index_;
  inputs_ = std::exchange(outputs_, {});
  heads_.clear(), middles_.clear(), neurons_.clear();
  layer_ = {};  // two layers are never in memory
  layer_ = load_decoder_layer(config_, index_, source_, ctx_);
  return true;
}

void LayerWalk::run_attention() {
  for (std::size_t i = 0; i < batches_.size(); ++i) {
    const ops::RopeAngles angles = rotary_.angles(batches_[i].positions, ctx_);
    heads_.push_back(attention_heads(
        layer_, inputs_[i],
        {.config = config_, .batch = batches_[i], .angles = angles, .layer = index_}, ctx_));
  }
}

void LayerWalk::add_attention() {
  for (std::size_t i = 0; i < batches_.size(); ++i) {
    middles_.push_back(ops::linear_add(heads_[i], layer_.o, inputs_[i], ctx_));
  }
}

void LayerWalk::run_neurons() {
  for (const Tensor& x : middles_) {
    neurons_.push_back(mlp_neurons(layer_, x, config_, ctx_));
  }
}

void LayerWalk::add_neurons() {
  for (std::size_t i = 0; i < batches_.size(); ++i) {
    outputs_.push_back(ops::linear_add(neurons_[i], layer_.down, middles_[i], ctx_));
  }
}

Tensor LayerWalk::attention_input(std::size_t sequence) const {
  return ops::rms_norm(inputs_[sequence], layer_.attn_norm,
                       static_cast<float>(config_.rms_norm_eps), ctx_.dtype(), ctx_);
}

Tensor LayerWalk::mlp_input(std::size_t sequence) const {
  return ops::rms_norm(middles_[sequence], layer_.mlp_norm,
                       static_cast<float>(config_.rms_norm_eps), ctx_.dtype(), ctx_);
}

}  // namespace pangu::compress
