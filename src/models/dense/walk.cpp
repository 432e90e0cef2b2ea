// SPDX-License-Identifier: Apache-2.0
// Texts on their way through the layers of a dense decoder.
#include <utility>

#include "base/error.h"
#include "models/blocks/rotary.h"
#include "models/dense/build.h"
#include "models/dense/dense.h"
#include "models/weights/load.h"
#include "ops/host.h"

namespace pangu {
namespace {

/// Rows of the table, decoded from where they are stored: the whole of it need not be in memory.
Tensor embed(std::span<const TokenId> tokens, const StoredMatrix& table, Context& ctx) {
  const auto n = static_cast<std::int64_t>(tokens.size());
  std::vector<float> rows(static_cast<std::size_t>(n * table.k));
  for (std::int64_t t = 0; t < n; ++t) {
    const TokenId id = tokens[static_cast<std::size_t>(t)];
    if (id < 0 || id >= table.rows) {
      fail<InputError>("[calibration] token id {} is not among the {} of the vocabulary.", id,
                       table.rows);
    }
    decode_row(table.row(id), table.k, rows.data() + t * table.k);
  }
  Tensor x = ctx.empty({n, table.k}, DType::kF32);
  copy_from_host(x, rows);
  return x;
}

class DenseWalk final : public LayerWalk {
 public:
  DenseWalk(const ModelConfig& config, WeightSource& source, std::vector<Batch> texts,
            Context& ctx);

  bool next_layer() override;
  Linear& linear() override { return weights_.linear(stage_); }
  void advance() override;

 private:
  void run_attention();

  const ModelConfig& config_;
  WeightSource& source_;
  Context& ctx_;
  Rotary rotary_;
  std::vector<Batch> texts_;
  DecoderLayer weights_;
  std::vector<Tensor> middles_;  ///< the residual stream between the two branches
};

DenseWalk::DenseWalk(const ModelConfig& config, WeightSource& source, std::vector<Batch> texts,
                     Context& ctx)
    : config_(config),
      source_(source),
      ctx_(ctx),
      rotary_(config.rope, config.head_dim, config.max_position_embeddings),
      texts_(std::move(texts)) {
  const TensorSpec embedding = tensor_of(config, TensorRole::kEmbedding);
  const StoredMatrix table = source.matrix(embedding.name, embedding.rows, embedding.k);
  for (const Batch& text : texts_) outputs_.push_back(embed(text.tokens, table, ctx));
  source.release(embedding.name);
}

bool DenseWalk::next_layer() {
  if (layer_ + 1 >= config_.n_layers) return false;
  ++layer_;
  inputs_ = std::exchange(outputs_, {});
  weights_ = {};  // two layers are never in memory
  weights_ = build_decoder_layer(config_, layer_, *stored_weights(config_, source_, {}, ctx_));
  stage_ = TensorInput::kAttentionNorm;
  stage_inputs_.clear();
  for (const Tensor& x : inputs_) stage_inputs_.push_back(attention_input(weights_, x, ctx_));
  return true;
}

void DenseWalk::run_attention() {
  for (std::size_t i = 0; i < texts_.size(); ++i) {
    const ops::RopeAngles angles = rotary_.angles(texts_[i].positions, ctx_);
    const AttentionPass pass{
        .config = config_, .batch = texts_[i], .angles = angles, .layer = layer_};
    stage_inputs_[i] = attention_heads(weights_, stage_inputs_[i], pass, ctx_);
  }
}

void DenseWalk::advance() {
  switch (stage_) {
    case TensorInput::kAttentionNorm:
      run_attention();
      stage_ = TensorInput::kHeads;
      break;
    case TensorInput::kHeads:
      middles_.clear();
      for (std::size_t i = 0; i < texts_.size(); ++i) {
        middles_.push_back(attention_sum(weights_, stage_inputs_[i], inputs_[i], ctx_));
        stage_inputs_[i] = mlp_input(weights_, middles_[i], ctx_);
      }
      stage_ = TensorInput::kMlpNorm;
      break;
    case TensorInput::kMlpNorm:
      for (Tensor& x : stage_inputs_) x = mlp_neurons(weights_, x, ctx_);
      stage_ = TensorInput::kNeurons;
      break;
    case TensorInput::kNeurons:
      for (std::size_t i = 0; i < texts_.size(); ++i) {
        outputs_.push_back(mlp_sum(weights_, stage_inputs_[i], middles_[i], ctx_));
      }
      stage_ = TensorInput::kNone;
      break;
    case TensorInput::kNone:
    case TensorInput::kFinalNorm:
      break;
  }
}

}  // namespace

std::unique_ptr<LayerWalk> walk_dense(const ModelConfig& config, WeightSource& source,
                                      std::vector<Batch> texts, Context& ctx) {
  return std::make_unique<DenseWalk>(config, source, std::move(texts), ctx);
}

}  // namespace pangu
